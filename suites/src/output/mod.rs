//! Result files in lm-evaluation-harness's layout: `results_<date>.json` and `samples_<task>_<date>.jsonl`, so that what reads
//! those goes on working. What the harness doesn't know stands under the key `phi_bench`.
//!
//! Source: lm-evaluation-harness 0.4.13, `lm_eval/loggers/evaluation_tracker.py`, `evaluator.py`, `evaluator_utils.py`.

mod config;
mod results;
mod samples;

pub use results::{RunFacts, results_json};
pub use samples::{sample_rows, task_hash};

use crate::python::PythonRegex;
use crate::request::hex;
use sha2::{Digest, Sha256};

/// The folder of a model: its name without what folders can't be called.
#[must_use]
pub fn sanitized_model_name(name: &str) -> String {
    PythonRegex::new(r#"["<>:/|\\?*\[\]]+"#).map_or_else(|_| name.to_owned(), |regex| regex.replace(name, "__", 0))
}

/// The harness's `hash_string`.
fn hash_string(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// What the harness calls a metric: `acc` with no filter is `acc,none`.
fn harness_metric(task: &crate::Task, metric: &str) -> (String, String) {
    let own = task.config().phi_bench.program.as_ref().and_then(|program| program.harness_metric.as_deref());
    let name = if metric == "pass@1" { own.unwrap_or(metric) } else { metric };
    let (name, filter) = name.split_once(',').unwrap_or((name, "none"));
    (name.to_owned(), filter.to_owned())
}
