//! Exercises, textbooks and code; the tokenizer; and the tokens in rows.

use super::{Running, names};
use crate::AblationError;
use crate::folder::write_json;
use crate::plan::hash_documents;
use crate::recipe::CorpusRecipe;
use phi_corpus::{
    CorpusError, CorpusStats, Document, END_OF_TEXT_ID, EncodedExercise, Exercise, Kind, Loaded, LossOn, Tokenizer,
    encode, generate_checked, generate_textbooks, load_corpus, pack, pack_exercises, sample_documents, save_tokenizer,
    stdlib_sources, train_tokenizer, write_jsonl,
};
use phi_model::PackedTokens;
use phi_suites::LimitsConfig;
use std::path::Path;

/// What the corpus holds, in numbers.
pub(crate) const CORPUS_STATS: &str = "stats.json";

/// The exercises that models are scored on.
pub(crate) const HELD_OUT: &str = "held-out.jsonl";

/// The documents that another choice can be packed of: none that the validation rows hold a part of.
pub(super) const TO_MIX: &str = "documents.jsonl";

const OUTPUTS: &[&str] = &[
    TO_MIX,
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

pub(super) fn run(r: &Running<'_>, recipe: &CorpusRecipe, code_hash: &str) -> Result<Vec<String>, AblationError> {
    let dir = r.dir();
    let mut stats = CorpusStats::default();
    let code = match users_documents(r, code_hash)? {
        Some(loaded) => {
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
        r.report(0.9 * done as f64 / total as f64, &format!("checking exercises: {done} of {total}"));
    });
    if r.is_interrupted() {
        return Err(AblationError::Interrupted);
    }
    let (set, report) = checked?;
    r.report(0.9, "writing textbooks");
    let textbooks = generate_textbooks(recipe.seed, recipe.textbooks);
    stats.add_report(&report);

    r.report(0.93, "training the tokenizer");
    let exercise_texts: Vec<String> = set.train.iter().map(Exercise::training_text).collect();
    let documents: Vec<&Document> = code.iter().chain(&textbooks).collect();
    let texts = documents.iter().map(|d| d.text.as_str()).chain(exercise_texts.iter().map(String::as_str));
    let tokenizer = train_tokenizer(texts.collect::<Vec<_>>(), recipe.vocab_size)?;

    r.report(0.96, "packing tokens");
    for document in &documents {
        stats.add_document(document, &tokenizer)?;
    }
    let mut order: Vec<usize> = (0..documents.len()).collect();
    shuffle(&mut order, recipe.seed);
    let ordered: Vec<&Document> = order.iter().map(|&i| documents[i]).collect();
    let encoded: Result<Vec<_>, CorpusError> = ordered.iter().map(|d| encode(&tokenizer, &d.text)).collect();
    let encoded = encoded?;
    let lengths: Vec<usize> = encoded.iter().map(|tokens| tokens.len() + 1).collect();
    let train_rows = split_and_save(pack(encoded, END_OF_TEXT_ID, recipe.seq_len), &dir, "pretrain")?;
    let mut ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    let whole = ends.position(|end| end > train_rows * recipe.seq_len).unwrap_or(ordered.len());
    let mut to_mix: Vec<Document> = ordered[..whole].iter().map(|d| (*d).clone()).collect();

    let mut exercises = Vec::with_capacity(set.train.len());
    for exercise in &set.train {
        stats.add_exercise(exercise, &tokenizer)?;
        exercises.push(encoded_exercise(&tokenizer, exercise)?);
    }
    let pack_all = |exercises: &[EncodedExercise]| {
        pack_exercises(exercises.iter().cloned(), END_OF_TEXT_ID, recipe.seq_len, LossOn::Body)
    };
    let packed = pack_all(&exercises);
    stats.too_long = packed.num_too_long;
    let train_rows = split_and_save(packed.rows, &dir, "align")?;
    // Rows are filled in order, so the exercises of the rows to train on are the first so many.
    let counts: Vec<usize> = (0..=exercises.len()).collect();
    let in_train = counts.partition_point(|&n| pack_all(&exercises[..n]).rows.num_rows() <= train_rows) - 1;
    to_mix
        .extend(set.train[..in_train].iter().zip(&exercise_texts).map(|(exercise, text)| as_document(exercise, text)));

    save_tokenizer(&tokenizer, &dir.join("tokenizer.json"))?;
    write_jsonl(&dir.join("exercises.jsonl"), &set.train)?;
    write_jsonl(&dir.join(HELD_OUT), &set.heldout)?;
    write_jsonl(&dir.join("textbooks.jsonl"), &textbooks)?;
    write_jsonl(&dir.join(TO_MIX), &to_mix)?;
    write_json(&dir.join(CORPUS_STATS), &stats)?;
    Ok(names(OUTPUTS))
}

/// An exercise as tokens; what a model is to write ends with an empty line.
pub(super) fn encoded_exercise(tokenizer: &Tokenizer, exercise: &Exercise) -> Result<EncodedExercise, CorpusError> {
    let prompt = encode(tokenizer, &exercise.prompt)?;
    let body = encode(tokenizer, &format!("{}\n", exercise.canonical_solution))?;
    Ok(EncodedExercise { prompt, body })
}

/// The documents of this hash that the recipe takes from the user; none for an empty hash.
pub(super) fn users_documents(r: &Running<'_>, hash: &str) -> Result<Option<Loaded>, AblationError> {
    let Some(path) = r.plan.sources.get(hash) else { return Ok(None) };
    let loaded = load_corpus(path)?;
    if hash_documents(&loaded.documents) != hash {
        return Err(AblationError::CodeChanged(path.clone()));
    }
    Ok(Some(loaded))
}

fn as_document(exercise: &Exercise, text: &str) -> Document {
    Document {
        id: exercise.task_id.clone(),
        kind: Kind::Exercise,
        text: text.to_owned(),
        source: exercise.concept.clone(),
    }
}

/// Keeps the last rows apart for validation and writes both parts. Says how many rows are left to train on.
fn split_and_save(mut rows: PackedTokens, dir: &Path, name: &str) -> Result<usize, AblationError> {
    let validation = rows.split_off_last(VALIDATION_ROWS.min(rows.num_rows() / 4));
    rows.save(&dir.join(format!("{name}.tokens")))?;
    validation.save(&dir.join(format!("{name}-validation.tokens")))?;
    Ok(rows.num_rows())
}

/// Mixes code and textbooks, so that the rows kept apart hold both.
fn shuffle(order: &mut [usize], seed: u64) {
    use sha2::{Digest, Sha256};
    order.sort_by_cached_key(|i| Sha256::digest(format!("{seed} document {i}")).to_vec());
}
