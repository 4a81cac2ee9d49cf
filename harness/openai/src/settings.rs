//! How a server is asked.

use crate::Endpoint;
use phi_http::Backoff;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How a server is asked.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Where requests go.
    pub endpoint: Endpoint,
    /// The model's name, as the server knows it.
    pub model: String,
    /// Who asks.
    pub api_key: Option<ApiKey>,
    /// Requests under way at once.
    pub num_concurrent: usize,
    /// Requests a minute at most.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute at most: those of the prompt, at four characters each, and those that may be generated.
    pub tokens_per_minute: Option<u32>,
    /// Whether `chat/completions` is asked to answer piece by piece: proxies cut connections on which nothing comes for long,
    /// and a server that has died is noticed after one `timeout`.
    pub stream: bool,
    /// For an answer to begin, and then for each further piece of it.
    pub timeout: Duration,
    /// How often a request is tried.
    pub backoff: Backoff,
    /// A file of PEM certificates to trust in place of Mozilla's.
    pub certificates: Option<PathBuf>,
}

impl ServerSettings {
    /// One request at a time, five minutes for each, six tries.
    #[must_use]
    pub fn new(endpoint: Endpoint, model: &str) -> Self {
        Self {
            endpoint,
            model: model.to_owned(),
            api_key: None,
            num_concurrent: 1,
            requests_per_minute: None,
            tokens_per_minute: None,
            stream: false,
            timeout: Duration::from_secs(300),
            backoff: Backoff::default(),
            certificates: None,
        }
    }
}

/// A secret that never shows in messages.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key; none where the text is empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// A text without the key, which some servers repeat in their errors.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "...")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(...)")
    }
}
