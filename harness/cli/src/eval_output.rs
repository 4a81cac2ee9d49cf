//! The files of `eval --output-path`, in lm-evaluation-harness's layout.

use anyhow::Context;
use phi_suites::output::{sample_rows, sanitized_model_name, task_hash};
use phi_suites::{Evaluation, LoadedTask, Question};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Writes the files of one run; all of them bear the same date.
pub struct EvalOutput {
    folder: PathBuf,
    date: String,
    hashes: BTreeMap<String, String>,
}

impl EvalOutput {
    /// Files below `path`, in a folder named after the model.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn new(path: &Path, model: &str) -> anyhow::Result<Self> {
        let folder = path.join(sanitized_model_name(model));
        std::fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
        Ok(Self { folder, date: date_of(SystemTime::now()), hashes: BTreeMap::new() })
    }

    /// Writes `samples_<task>_<date>.jsonl`.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn samples(
        &mut self,
        task: &LoadedTask,
        questions: &[Question],
        evaluation: &Evaluation,
    ) -> anyhow::Result<()> {
        let rows = sample_rows(task, questions, evaluation);
        self.hashes.insert(evaluation.task.clone(), task_hash(&rows));
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let name = evaluation.task.replace(['/', '\\', ':'], "_");
        let path = self.folder.join(format!("samples_{name}_{}.jsonl", self.date));
        phi_model::write_whole(&path, text.as_bytes())?;
        Ok(())
    }

    /// The hash of each task's samples so far.
    pub fn hashes(&self) -> &BTreeMap<String, String> {
        &self.hashes
    }

    /// Writes `results_<date>.json`, and gives its path.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn results(&self, results: &Value) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(format!("results_{}.json", self.date));
        phi_model::write_whole(&path, &serde_json::to_vec_pretty(results)?)?;
        Ok(path)
    }
}

/// A time as the harness writes it into names: `2026-11-24T23-05-59.123456`, in UTC.
fn date_of(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = phi_reports::date::iso(since.as_secs());
    format!("{}.{:06}", seconds.trim_end_matches('Z').replace(':', "-"), since.subsec_micros())
}

#[cfg(test)]
mod tests {
    use super::date_of;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01T00-00-00.000000"),
            (951_782_399, "2000-02-28T23-59-59.000000"),
            (951_782_400, "2000-02-29T00-00-00.000000"),
            (1_798_761_599, "2026-12-31T23-59-59.000000"),
        ] {
            assert_eq!(date_of(UNIX_EPOCH + Duration::from_secs(seconds)), date);
        }
    }
}
