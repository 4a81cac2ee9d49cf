//! Why a file of the hub can't be had.

use std::path::PathBuf;

/// Why a file of the hub can't be had.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// Not the name of a repository.
    #[error(
        "{id:?} isn't a repository of a hub: {reason}; a repository is named ORGANISATION/NAME or ORGANISATION/NAME@REVISION"
    )]
    Name {
        /// What was given.
        id: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A setting that can't be used.
    #[error("the environment variable {variable} is {value:?}: {reason}")]
    Setting {
        /// Its name.
        variable: &'static str,
        /// Its value; not for a secret.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The hub has no such repository, revision or file.
    #[error("the hub has no {what} ({url}: status 404); check its spelling")]
    NotFound {
        /// What was asked for.
        what: String,
        /// Where.
        url: String,
    },
    /// The hub wants to know who asks.
    #[error("the hub doesn't give {what} to {who} ({url}: status {status}); {remedy}")]
    Gated {
        /// What was asked for.
        what: String,
        /// Who asked: somebody with a token or not.
        who: &'static str,
        /// Where.
        url: String,
        /// HTTP status: 401 or 403.
        status: u16,
        /// What to do.
        remedy: String,
    },
    /// The repository isn't a model that can be run.
    #[error("the {repo} of the hub can't be run: {reason}")]
    Model {
        /// The repository.
        repo: String,
        /// What is missing, and what to do.
        reason: String,
    },
    /// The file isn't in the cache, and the hub mustn't be asked.
    #[error("{what} isn't in the cache {}, and HF_HUB_OFFLINE is set; fetch it once with the hub within reach, or set HF_HOME to the cache that has it", cache.display())]
    Offline {
        /// What was asked for.
        what: String,
        /// The cache.
        cache: PathBuf,
    },
    /// Nobody answers, or the connection breaks again and again.
    #[error("can't fetch {url}: {reason} ({attempts} tries); check the network, or set HF_ENDPOINT to another hub")]
    Unreachable {
        /// Where.
        url: String,
        /// The last fault.
        reason: String,
        /// Tries in all.
        attempts: u32,
    },
    /// A status that means neither success nor anything above.
    #[error("{url} answers with status {status}: {excerpt}")]
    Status {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
        /// Beginning of what it says.
        excerpt: String,
    },
    /// One redirect after the other.
    #[error("{url} leads from one address to the next without an end ({hops} redirects, the last to {last})")]
    Redirects {
        /// Where it began.
        url: String,
        /// How many were followed.
        hops: usize,
        /// Where the last one led.
        last: String,
    },
    /// The file breaks off, again and again.
    #[error(
        "{url} breaks off after {got} of {expected} bytes: {reason} ({attempts} tries); what came is kept, and the same command goes on from there"
    )]
    Truncated {
        /// Where.
        url: String,
        /// The last fault.
        reason: String,
        /// Tries that brought nothing new.
        attempts: u32,
        /// Bytes that came.
        got: u64,
        /// Bytes that were promised.
        expected: u64,
    },
    /// The file isn't the one that the hub names.
    #[error(
        "{url} gives a file with hash {got} where the hub promises {expected}; it was thrown away. Try again, or use another HF_ENDPOINT"
    )]
    Checksum {
        /// Where.
        url: String,
        /// Hash that the hub promises.
        expected: String,
        /// Hash of what came.
        got: String,
    },
    /// An answer that a hub wouldn't give.
    #[error("{url} doesn't answer like a hub: {reason}; check HF_ENDPOINT")]
    Nonsense {
        /// Where.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The cache can't be read or written.
    #[error("can't {action} {}: {source}", path.display())]
    Io {
        /// `write`, `make` ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The caller asked to stop; what came is kept.
    #[error("interrupted")]
    Interrupted,
}

impl HubError {
    /// Whether the fault lies in the network, the disk or the server, and not in what was asked for.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        !matches!(
            self,
            Self::Name { .. }
                | Self::Setting { .. }
                | Self::Offline { .. }
                | Self::NotFound { .. }
                | Self::Model { .. }
                | Self::Interrupted
        )
    }

    pub(crate) fn io(action: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
