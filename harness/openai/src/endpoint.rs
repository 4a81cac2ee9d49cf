//! The address of a server.

use crate::OpenAiError;
use std::fmt;

/// Which of the protocol's two ways to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// A text is continued; with `echo` its own log-probabilities can be had.
    Completions,
    /// A conversation is continued.
    Chat,
}

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    api: Api,
}

impl Endpoint {
    /// `completions` of a server. The address may be that of the server (`http://host:8000`), of its API
    /// (`http://host:8000/v1`), or of the endpoint itself (`.../v1/completions`).
    ///
    /// # Errors
    /// [`OpenAiError::Address`] for what isn't one.
    pub fn completions(address: &str) -> Result<Self, OpenAiError> {
        Self::new(address, Api::Completions)
    }

    /// `chat/completions` of a server; the address as above.
    ///
    /// # Errors
    /// [`OpenAiError::Address`] for what isn't one.
    pub fn chat(address: &str) -> Result<Self, OpenAiError> {
        Self::new(address, Api::Chat)
    }

    fn new(address: &str, api: Api) -> Result<Self, OpenAiError> {
        let wrong = |reason: &str| OpenAiError::Address { url: address.to_owned(), reason: reason.to_owned() };
        let scheme = ["http://", "https://"].into_iter().find(|scheme| address.trim().starts_with(scheme));
        let scheme = scheme.ok_or_else(|| wrong("it must begin with http:// or https://"))?;
        let rest = address.trim()[scheme.len()..].trim_end_matches('/');
        let trimmed = format!("{scheme}{rest}");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() || host.contains(char::is_whitespace) || path.contains(char::is_whitespace) {
            return Err(wrong("it must look like http://localhost:8000/v1"));
        }
        if host.contains('@') {
            return Err(wrong("it holds a password, which messages would show; use OPENAI_API_KEY"));
        }
        let url = match (api, path.ends_with("chat/completions"), path.ends_with("completions")) {
            (Api::Chat, true, _) | (Api::Completions, false, true) => trimmed,
            (Api::Completions, true, _) => return Err(wrong("it is a chat endpoint; use openai-chat:")),
            (Api::Chat, false, true) => return Err(wrong("it isn't a chat endpoint; use openai:")),
            (Api::Chat, ..) if path.is_empty() => format!("{trimmed}/v1/chat/completions"),
            (Api::Chat, ..) => format!("{trimmed}/chat/completions"),
            (Api::Completions, ..) if path.is_empty() => format!("{trimmed}/v1/completions"),
            (Api::Completions, ..) => format!("{trimmed}/completions"),
        };
        Ok(Self { url, api })
    }

    /// The whole address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which way to ask.
    #[must_use]
    pub fn api(&self) -> Api {
        self.api
    }

    /// OpenAI's own service wants another name for the limit of tokens.
    pub(crate) fn is_openai(&self) -> bool {
        self.url.starts_with("https://api.openai.com/")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}
