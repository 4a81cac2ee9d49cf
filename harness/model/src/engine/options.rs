//! How a model is opened.

use crate::DtypeChoice;

/// Sequences that are worked on at once. It changes memory and speed, never an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchSize {
    /// As many as a bounded number of tokens allows.
    #[default]
    Auto,
    /// This many at most.
    AtMost(std::num::NonZeroUsize),
}

impl BatchSize {
    pub(super) fn sequences(self) -> Option<usize> {
        match self {
            BatchSize::Auto => None,
            BatchSize::AtMost(n) => Some(n.get()),
        }
    }
}

impl std::str::FromStr for BatchSize {
    type Err = String;

    fn from_str(text: &str) -> Result<BatchSize, String> {
        match text {
            "auto" => Ok(BatchSize::Auto),
            number => number.parse().map(BatchSize::AtMost).map_err(|_| "give a number from 1, or auto".into()),
        }
    }
}

/// How a model is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that share the work; at least 1.
    pub threads: usize,
    /// Sequences at once.
    pub batch_size: BatchSize,
    /// Number format of the weights.
    pub dtype: DtypeChoice,
}

impl EngineOptions {
    /// The usual options on so many threads.
    pub fn with_threads(threads: usize) -> EngineOptions {
        EngineOptions { threads, batch_size: BatchSize::Auto, dtype: DtypeChoice::Auto }
    }
}
