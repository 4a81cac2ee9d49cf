//! Why a server gave no answer that can be used.

/// Why a server gave no answer that can be used. Each message names the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenAiError {
    /// Not an address.
    #[error("{url:?} isn't the address of a server: {reason}")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers, or the connection breaks again and again.
    #[error("no answer from {url}: {reason} ({attempts} tries); check that the server runs, and its address")]
    Unreachable {
        /// Where.
        url: String,
        /// The last fault.
        reason: String,
        /// Tries in all.
        attempts: u32,
    },
    /// The server says no.
    #[error("{url} answers with status {status}: {excerpt}{advice}")]
    Status {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
        /// Beginning of what it says.
        excerpt: String,
        /// What to do, where that is known.
        advice: &'static str,
    },
    /// The answer isn't what the protocol asks for.
    #[error("{url} answers with something else than expected: {reason}; it says: {excerpt}")]
    Nonsense {
        /// Where.
        url: String,
        /// What is wrong.
        reason: String,
        /// Beginning of what it says.
        excerpt: String,
    },
    /// The server can't do what is asked.
    #[error("{url} {reason}")]
    CannotDo {
        /// Where.
        url: String,
        /// What, and what to do instead.
        reason: String,
    },
    /// A text that the tokenizer can't take, or that doesn't fit.
    #[error("the text can't be sent: {0}")]
    Text(String),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}
