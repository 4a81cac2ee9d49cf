//! Exercises, textbooks and code; the tokenizer; and the tokens in rows.

use super::Running;
use crate::AblationError;
use crate::folder::write_json;
use crate::plan::hash_documents;
use crate::recipe::CorpusRecipe;
use phi_corpus::{
    CorpusError, CorpusStats, Document, END_OF_TEXT_ID, EncodedExercise, Exercise, LossOn, encode, generate_checked,
    generate_textbooks, load_corpus, pack, pack_exercises, sample_documents, save_tokenizer, stdlib_sources,
    train_tokenizer, write_jsonl,
};
use phi_model::PackedTokens;
use phi_suites::LimitsConfig;
use std::path::Path;

/// What the corpus holds, in numbers.
pub(crate) const CORPUS_STATS: &str = "stats.json";

/// The exercises that models are scored on.
pub(crate) const HELD_OUT: &str = "held-out.jsonl";

const OUTPUTS: &[&str] = &[
    CORPUS_STATS,
    HELD_OUT,
    "exercises.jsonl",
    "textbooks.jsonl",
    "tokenizer.json",
    "pretrain.tokens",
    "pretrain-validation.tokens",
    "align.tokens",
    "align-validation.tokens",
];

/// Rows that are kept apart to measure the loss on; fewer where there are few.
const VALIDATION_ROWS: usize = 32;

pub(super) fn run(
    r: &Running<'_>,
    recipe: &CorpusRecipe,
    code_hash: &str,
) -> Result<&'static [&'static str], AblationError> {
    let dir = r.dir();
    let mut stats = CorpusStats::default();
    let code = match &r.plan.code_path {
        Some(path) => {
            let loaded = load_corpus(path)?;
            if hash_documents(&loaded.documents) != code_hash {
                return Err(AblationError::CodeChanged(path.clone()));
            }
            stats.skipped = loaded.skipped;
            loaded.documents
        }
        None => stdlib_sources()?,
    };
    let code = sample_documents(code, recipe.code_bytes, recipe.seed);
    let judge = r.context.judge(LimitsConfig::default())?;
    let total = recipe.exercises + recipe.held_out;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let checked = generate_checked(recipe.seed, recipe.exercises, recipe.held_out, &judge, threads, &|done| {
        (r.progress)(0.9 * done as f64 / total as f64, &format!("checking exercises: {done} of {total}"));
    });
    if r.is_interrupted() {
        return Err(AblationError::Interrupted);
    }
    let (set, report) = checked?;
    (r.progress)(0.9, "writing textbooks");
    let textbooks = generate_textbooks(recipe.seed, recipe.textbooks);
    stats.add_report(&report);

    (r.progress)(0.93, "training the tokenizer");
    let exercise_texts: Vec<String> = set.train.iter().map(Exercise::training_text).collect();
    let documents: Vec<&Document> = code.iter().chain(&textbooks).collect();
    let texts = documents.iter().map(|d| d.text.as_str()).chain(exercise_texts.iter().map(String::as_str));
    let tokenizer = train_tokenizer(texts.collect::<Vec<_>>(), recipe.vocab_size)?;

    (r.progress)(0.96, "packing tokens");
    for document in &documents {
        stats.add_document(document, &tokenizer)?;
    }
    let mut order: Vec<usize> = (0..documents.len()).collect();
    shuffle(&mut order, recipe.seed);
    let encoded: Result<Vec<_>, CorpusError> = order.iter().map(|&i| encode(&tokenizer, &documents[i].text)).collect();
    split_and_save(pack(encoded?, END_OF_TEXT_ID, recipe.seq_len), &dir, "pretrain")?;

    let mut exercises = Vec::with_capacity(set.train.len());
    for exercise in &set.train {
        stats.add_exercise(exercise, &tokenizer)?;
        let prompt = encode(&tokenizer, &exercise.prompt)?;
        let body = encode(&tokenizer, &format!("{}\n", exercise.canonical_solution))?;
        exercises.push(EncodedExercise { prompt, body });
    }
    let packed = pack_exercises(exercises, END_OF_TEXT_ID, recipe.seq_len, LossOn::Body);
    stats.too_long = packed.num_too_long;
    split_and_save(packed.rows, &dir, "align")?;

    save_tokenizer(&tokenizer, &dir.join("tokenizer.json"))?;
    write_jsonl(&dir.join("exercises.jsonl"), &set.train)?;
    write_jsonl(&dir.join(HELD_OUT), &set.heldout)?;
    write_jsonl(&dir.join("textbooks.jsonl"), &textbooks)?;
    write_json(&dir.join(CORPUS_STATS), &stats)?;
    Ok(OUTPUTS)
}

/// Keeps the last rows apart for validation and writes both parts.
fn split_and_save(mut rows: PackedTokens, dir: &Path, name: &str) -> Result<(), AblationError> {
    let validation = rows.split_off_last(VALIDATION_ROWS.min(rows.num_rows() / 4));
    rows.save(&dir.join(format!("{name}.tokens")))?;
    Ok(validation.save(&dir.join(format!("{name}-validation.tokens")))?)
}

/// Mixes code and textbooks, so that the rows kept apart hold both.
fn shuffle(order: &mut [usize], seed: u64) {
    use sha2::{Digest, Sha256};
    order.sort_by_cached_key(|i| Sha256::digest(format!("{seed} document {i}")).to_vec());
}
