//! One commit of a repository.

use crate::cache::RepoCache;
use crate::download::fetch;
use crate::repo::is_path_inside;
use crate::{Hub, HubError, Repo, api};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

/// One commit of a repository. Files are fetched when they are asked for.
#[derive(Debug, Clone)]
pub struct Snapshot {
    hub: Hub,
    repo: Repo,
    listing: Listing,
    cache: RepoCache,
}

/// A commit and its files, sorted.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    commit: String,
    files: Arc<Vec<String>>,
    from: From,
}

/// Where a snapshot's list of files came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Hub,
    Cache,
}

impl Snapshot {
    pub(crate) fn open(hub: &Hub, repo: &Repo) -> Result<Self, HubError> {
        let cache = RepoCache::new(&hub.settings.cache, repo);
        let mut known = hub.known.lock().unwrap_or_else(PoisonError::into_inner);
        let listing = match known.get(repo) {
            Some(listing) => listing.clone(),
            None => known.entry(repo.clone()).or_insert(listing(hub, repo, &cache)?).clone(),
        };
        Ok(Self { hub: hub.clone(), repo: repo.clone(), listing, cache })
    }

    /// The repository.
    #[must_use]
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The commit's hash.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.listing.commit
    }

    /// The paths of its files, sorted: all of them, or, where the hub was never asked and can't be, those that the cache has.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.listing.files
    }

    /// Whether it has such a file.
    #[must_use]
    pub fn has(&self, file: &str) -> bool {
        self.listing.files.binary_search_by(|known| known.as_str().cmp(file)).is_ok()
    }

    /// Whether the hub wasn't asked, so that the snapshot may be old and its list of files incomplete.
    #[must_use]
    pub fn is_from_cache(&self) -> bool {
        self.listing.from == From::Cache
    }

    /// The folder that its files lie in, once they are fetched.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.cache.snapshot(&self.listing.commit)
    }

    /// A file of it on disk, fetched if it isn't here yet.
    ///
    /// # Errors
    /// There is no such file, or it can't be fetched whole.
    pub fn file(&self, file: &str) -> Result<PathBuf, HubError> {
        let path = self.folder().join(file);
        if is_path_inside(file) && path.is_file() {
            return Ok(path);
        }
        let what = format!("file {file} in the {}", self.repo);
        if self.listing.from == From::Cache && self.hub.settings.offline {
            return Err(HubError::Offline { what, cache: self.hub.settings.cache.clone() });
        }
        if !is_path_inside(file) || (self.listing.from == From::Hub && !self.has(file)) {
            return Err(HubError::NotFound {
                what,
                url: self.hub.url(&self.repo.file_path(&self.listing.commit, file)),
            });
        }
        let url = self.hub.url(&self.repo.file_path(&self.listing.commit, file));
        let etag = fetch(&self.hub, &self.cache, &url, file, &what)?;
        self.cache.link(&self.listing.commit, file, &etag)
    }
}

/// The hub's list, or the cache's where the hub mustn't or can't be asked.
fn listing(hub: &Hub, repo: &Repo, cache: &RepoCache) -> Result<Listing, HubError> {
    let known = cache.commit_of(repo).filter(|commit| cache.snapshot(commit).is_dir());
    let cached = |commit: String| Listing { files: Arc::new(cache.files(&commit)), commit, from: From::Cache };
    if hub.settings.offline {
        let offline = || HubError::Offline { what: format!("the {repo}"), cache: hub.settings.cache.clone() };
        return known.map(cached).ok_or_else(offline);
    }
    match api::info(hub, repo) {
        Ok(info) => {
            cache.remember(repo, &info.commit)?;
            cache.keep_files(&info.commit, &info.files)?;
            Ok(Listing { commit: info.commit, files: Arc::new(info.files), from: From::Hub })
        }
        // What was fetched once stays usable without a network.
        Err(error @ HubError::Unreachable { .. }) => known.map(cached).ok_or(error),
        Err(error) => Err(error),
    }
}
