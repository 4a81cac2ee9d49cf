//! What can keep a file of samples from being scored.

use super::BadLine;
use crate::SuiteError;
use std::path::PathBuf;

/// Why a file of samples couldn't be scored to its end.
#[derive(Debug, thiserror::Error)]
pub enum SamplesFileError {
    /// The file can't be read.
    #[error("can't read the samples {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system, or gzip, says.
        source: std::io::Error,
    },
    /// A pipe or a device, which can't be read twice.
    #[error("{} is no ordinary file; samples are read twice, so save them to a file first", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// There is nothing in the file.
    #[error(
        "{} holds no samples; each line should be like {{\"task_id\": \"HumanEval/0\", \"completion\": \"    return 1\\n\"}}",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// No line of the file is a sample of the task.
    #[error("{} holds no sample that could be scored: {count} bad line{}, the first is line {}: {}", path.display(), if *count == 1 { "" } else { "s" }, first.line, first.reason)]
    NothingUsable {
        /// The file.
        path: PathBuf,
        /// How many lines it has.
        count: usize,
        /// The first of them.
        first: BadLine,
    },
    /// The samples aren't what they were when the run began.
    #[error("{} was changed while it was being scored; run the command again with --restart", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Results can't be written or read back.
    #[error("can't write the results {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process writes the same results.
    #[error("another run is writing {}; wait for it, or name another file with --output", path.display())]
    Locked {
        /// The results.
        path: PathBuf,
    },
    /// There is a file at the place of the results that this program didn't begin.
    #[error(
        "{} is there already and no run of phi-bench began it (it has no {}); move it away, or name another file with --output",
        path.display(),
        origin.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The file that would stand beside it.
        origin: PathBuf,
    },
    /// The results that are there come from other samples or other conditions.
    #[error(
        "{} can't be gone on with, since its results come from other conditions ({}); give --restart to score anew, or name another file with --output",
        path.display(),
        differences.join("; ")
    )]
    Differs {
        /// The results.
        path: PathBuf,
        /// What differs, each `name: then, now`.
        differences: Vec<String>,
    },
    /// The caller asked to stop.
    #[error("stopped: {done} of {total} samples are scored in {}; the same command goes on from there", path.display())]
    Interrupted {
        /// Samples with a result.
        done: usize,
        /// Samples of the file.
        total: usize,
        /// The results.
        path: PathBuf,
    },
    /// The task doesn't go with samples, or one of its templates fails.
    #[error(transparent)]
    Suite(#[from] SuiteError),
}

impl SamplesFileError {
    /// Whether the run ended because the caller asked for it.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }
}
