//! Why a teacher gives no answer.

use std::path::PathBuf;

use phi_openai::OpenAiError;

/// Why a teacher gives no answer, and won't give others.
#[derive(Debug, thiserror::Error)]
pub enum TeacherError {
    /// The job's budget doesn't allow another request.
    #[error("the budget is spent")]
    BudgetSpent,
    /// The server fails, or says no to everything.
    #[error(transparent)]
    Server(#[from] OpenAiError),
    /// Answers can't be kept.
    #[error("can't keep answers in {}: {source}; mend that, or name another folder with --cache", path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The first answers all are of no use, so more would only cost.
    #[error(
        "none of the first {tried} answers of {model} is what was asked for (the last: {reason}); give a model that follows \
         instructions"
    )]
    Unusable {
        /// The model.
        model: String,
        /// Answers that were looked at.
        tried: u64,
        /// What is wrong with the last one.
        reason: String,
    },
}
