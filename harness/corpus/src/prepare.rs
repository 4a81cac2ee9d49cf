//! A user's text as rows of tokens, ready to train on.

use std::path::Path;

use phi_model::PackedTokens;
use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use crate::error::CorpusError;
use crate::pack;
use crate::packed_folder::PackedFolder;
use crate::sources::{Skipped, load_corpus, sample_documents};
use crate::tokenizer::{END_OF_TEXT, encode, load_tokenizer, train_tokenizer};

/// Rows that are kept apart to measure the loss on; fewer where there are few.
const VALIDATION_ROWS: usize = 32;

/// Text as tokens.
#[derive(Debug)]
pub struct Prepared {
    /// What made them.
    pub tokenizer: Tokenizer,
    /// Id of the token between documents.
    pub end_of_text: u32,
    /// Rows to train on.
    pub train: PackedTokens,
    /// Rows kept apart.
    pub validation: PackedTokens,
    /// Documents in both.
    pub documents: usize,
    /// What was passed over.
    pub skipped: Skipped,
    /// SHA-256 over all documents, in hex: the data's identity.
    pub hash: String,
}

/// Takes a folder that `corpus pack` made as it is ([`PackedFolder`]); otherwise reads documents ([`load_corpus`]), shuffles them by `seed`, and packs their tokens, each document followed by
/// [`END_OF_TEXT`], into rows of `seq_len`. The last rows are kept apart for validation.
///
/// # Errors
/// The documents or the tokenizer can't be read; the tokenizer has no [`END_OF_TEXT`]; there isn't text for two rows.
pub fn prepare(
    data: &Path,
    tokenizer: Option<&Path>,
    vocab_size: usize,
    seq_len: usize,
    seed: u64,
) -> Result<Prepared, CorpusError> {
    if PackedFolder::is_one(data) {
        return packed(data, seq_len);
    }
    let loaded = load_corpus(data)?;
    let mut hash = Sha256::new();
    for document in &loaded.documents {
        hash.update((document.text.len() as u64).to_le_bytes());
        hash.update(&document.text);
    }
    let documents = sample_documents(loaded.documents, usize::MAX, seed);
    let tokenizer = match tokenizer {
        Some(path) => load_tokenizer(path)?,
        None => {
            train_tokenizer(documents.iter().map(|document| document.text.as_str()).collect::<Vec<_>>(), vocab_size)?
        }
    };
    let end_of_text = tokenizer
        .token_to_id(END_OF_TEXT)
        .ok_or_else(|| CorpusError::Tokenizer(format!("the tokenizer has no token {END_OF_TEXT}")))?;
    let encoded: Vec<_> = documents.iter().map(|it| encode(&tokenizer, &it.text)).collect::<Result<_, _>>()?;
    let mut train = pack(encoded, end_of_text, seq_len);
    let validation = train.split_off_last(VALIDATION_ROWS.min(train.num_rows() / 4).max(1));
    if train.num_rows() == 0 {
        return Err(CorpusError::TooLittle { path: data.to_owned(), seq_len });
    }
    let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Prepared {
        tokenizer,
        end_of_text,
        train,
        validation,
        documents: documents.len(),
        skipped: loaded.skipped,
        hash,
    })
}

/// What a folder of packed tokens holds, without encoding anything.
fn packed(dir: &Path, seq_len: usize) -> Result<Prepared, CorpusError> {
    let PackedFolder { manifest, tokenizer, train, validation } = PackedFolder::open(dir)?;
    if train.seq_len() != seq_len {
        return Err(CorpusError::OtherRows { path: dir.to_owned(), found: train.seq_len(), wanted: seq_len });
    }
    Ok(Prepared {
        tokenizer,
        end_of_text: manifest.end_of_text,
        train,
        validation,
        documents: manifest.documents as usize,
        skipped: Skipped::default(),
        hash: manifest.hash,
    })
}
