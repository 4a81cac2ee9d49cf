//! Searching a run's samples.

use super::read::{natural, response};
use super::{Store, read};
use crate::Result;
use phi_suites::Response;
use rusqlite::{Connection, params};
use serde::Serialize;

/// Which samples to show: those that fit every field that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleFilter {
    /// The arm.
    pub arm: Option<String>,
    /// The task.
    pub task: Option<String>,
    /// The verdict of one of the answers.
    pub verdict: Option<String>,
    /// Words in key, prompt, target or an answer; letters' case doesn't matter.
    pub text: Option<String>,
}

/// A sample, and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundSample {
    /// Arm.
    pub arm: String,
    /// Seed.
    pub seed: u64,
    /// Task.
    pub task: String,
    /// The question's key.
    pub key: String,
    /// What the model was given.
    pub prompt: String,
    /// What the right answer is.
    pub target: String,
    /// What the model said.
    pub responses: Vec<Response>,
}

impl Store {
    /// The first samples of a run that fit, in order of arms and questions.
    ///
    /// # Errors
    /// [`crate::ReportError::NoSuchRun`]; those of reading.
    pub fn samples(&self, key: &str, filter: &SampleFilter, limit: usize) -> Result<Vec<FoundSample>> {
        self.must_have(key)?;
        self.reading("search its samples", || search(&self.db, key, filter, limit))
    }
}

fn search(db: &Connection, key: &str, filter: &SampleFilter, limit: usize) -> rusqlite::Result<Vec<FoundSample>> {
    let mut statement = db.prepare(
        "SELECT arms.id, samples.position, arms.arm, arms.seed, samples.task, samples.key, prompts.body, targets.body \
         FROM runs JOIN arms ON arms.run_id = runs.id JOIN samples ON samples.arm_id = arms.id \
         JOIN texts AS prompts ON prompts.id = samples.prompt_id JOIN texts AS targets ON targets.id = samples.target_id \
         WHERE runs.key = ?1 AND (?2 IS NULL OR arms.arm = ?2) AND (?3 IS NULL OR samples.task = ?3) \
         AND (?4 IS NULL OR EXISTS (SELECT 1 FROM responses WHERE arm_id = arms.id AND sample = samples.position \
              AND verdict = ?4)) \
         AND (?5 IS NULL OR instr(lower(samples.key), lower(?5)) OR instr(lower(prompts.body), lower(?5)) \
              OR instr(lower(targets.body), lower(?5)) OR EXISTS (SELECT 1 FROM responses WHERE arm_id = arms.id \
              AND sample = samples.position AND instr(lower(responses.text), lower(?5)))) \
         ORDER BY arms.position, samples.position LIMIT ?6",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![key, filter.arm, filter.task, filter.verdict, filter.text, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (arm_id, position): (i64, i64) = (row.get(0)?, row.get(1)?);
        let responses = db
            .prepare_cached(read::RESPONSES_OF_SAMPLE)?
            .query_map([arm_id, position], response)?
            .collect::<Result<_, _>>()?;
        found.push(FoundSample {
            arm: row.get(2)?,
            seed: natural(row, 3)?,
            task: row.get(4)?,
            key: row.get(5)?,
            prompt: row.get(6)?,
            target: row.get(7)?,
            responses,
        });
    }
    Ok(found)
}
