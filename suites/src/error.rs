//! What can go wrong between a task's file and its score.

use crate::ModelError;
use std::path::PathBuf;

/// A task that can't be run because its data isn't here: which, why, and how to get it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LeftOut {
    /// Task name.
    pub task: String,
    /// What is missing.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.task, self.reason, self.remedy)
    }
}

/// Why a task couldn't be read, asked or scored.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// No task has this name.
    #[error("there is no task {name:?}; the tasks are: {}", known.join(", "))]
    UnknownTask {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A task file that can't be taken as it is.
    #[error("task file {file}: {reason}")]
    TaskFile {
        /// Name or path of the file.
        file: String,
        /// What is wrong, with the key and where possible the line.
        reason: String,
    },
    /// A template of a task failed on a document.
    #[error("task {task}, document {doc_id}: {field} can't be rendered: {reason}")]
    Template {
        /// Task name.
        task: String,
        /// Position of the document in its split.
        doc_id: usize,
        /// The key of the task file (`doc_to_text` ...).
        field: String,
        /// What the template engine says.
        reason: String,
    },
    /// A Python function of a task file failed.
    #[error("task {task}, !function {function}: {reason}")]
    Function {
        /// Task name.
        task: String,
        /// `module.name`.
        function: String,
        /// What Python says, and where.
        reason: String,
    },
    /// The data of a task isn't here. Not a fault: a report names it.
    #[error("left out: {0}")]
    LeftOut(LeftOut),
    /// The data of a task aren't here, and the hub doesn't give them. Where others can do without, a report names it.
    #[error("left out: {left_out}")]
    Hub {
        /// The task, what the hub says, and what to do.
        left_out: Box<LeftOut>,
        /// What went wrong.
        source: Box<phi_hub::HubError>,
    },
    /// A data set of the hub isn't what the task asks for.
    #[error("task {task}: {reason}")]
    Dataset {
        /// Task name.
        task: String,
        /// The data set, and what is wrong with it.
        reason: String,
    },
    /// A data file can't be read to its end.
    #[error("can't read {}: {source}; fetch the file again if it is damaged", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A record of a data file isn't what the task needs.
    #[error("{}, {} {line}: {reason}", path.display(), if is_parquet(path) { "row" } else { "line" })]
    Record {
        /// The file.
        path: PathBuf,
        /// Line, or row of a parquet file, from 1; 0 for the file as a whole.
        line: usize,
        /// The field and what is wrong with it.
        reason: String,
    },
    /// More shots are asked for than the task can give.
    #[error("task {task}: {wanted} shots are asked for, but {available}")]
    Shots {
        /// Task name.
        task: String,
        /// Shots asked for.
        wanted: usize,
        /// What there is instead.
        available: String,
    },
    /// An option that makes no sense.
    #[error("evaluation option {option}: {reason}")]
    Options {
        /// Name of the option.
        option: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A code task without something to run code in.
    #[error("task {task} runs model-written code and needs a sandbox; give one to `evaluate`")]
    NoSandbox {
        /// Task name.
        task: String,
    },
    /// A task whose answers aren't programs was to be verified.
    #[error("task {task} has no reference programs to verify; only code tasks have")]
    NotCode {
        /// Task name.
        task: String,
    },
    /// The model gave no answer.
    #[error("task {task}: {source}")]
    Model {
        /// Task name.
        task: String,
        /// What the model says.
        source: ModelError,
    },
    /// The model answered fewer or more requests than it was asked.
    #[error("task {task}: the model {model} gave {given} answers to {asked} requests; this is a fault of its back end")]
    AnswerCount {
        /// Task name.
        task: String,
        /// Name of the model.
        model: String,
        /// Answers given.
        given: usize,
        /// Requests sent.
        asked: usize,
    },
}

impl SuiteError {
    /// Whether the run ended because the caller asked for it.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        match self {
            Self::Model { source, .. } => *source == ModelError::Interrupted,
            Self::Hub { source, .. } => matches!(**source, phi_hub::HubError::Interrupted),
            _ => false,
        }
    }

    /// The task that was left out for want of data, if that is what happened.
    #[must_use]
    pub fn left_out(&self) -> Option<&LeftOut> {
        match self {
            Self::LeftOut(left_out) => Some(left_out),
            Self::Hub { left_out, .. } if !self.is_interrupted() => Some(left_out),
            _ => None,
        }
    }
}

fn is_parquet(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "parquet")
}
