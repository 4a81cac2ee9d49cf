//! The exercises without those that are like a task's solutions, in rows. The rows to validate with stay the corpus'.

use super::compare::RESEMBLANCES;
use super::corpus::{TO_MIX, encoded_exercise};
use super::{Running, names};
use crate::AblationError;
use phi_corpus::contamination::Resemblances;
use phi_corpus::{
    CorpusError, Document, END_OF_TEXT_ID, Exercise, Kind, LossOn, load_tokenizer, pack_exercises, read_jsonl,
};
use std::collections::BTreeSet;

const TOKENS: &str = "align.tokens";

pub(super) fn run(r: &Running<'_>, tau: f64, seq_len: usize) -> Result<Vec<String>, AblationError> {
    let corpus = r.input(0);
    let path = r.input(1).join(RESEMBLANCES);
    let bytes = std::fs::read(&path).map_err(|e| AblationError::io("read", &path, e))?;
    let found: Resemblances = serde_json::from_slice(&bytes)
        .map_err(|e| AblationError::InputDamaged { input: "compare".to_owned(), reason: e.to_string() })?;
    // Exercises of the validation rows stay out, as they do where nothing is pruned.
    let mut in_train = BTreeSet::new();
    for document in read_jsonl::<Document>(&corpus.join(TO_MIX))? {
        let document = document?;
        if document.kind == Kind::Exercise {
            in_train.insert(document.id);
        }
    }
    let exercises: Result<Vec<Exercise>, CorpusError> = read_jsonl(&corpus.join("exercises.jsonl"))?.collect();
    let is_like =
        |exercise: &Exercise| found.of_exercises.get(&exercise.task_id).is_some_and(|it| it.match_rate >= tau);
    let kept: Vec<Exercise> =
        exercises?.into_iter().filter(|it| in_train.contains(&it.task_id) && !is_like(it)).collect();
    r.report(0.5, "packing tokens");
    let tokenizer = load_tokenizer(&corpus.join("tokenizer.json"))?;
    let encoded: Result<Vec<_>, CorpusError> =
        kept.iter().map(|exercise| encoded_exercise(&tokenizer, exercise)).collect();
    let rows = pack_exercises(encoded?, END_OF_TEXT_ID, seq_len, LossOn::Body).rows;
    if rows.num_rows() == 0 {
        let reason = format!("prune = {tau} leaves less than a row of {seq_len} tokens of exercises; raise it");
        return Err(AblationError::Recipe(reason));
    }
    rows.save(&r.dir().join(TOKENS))?;
    Ok(names(&[TOKENS]))
}
