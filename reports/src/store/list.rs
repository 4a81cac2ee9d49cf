//! Which runs there are: listing and searching, without a look at their samples.

use super::read::{count, natural, real};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

/// One line of [`crate::Store::list`].
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RunSummary {
    /// Hash of the recipe.
    pub key: String,
    /// The recipe's name.
    pub name: String,
    /// The question that the recipe asks.
    pub question: String,
    /// Seconds since 1970 when it began.
    pub started_unix_s: u64,
    /// Seconds of computing.
    pub compute_s: f64,
    /// Distinct arms, sorted.
    pub arms: Vec<String>,
    /// Distinct tasks that were scored, sorted.
    pub tasks: Vec<String>,
    /// Arms times seeds.
    pub n_arm_runs: usize,
    /// Answers kept.
    pub n_samples: usize,
}

/// Which runs to list: those that fit every field that is set. Letters' case doesn't matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Part of the name, or of the beginning of the key.
    pub name: Option<String>,
    /// Part of an arm's name.
    pub arm: Option<String>,
    /// Part of the name of a task that was scored.
    pub task: Option<String>,
    /// Begun at this second since 1970 or later.
    pub since_unix_s: Option<u64>,
    /// Begun before this second since 1970.
    pub until_unix_s: Option<u64>,
    /// Words somewhere in name, question, recipe, command, or facts about machine and data.
    pub text: Option<String>,
}

impl RunFilter {
    /// The condition and its values.
    fn condition(&self) -> (String, Vec<Value>) {
        const TEXT: &str = "(instr(lower(name), lower(?)) OR instr(lower(question), lower(?)) OR instr(lower(recipe), lower(?)) \
             OR instr(lower(command), lower(?)) OR EXISTS (SELECT 1 FROM facts WHERE facts.run_id = runs.id AND \
             (instr(lower(facts.name), lower(?)) OR instr(lower(facts.value), lower(?)))))";
        const NAME: &str = "(instr(lower(name), lower(?)) OR substr(key, 1, length(?)) = ?)";
        const ARM: &str = "EXISTS (SELECT 1 FROM arms WHERE arms.run_id = runs.id AND instr(lower(arm), lower(?)))";
        const TASK: &str = "EXISTS (SELECT 1 FROM arms JOIN scores ON scores.arm_id = arms.id WHERE arms.run_id = runs.id \
             AND instr(lower(scores.task), lower(?)))";
        let text = |wanted: &Option<String>| wanted.clone().map(Value::from);
        let second = |wanted: Option<u64>| wanted.map(|s| Value::from(i64::try_from(s).unwrap_or(i64::MAX)));
        let parts = [
            (NAME, text(&self.name)),
            (ARM, text(&self.arm)),
            (TASK, text(&self.task)),
            ("started_unix_s >= ?", second(self.since_unix_s)),
            ("started_unix_s < ?", second(self.until_unix_s)),
            (TEXT, text(&self.text)),
        ];
        let mut conditions = vec!["1"];
        let mut values = Vec::new();
        for (condition, value) in parts {
            if let Some(value) = value {
                conditions.push(condition);
                values.extend(std::iter::repeat_n(value, condition.matches('?').count()));
            }
        }
        (conditions.join(" AND "), values)
    }
}

pub(super) fn list(db: &Connection, filter: &RunFilter) -> rusqlite::Result<Vec<RunSummary>> {
    let (condition, values) = filter.condition();
    let sql = format!(
        "SELECT id, key, name, question, started_unix_s, compute_s, \
         (SELECT count(*) FROM arms WHERE run_id = runs.id), \
         (SELECT coalesce(sum(n_samples), 0) FROM arms WHERE run_id = runs.id) \
         FROM runs WHERE {condition} ORDER BY id DESC"
    );
    let summary = |row: &Row<'_>| {
        let run = RunSummary {
            key: row.get(1)?,
            name: row.get(2)?,
            question: row.get(3)?,
            started_unix_s: natural(row, 4)?,
            compute_s: real(row, 5)?,
            arms: Vec::new(),
            tasks: Vec::new(),
            n_arm_runs: count(row, 6)?,
            n_samples: count(row, 7)?,
        };
        Ok((row.get::<_, i64>(0)?, run))
    };
    let runs: Vec<(i64, RunSummary)> =
        db.prepare(&sql)?.query_map(params_from_iter(values), summary)?.collect::<Result<_, _>>()?;
    runs.into_iter()
        .map(|(id, run)| {
            let arms = names(db, "SELECT DISTINCT arm FROM arms WHERE run_id = ?1 ORDER BY arm", id)?;
            let tasks = names(
                db,
                "SELECT DISTINCT task FROM arms JOIN scores ON scores.arm_id = arms.id WHERE run_id = ?1 ORDER BY task",
                id,
            )?;
            Ok(RunSummary { arms, tasks, ..run })
        })
        .collect()
}

fn names(db: &Connection, sql: &str, run_id: i64) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached(sql)?.query_map([run_id], |row| row.get(0))?.collect()
}
