//! Which hub, which cache, and how patient.

use crate::HubError;
use phi_http::{Backoff, HttpSettings};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Which hub, which cache, and how patient.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// Address of the hub.
    pub endpoint: String,
    /// The folder of repositories.
    pub cache: PathBuf,
    /// Never ask the hub; the cache is all there is.
    pub offline: bool,
    /// Who asks.
    pub token: Option<Token>,
    /// Time limits.
    pub http: HttpSettings,
    /// How often a request is tried.
    pub backoff: Backoff,
    /// A download that brings fewer bytes than this in [`HubSettings::slow_window`] is given up as too slow.
    pub slow_bytes: u64,
    /// The time over which its speed is taken.
    pub slow_window: Duration,
}

/// A secret that never shows in messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token; none where the text is empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(...)")
    }
}

const PUBLIC_HUB: &str = "https://huggingface.co";

impl HubSettings {
    /// The public hub, and a cache.
    #[must_use]
    pub fn new(cache: PathBuf) -> Self {
        Self {
            endpoint: PUBLIC_HUB.to_owned(),
            cache,
            offline: false,
            token: None,
            http: HttpSettings::default(),
            backoff: Backoff::default(),
            slow_bytes: 4 << 10,
            slow_window: Duration::from_secs(60),
        }
    }

    /// What the hub's own variables say: `HF_ENDPOINT`, `HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`, `HF_TOKEN`,
    /// `HF_HUB_DOWNLOAD_TIMEOUT`, and `SSL_CERT_FILE`. `variable` looks one up; the binary gives the environment.
    ///
    /// # Errors
    /// [`HubError::Setting`] for a value that can't be used.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, HubError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let home = set("HF_HOME").map(PathBuf::from).unwrap_or_else(|| {
            let cache = set("XDG_CACHE_HOME").map(PathBuf::from);
            let cache = cache.or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")));
            cache.unwrap_or_default().join("huggingface")
        });
        let mut settings = Self::new(set("HF_HUB_CACHE").map_or_else(|| home.join("hub"), PathBuf::from));
        if let Some(endpoint) = set("HF_ENDPOINT") {
            let endpoint = endpoint.trim().trim_end_matches('/');
            if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
                let reason = "it must begin with http:// or https://".to_owned();
                return Err(HubError::Setting { variable: "HF_ENDPOINT", value: endpoint.to_owned(), reason });
            }
            endpoint.clone_into(&mut settings.endpoint);
        }
        settings.offline = set("HF_HUB_OFFLINE").is_some_and(|value| is_yes(&value));
        settings.token = set("HF_TOKEN")
            .or_else(|| std::fs::read_to_string(home.join("token")).ok())
            .and_then(|token| Token::new(&token));
        if settings.token.as_ref().is_some_and(|token| token.0.chars().any(|c| !c.is_ascii_graphic())) {
            let reason = "a token is one word of ASCII characters".to_owned();
            return Err(HubError::Setting { variable: "HF_TOKEN", value: "...".to_owned(), reason });
        }
        if let Some(value) = set("HF_HUB_DOWNLOAD_TIMEOUT") {
            let seconds = value.trim().parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
            let seconds = Duration::from_secs(seconds.ok_or_else(|| {
                let reason = "it must be a number of seconds between 1 and 86400".to_owned();
                HubError::Setting { variable: "HF_HUB_DOWNLOAD_TIMEOUT", value, reason }
            })?);
            (settings.http.first_byte, settings.http.stall) = (seconds, seconds);
        }
        settings.http.certificates = set("SSL_CERT_FILE").map(PathBuf::from);
        Ok(settings)
    }
}

/// What `huggingface_hub` takes for yes.
fn is_yes(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&value.trim().to_ascii_lowercase().as_str())
}
