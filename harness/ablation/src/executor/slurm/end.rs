//! What a job says when its step fails, for the program that waits for it.

use crate::folder::{OutputFolder, write_json};
use crate::{AblationError, Step};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a step failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub error: String,
    /// Whether it may come out well when it is tried again.
    pub may_pass: bool,
}

fn path(folder: &OutputFolder, step: &Step) -> PathBuf {
    folder.step_dir(step).join("failure.json")
}

/// Notes beside a step how it failed, or that it did not.
///
/// # Errors
/// The note can't be written.
pub fn note_end(folder: &OutputFolder, step: &Step, result: &Result<(), AblationError>) -> Result<(), AblationError> {
    match result {
        Ok(()) => {
            forget(folder, step);
            Ok(())
        }
        // Whoever has the lock will say how it ends.
        Err(AblationError::StepLocked(_)) => Ok(()),
        Err(error) => {
            // A job that was cancelled or pre-empted is worth another attempt.
            let end = End { error: error.to_string(), may_pass: error.may_pass() || error.is_interrupted() };
            write_json(&path(folder, step), &end)
        }
    }
}

/// Takes the note of an earlier attempt away.
pub(super) fn forget(folder: &OutputFolder, step: &Step) {
    let _ = std::fs::remove_file(path(folder, step));
}

/// Whether the job said how it failed.
pub(super) fn is_told(folder: &OutputFolder, step: &Step) -> bool {
    path(folder, step).is_file()
}

/// What the job said.
pub(super) fn told(folder: &OutputFolder, step: &Step) -> Option<End> {
    serde_json::from_slice(&std::fs::read(path(folder, step)).ok()?).ok()
}
