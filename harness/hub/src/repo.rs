//! The name of a repository on a hub.

use crate::HubError;
use std::fmt;

/// What a repository holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepoKind {
    /// Weights and configuration.
    Model,
    /// Records.
    Dataset,
}

/// A repository at a revision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repo {
    kind: RepoKind,
    id: String,
    revision: String,
}

/// What a hub calls the newest state.
const MAIN: &str = "main";

impl Repo {
    /// A model: `ORGANISATION/NAME`, or `ORGANISATION/NAME@REVISION`.
    ///
    /// # Errors
    /// [`HubError::Name`] for what can't be such a name.
    pub fn model(id: &str) -> Result<Self, HubError> {
        Self::new(RepoKind::Model, id)
    }

    /// A data set, named as a model is; old ones have a name without an organisation.
    ///
    /// # Errors
    /// [`HubError::Name`] for what can't be such a name.
    pub fn dataset(id: &str) -> Result<Self, HubError> {
        Self::new(RepoKind::Dataset, id)
    }

    fn new(kind: RepoKind, text: &str) -> Result<Self, HubError> {
        let (id, revision) = text.split_once('@').unwrap_or((text, MAIN));
        let name = |reason| HubError::Name { id: text.to_owned(), reason };
        let parts: Vec<&str> = id.split('/').collect();
        match (kind, parts.len()) {
            (_, 2) | (RepoKind::Dataset, 1) => {}
            (_, 1) => return Err(name("it has no organisation")),
            _ => return Err(name("it has more than two parts")),
        }
        let fits = |part: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !part.is_empty() && part.len() <= 96 && part.chars().all(plain) && !part.starts_with(['.', '-'])
        };
        // `--` separates the parts in the cache's folder names.
        if !parts.iter().all(|part| fits(part) && !part.contains("--") && !part.contains("..")) {
            return Err(name("its parts are letters, digits, '-', '_' and '.'"));
        }
        Self { kind, id: id.to_owned(), revision: MAIN.to_owned() }.at(revision)
    }

    /// The same repository at another revision: a branch, a tag, or a commit.
    ///
    /// # Errors
    /// [`HubError::Name`] for what can't be a revision.
    pub fn at(mut self, revision: &str) -> Result<Self, HubError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+');
        if revision.is_empty() || !revision.chars().all(plain) || !is_path_inside(revision) {
            let id = format!("{}@{revision}", self.id);
            return Err(HubError::Name { id, reason: "the revision isn't a branch, a tag or a commit" });
        }
        revision.clone_into(&mut self.revision);
        Ok(self)
    }

    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> RepoKind {
        self.kind
    }

    /// Its name without the revision.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Branch, tag or commit.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Whether the revision names one commit for ever.
    pub(crate) fn is_commit(&self) -> bool {
        is_commit(&self.revision)
    }

    /// Its folder in the cache.
    pub(crate) fn folder(&self) -> String {
        let kind = match self.kind {
            RepoKind::Model => "models",
            RepoKind::Dataset => "datasets",
        };
        format!("{kind}--{}", self.id.replace('/', "--"))
    }

    /// Where the hub says what it is.
    pub(crate) fn info_path(&self) -> String {
        let kind = match self.kind {
            RepoKind::Model => "models",
            RepoKind::Dataset => "datasets",
        };
        format!("api/{kind}/{}/revision/{}", self.id, encode(&self.revision, ""))
    }

    /// Where the hub gives a file of one of its commits.
    pub(crate) fn file_path(&self, commit: &str, file: &str) -> String {
        let prefix = match self.kind {
            RepoKind::Model => "",
            RepoKind::Dataset => "datasets/",
        };
        format!("{prefix}{}/resolve/{commit}/{}", self.id, encode(file, "/"))
    }
}

impl fmt::Display for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            RepoKind::Model => "model",
            RepoKind::Dataset => "data set",
        };
        write!(f, "{kind} {}", self.id)?;
        if self.revision == MAIN { Ok(()) } else { write!(f, " at {}", self.revision) }
    }
}

pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a path that a server names stays inside the folder that it is put under.
pub(crate) fn is_path_inside(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':']);
    path.split('/').all(plain)
}

/// Percent-encoding of everything but letters, digits, `-_.~` and `keep` (RFC 3986, section 2.3).
fn encode(text: &str, keep: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-_.~".contains(c) || (c.is_ascii() && keep.contains(c)) {
            encoded.push(c);
        } else {
            encoded += &format!("%{byte:02X}");
        }
        encoded
    })
}
