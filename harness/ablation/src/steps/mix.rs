//! Another choice of the corpus' documents, in rows: what an arm of a data ablation is pretrained on.
//!
//! The corpus' tokenizer is used, and its validation rows stay as they are, so that the losses of all arms can be compared;
//! no document that is part of them is taken.

use super::corpus::{TO_MIX, users_documents};
use super::{Running, names};
use crate::AblationError;
use crate::recipe::DataRecipe;
use phi_corpus::filter::filtered_subset;
use phi_corpus::label::rubric;
use phi_corpus::{CorpusError, Document, END_OF_TEXT_ID, Kind, encode, load_tokenizer, pack, read_jsonl};
use sha2::{Digest, Sha256};

const TOKENS: &str = "pretrain.tokens";

/// Of so many documents one is labelled for the filter.
const LABELLED: usize = 2;

/// The rubric's labels of every second document, which the filter learns from. phi-1 too labelled a part and let a forest
/// judge the rest; a part so large is needed where there are hundreds of documents and not millions. The documents' order is
/// drawn at random.
fn labels(code: &[Document]) -> Vec<(usize, f64)> {
    let places = (0..code.len()).step_by(LABELLED);
    places.map(|place| (place, rubric(&code[place].text).points)).collect()
}

pub(super) fn run(
    r: &Running<'_>,
    data: &DataRecipe,
    documents_hash: &str,
    seed: u64,
    seq_len: usize,
) -> Result<Vec<String>, AblationError> {
    let corpus = r.input(0);
    let documents: Result<Vec<Document>, CorpusError> = read_jsonl(&corpus.join(TO_MIX))?.collect();
    let documents = documents?;
    let mut chosen: Vec<Document> = Vec::new();
    for (kind, share) in [(Kind::Code, data.code), (Kind::Textbook, data.textbooks), (Kind::Exercise, data.exercises)] {
        let of_kind: Vec<&Document> = documents.iter().filter(|d| d.kind == kind).collect();
        let count = (share * of_kind.len() as f64).ceil() as usize;
        chosen.extend(of_kind.into_iter().take(count).cloned());
    }
    if data.filtered_code > 0.0 {
        let code: Vec<Document> = documents.iter().filter(|d| d.kind == Kind::Code).cloned().collect();
        chosen.extend(filtered_subset(&code, &labels(&code), data.filtered_code, seed)?);
    }
    chosen.extend(users_documents(r, documents_hash)?.into_iter().flat_map(|loaded| loaded.documents));
    chosen.sort_by_cached_key(|d| Sha256::digest(format!("{seed} mix {} {}", d.id, d.source)).to_vec());

    r.report(0.3, "packing tokens");
    let tokenizer = load_tokenizer(&corpus.join("tokenizer.json"))?;
    let encoded: Result<Vec<_>, CorpusError> = chosen.iter().map(|d| encode(&tokenizer, &d.text)).collect();
    let rows = pack(encoded?, END_OF_TEXT_ID, seq_len);
    if rows.num_rows() == 0 {
        let label = r.plan.steps[r.index].label.replacen("mix ", "", 1);
        let reason = format!("[data.{label}] leaves less than a row of {seq_len} tokens; take more of the corpus");
        return Err(AblationError::Recipe(reason));
    }
    rows.save(&r.dir().join(TOKENS))?;
    Ok(names(&[TOKENS]))
}
