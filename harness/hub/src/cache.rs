//! The hub's cache on disk, as `huggingface_hub` lays it out:
//!
//! ```text
//! models--ORG--NAME/refs/main                    the commit that the branch had
//! models--ORG--NAME/snapshots/COMMIT/config.json a link to the blob
//! models--ORG--NAME/blobs/ETAG                   the bytes; ETAG.incomplete while they come
//! models--ORG--NAME/phi-bench/COMMIT.json        the list of the commit's files: ours, which others don't read
//! .locks/models--ORG--NAME/ETAG.lock             held while they come
//! ```

use crate::repo::is_commit;
use crate::{HubError, Repo};
use std::fs::File;
use std::path::{Path, PathBuf};

/// One repository's part of the cache.
#[derive(Debug, Clone)]
pub(crate) struct RepoCache {
    root: PathBuf,
    folder: String,
}

impl RepoCache {
    pub fn new(root: &Path, repo: &Repo) -> Self {
        Self { root: root.to_owned(), folder: repo.folder() }
    }

    fn repo(&self) -> PathBuf {
        self.root.join(&self.folder)
    }

    pub fn snapshot(&self, commit: &str) -> PathBuf {
        self.repo().join("snapshots").join(commit)
    }

    pub fn blob(&self, etag: &str) -> PathBuf {
        self.repo().join("blobs").join(etag)
    }

    pub fn incomplete(&self, etag: &str) -> PathBuf {
        self.repo().join("blobs").join(format!("{etag}.incomplete"))
    }

    /// The commit that a revision had when it was last seen.
    pub fn commit_of(&self, repo: &Repo) -> Option<String> {
        if repo.is_commit() {
            return Some(repo.revision().to_owned());
        }
        let text = std::fs::read_to_string(self.repo().join("refs").join(repo.revision())).ok()?;
        Some(text.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Remembers the commit of a revision.
    pub fn remember(&self, repo: &Repo, commit: &str) -> Result<(), HubError> {
        if repo.is_commit() || self.commit_of(repo).as_deref() == Some(commit) {
            return Ok(());
        }
        let path = self.repo().join("refs").join(repo.revision());
        write_whole(&path, commit.as_bytes())
    }

    /// Every file of a commit, sorted: by the list that was kept, or else those that are here, with `/` between their parts.
    pub fn files(&self, commit: &str) -> Vec<String> {
        let kept = std::fs::read(self.listing(commit)).ok().and_then(|text| serde_json::from_slice(&text).ok());
        kept.unwrap_or_else(|| self.files_here(commit))
    }

    /// Keeps the list of a commit's files, so that a part of a data set isn't taken for the whole without the hub.
    pub fn keep_files(&self, commit: &str, files: &[String]) -> Result<(), HubError> {
        let path = self.listing(commit);
        if path.is_file() {
            return Ok(());
        }
        write_whole(&path, serde_json::json!(files).to_string().as_bytes())
    }

    fn listing(&self, commit: &str) -> PathBuf {
        self.repo().join("phi-bench").join(format!("{commit}.json"))
    }

    fn files_here(&self, commit: &str) -> Vec<String> {
        let (mut files, mut folders) = (Vec::new(), vec![(self.snapshot(commit), String::new())]);
        while let Some((folder, prefix)) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push((entry.path(), format!("{name}/")));
                } else if entry.path().is_file() {
                    files.push(name);
                }
            }
        }
        files.sort_unstable();
        files
    }

    /// Puts a blob into a snapshot under a file's name.
    pub fn link(&self, commit: &str, file: &str, etag: &str) -> Result<PathBuf, HubError> {
        let path = self.snapshot(commit).join(file);
        make_parent(&path)?;
        if path.is_file() {
            return Ok(path);
        }
        // A link that leads nowhere.
        let _ = std::fs::remove_file(&path);
        let up = "../".repeat(file.matches('/').count() + 2);
        let linked = symlink(Path::new(&format!("{up}blobs/{etag}")), &path);
        let linked = linked.or_else(|_| std::fs::copy(self.blob(etag), &path).map(|_| ()));
        // Another process may have been quicker.
        if path.is_file() { Ok(path) } else { linked.map(|()| path.clone()).map_err(HubError::io("write", &path)) }
    }

    /// Waits for other processes that fetch the same file, and keeps them out until the file is dropped.
    pub fn lock(&self, etag: &str) -> Result<File, HubError> {
        let path = self.root.join(".locks").join(&self.folder).join(format!("{etag}.lock"));
        make_parent(&path)?;
        let open = || {
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(HubError::io("lock", &path))
    }
}

/// Writes a small file: whole, or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), HubError> {
    make_parent(path)?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&part, bytes).map_err(HubError::io("write", &part))?;
    std::fs::rename(&part, path).map_err(HubError::io("write", path))
}

pub(crate) fn make_parent(path: &Path) -> Result<(), HubError> {
    let parent = path.parent().expect("a file of the cache lies in a folder");
    std::fs::create_dir_all(parent).map_err(HubError::io("make", parent))
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

/// Where links need rights of their own, the snapshot holds copies, as `huggingface_hub`'s does.
#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
