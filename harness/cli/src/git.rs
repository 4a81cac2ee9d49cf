//! What git says of the folder that a command runs in.

use phi_reports::track::Commit;
use std::process::Command;

/// The commit that is checked out; `None` without git, outside a repository, or before the first commit.
pub fn head() -> Option<Commit> {
    let output = Command::new("git").args(["log", "-1", "--format=%H %ct"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    let (id, unix_s) = text.trim().split_once(' ')?;
    Some(Commit { id: id.to_owned(), unix_s: unix_s.parse().ok()? })
}
