//! lm-evaluation-harness's result files: reading a folder of them as a [`crate::Run`].
//!
//! The layout is that of lm-eval 0.4 (`EvaluationTracker`, and `phi-bench eval --output-path`): a folder a model with
//! `results_<date>.json` and, with `--log-samples`, `samples_<task>_<date>.jsonl`, a line a question and filter.

mod files;
mod read;
mod row;

pub use files::is_lm_eval;
pub use read::{Keep, read_lm_eval};
