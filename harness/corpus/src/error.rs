//! What can go wrong with a corpus, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of a JSON lines file is not such a record.
    #[error("{}, line {line}: not a record of the expected form ({source}); mend or remove the line", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A record has no text.
    #[error("{}, line {line}: no field `text` or `content`; rename the field that holds the source code", path.display())]
    NoText {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// A folder given as a corpus holds no Python.
    #[error(
        "no Python files below {}: give a folder that holds .py files, or a JSON lines file with a field `text` or \
         `content`, or leave the corpus out to use the embedded Python standard library",
        path.display()
    )]
    NoPython {
        /// Which folder or file.
        path: PathBuf,
    },
    /// The text doesn't fill two rows.
    #[error(
        "{} holds too little text: it doesn't fill two rows of {seq_len} tokens, one to train on and one to validate with; \
         give more text or shorter rows",
        path.display()
    )]
    TooLittle {
        /// Which folder or file.
        path: PathBuf,
        /// Tokens of a row.
        seq_len: usize,
    },
    /// The sources embedded in the program could not be unpacked.
    #[error("the embedded Python sources are damaged ({0}); rebuild the program")]
    Embedded(String),
    /// The grammar could not fill a split.
    #[error(
        "only {found} of {wanted} {split} exercises could be generated; ask for fewer or another mix of difficulties"
    )]
    TooFewExercises {
        /// `training` or `held-out`.
        split: &'static str,
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// The tokenizer could not be trained, loaded or used.
    #[error("tokenizer: {0}")]
    Tokenizer(String),
    /// The sandbox failed, which says nothing about the exercise.
    #[error("the sandbox could not run {task_id}: {reason}")]
    Sandbox {
        /// Which exercise.
        task_id: String,
        /// Why.
        reason: String,
    },
}

impl CorpusError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_path_buf(), source }
    }
}
