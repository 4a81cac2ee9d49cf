//! What `--model` names: something on this disk, a model of the hub, or a model behind a server.

use phi_hub::Repo;
use phi_openai::{Endpoint, OpenAiError};
use std::path::{Path, PathBuf};

/// What `--model` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A folder or a GGUF file that is here.
    Local(PathBuf),
    /// A model of the hub.
    Hub(Repo),
    /// A server.
    Server(Endpoint),
}

/// Why a name names nothing.
#[derive(Debug, thiserror::Error)]
pub enum ModelSourceError {
    /// It looks like a path, and nothing is there.
    #[error(
        "--model {0}: there is no such file or folder. A model of the hub is ORGANISATION/NAME, one behind a server openai:URL or openai-chat:URL"
    )]
    NoSuchPath(String),
    /// A file of a kind that isn't a model.
    #[error("--model {0}: it is neither a folder nor a .gguf file; give the folder that holds config.json")]
    NotAModel(String),
    /// The address of a server is wrong.
    #[error("--model {text}: {source}")]
    Server {
        /// What was given.
        text: String,
        /// What is wrong.
        source: OpenAiError,
    },
}

impl ModelSource {
    /// Tells what a name means: what is here goes before the hub.
    pub fn parse(text: &str) -> Result<Self, ModelSourceError> {
        let server = |endpoint: Result<Endpoint, OpenAiError>| {
            endpoint.map(Self::Server).map_err(|source| ModelSourceError::Server { text: text.to_owned(), source })
        };
        if let Some(address) = text.strip_prefix("openai-chat:") {
            return server(Endpoint::chat(address));
        }
        if let Some(address) = text.strip_prefix("openai:") {
            return server(Endpoint::completions(address));
        }
        let path = Path::new(text);
        if path.is_dir() || (path.is_file() && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"))) {
            return Ok(Self::Local(path.to_owned()));
        }
        if path.exists() {
            return Err(ModelSourceError::NotAModel(text.to_owned()));
        }
        let is_a_file_s_name = [".gguf", ".safetensors", ".json", ".bin"].iter().any(|end| text.ends_with(end));
        match Repo::model(text) {
            Ok(repo) if !is_a_file_s_name => Ok(Self::Hub(repo)),
            _ => Err(ModelSourceError::NoSuchPath(text.to_owned())),
        }
    }
}
