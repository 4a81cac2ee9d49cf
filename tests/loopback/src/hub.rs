//! A hub: repositories in memory, with the paths, headers and redirects of the real one.

use crate::{Reply, Request, Server};
use serde_json::json;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A hub whose every repository has one commit.
#[derive(Default)]
pub struct FakeHub {
    repos: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
}

impl FakeHub {
    /// The commit of every repository.
    pub const COMMIT: &'static str = "0123456789abcdef0123456789abcdef01234567";

    /// With a file. A data set's repository begins with `datasets/`; `@REVISION` names a branch other than `main`.
    #[must_use]
    pub fn with(mut self, repo: &str, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.repos.entry(repo.to_owned()).or_default().insert(file.to_owned(), bytes.into());
        self
    }

    /// Starts it; `first` may answer in its place.
    pub fn start(self, first: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Server {
        Server::start(move |request| first(request).unwrap_or_else(|| self.answer(request)))
    }

    /// What a real hub would say.
    fn answer(&self, request: &Request) -> Reply {
        let path = request.path.split('?').next().unwrap_or_default().trim_start_matches('/');
        let found = if let Some(rest) = path.strip_prefix("api/") {
            self.info(rest)
        } else if let Some(rest) = path.strip_prefix("cdn/") {
            self.file(rest).map(|bytes| ranged(request, bytes))
        } else {
            self.file(path).map(|bytes| resolve(request, path, bytes))
        };
        found.unwrap_or_else(|| Reply::new(404, "not found").header("x-error-code", "RepoNotFound"))
    }

    /// `models/ORG/NAME/revision/REVISION`.
    fn info(&self, path: &str) -> Option<Reply> {
        let (repo, revision) = path.split_once("/revision/")?;
        let repo = repo.strip_prefix("models/").unwrap_or(repo);
        let revision = revision.replace("%2F", "/");
        let name = if ["main", Self::COMMIT].contains(&revision.as_str()) {
            repo.to_owned()
        } else {
            format!("{repo}@{revision}")
        };
        let files: Vec<_> = self.repos.get(&name)?.keys().map(|file| json!({"rfilename": file})).collect();
        // A branch has a commit of its own.
        let commit = if name.contains('@') { Self::COMMIT.replace('0', "f") } else { Self::COMMIT.to_owned() };
        Some(Reply::json(&json!({"id": repo, "sha": commit, "siblings": files})))
    }

    /// `ORG/NAME/resolve/COMMIT/FILE`.
    fn file(&self, path: &str) -> Option<&Vec<u8>> {
        let (repo, rest) = path.split_once("/resolve/")?;
        let (commit, file) = rest.split_once('/')?;
        let branch = format!("{repo}@");
        let repos = self
            .repos
            .iter()
            .filter(|(name, _)| if commit == Self::COMMIT { *name == repo } else { name.starts_with(&branch) });
        repos.filter_map(|(_, files)| files.get(file)).next()
    }
}

/// Small files come at once, by git's hash; large ones by their SHA-256, from another address.
fn resolve(request: &Request, path: &str, bytes: &[u8]) -> Reply {
    let is_large = [".safetensors", ".parquet", ".gguf"].iter().any(|end| path.ends_with(end));
    if is_large {
        return Reply::new(302, "")
            .header("location", &format!("/cdn/{path}"))
            .header("x-linked-etag", &format!("\"{}\"", hex(&Sha256::digest(bytes))))
            .header("x-linked-size", &bytes.len().to_string())
            .header("x-repo-commit", FakeHub::COMMIT);
    }
    let hash = Sha1::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes).finalize();
    ranged(request, bytes).header("etag", &format!("\"{}\"", hex(&hash)))
}

/// The bytes, or those that a header `Range: bytes=N-` asks for.
fn ranged(request: &Request, bytes: &[u8]) -> Reply {
    let from = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    match from {
        Some(from) if from < bytes.len() => {
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            Reply::new(206, &bytes[from..]).header("content-range", &range)
        }
        Some(_) => Reply::new(416, ""),
        None => Reply::new(200, bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
