//! What the hub says of a repository: its commit and its files.

use crate::hub::{Method, Tried};
use crate::repo::{is_commit, is_path_inside};
use crate::{Hub, HubError, Repo};
use serde::Deserialize;

/// A commit and the names of its files.
pub(crate) struct RepoInfo {
    pub commit: String,
    /// Sorted.
    pub files: Vec<String>,
}

/// The hub's own words.
#[derive(Deserialize)]
struct Info {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
}

/// Bytes of a list of files at most: about half a million files.
const MOST_BYTES: u64 = 64 << 20;

pub(crate) fn info(hub: &Hub, repo: &Repo) -> Result<RepoInfo, HubError> {
    let url = hub.url(&repo.info_path());
    hub.patiently(&url, || {
        let reached = hub.request(Method::Get, &url, &repo.to_string(), &[])?;
        let body =
            reached.answer.read(MOST_BYTES).map_err(|fault| Tried::Passing { reason: fault.reason, wait: None })?;
        let nonsense = |reason: String| HubError::Nonsense { url: url.clone(), reason };
        let info: Info = serde_json::from_slice(&body).map_err(|error| {
            nonsense(format!("the list of files isn't JSON as a hub writes it ({error}): {}", phi_http::excerpt(&body)))
        })?;
        if !is_commit(&info.sha) {
            return Err(nonsense(format!("{:?} isn't a commit", info.sha)).into());
        }
        let mut files: Vec<String> = info.siblings.into_iter().map(|sibling| sibling.rfilename).collect();
        if let Some(outside) = files.iter().find(|file| !is_path_inside(file)) {
            return Err(nonsense(format!("{outside:?} isn't the path of a file")).into());
        }
        files.sort_unstable();
        Ok(RepoInfo { commit: info.sha, files })
    })
}
