//! Comparing the exercises with a task's solutions.

use super::{Running, names};
use crate::AblationError;
use crate::folder::write_json;
use phi_corpus::contamination::resemblances;
use phi_corpus::{CorpusError, Exercise, read_jsonl};

/// How alike exercises and solutions are.
pub(crate) const RESEMBLANCES: &str = "resemblances.json";

pub(super) fn run(
    r: &Running<'_>,
    task: &str,
    min_nodes: usize,
    least_rate: f64,
) -> Result<Vec<String>, AblationError> {
    let exercises: Result<Vec<Exercise>, CorpusError> = read_jsonl(&r.input(0).join("exercises.jsonl"))?.collect();
    let exercises: Vec<(String, String)> =
        exercises?.into_iter().map(|exercise| (exercise.task_id.clone(), exercise.solution())).collect();
    let loaded = r.load_task(task)?;
    let mut questions = vec![];
    for question in loaded.questions(Some(0), None)? {
        let program = loaded.program(question.doc_id, &loaded.reference(question.doc_id)?)?;
        questions.push((question.key, program));
    }
    r.report(0.1, &format!("comparing {} exercises with {} solutions", exercises.len(), questions.len()));
    write_json(&r.dir().join(RESEMBLANCES), &resemblances(&exercises, &questions, min_nodes, least_rate))?;
    Ok(names(&[RESEMBLANCES]))
}
