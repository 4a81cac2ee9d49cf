//! The output folder: one recipe, a folder for every step, and what is made of them.
//!
//! A step's outputs lie in `steps/KIND-KEY/`. `done.json`, with the hash of every file, is put there last, so a
//! half-written step is never taken for a whole one.

use crate::step::{Step, hex};
use crate::{AblationError, Recipe};
use phi_model::write_whole;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// An output folder that this process alone works in.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    /// Held for as long as the folder is used; the operating system lets go of it when the process ends.
    _lock: File,
}

/// What `done.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// The step's key.
    pub key: String,
    /// Seconds that the step took.
    pub seconds: f64,
    /// Relative path and SHA-256 of every output.
    pub files: BTreeMap<String, String>,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum StepState {
    /// Its outputs are whole.
    Done(Done),
    /// It has not ended.
    ToDo,
    /// It had ended, but its outputs have changed since.
    Damaged(String),
}

impl OutputFolder {
    /// Takes a folder for a recipe; it is made if need be. With `update`, a folder of another recipe is taken over.
    ///
    /// # Errors
    /// The folder can't be written, belongs to another recipe, or another process works in it.
    pub fn open(path: &Path, recipe: &Recipe, update: bool) -> Result<OutputFolder, AblationError> {
        std::fs::create_dir_all(path.join("steps")).map_err(|e| AblationError::io("make", path, e))?;
        let lock_path = path.join("lock");
        let lock = File::create(&lock_path).map_err(|e| AblationError::io("write", &lock_path, e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AblationError::Locked(path.to_owned())),
            Err(TryLockError::Error(e)) => return Err(AblationError::io("lock", &lock_path, e)),
        }
        let recipe_path = path.join("recipe.toml");
        let new = recipe.to_toml();
        match std::fs::read_to_string(&recipe_path) {
            Ok(old) if old != new && !update => {
                return Err(AblationError::OtherRecipe { folder: path.to_owned(), difference: difference(&old, &new) });
            }
            Ok(old) if old == new => {}
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(AblationError::io("read", &recipe_path, e)),
            _ => write_whole(&recipe_path, new.as_bytes())?,
        }
        Ok(OutputFolder { path: path.to_owned(), _lock: lock })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a step's outputs lie.
    pub fn step_dir(&self, step: &Step) -> PathBuf {
        self.path.join("steps").join(format!("{}-{}", step.spec.kind(), &step.key[..16]))
    }

    /// How far a step is; the hashes of its outputs are checked.
    pub fn state(&self, step: &Step) -> StepState {
        let dir = self.step_dir(step);
        let text = match std::fs::read(dir.join("done.json")) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return StepState::ToDo,
            Err(e) => return StepState::Damaged(format!("done.json can't be read: {e}")),
        };
        let done: Done = match serde_json::from_slice(&text) {
            Ok(done) => done,
            Err(e) => return StepState::Damaged(format!("done.json can't be read: {e}")),
        };
        if done.key != step.key {
            return StepState::Damaged("done.json belongs to another step".into());
        }
        for (name, hash) in &done.files {
            match std::fs::read(dir.join(name)) {
                Ok(bytes) if hex(&Sha256::digest(&bytes)) == *hash => {}
                Ok(_) => return StepState::Damaged(format!("{name} has changed")),
                Err(e) => return StepState::Damaged(format!("{name}: {e}")),
            }
        }
        StepState::Done(done)
    }

    /// Declares a step done: hashes the named outputs and puts `done.json` beside them.
    ///
    /// # Errors
    /// An output can't be read, or `done.json` can't be written.
    pub fn finish(&self, step: &Step, seconds: f64, outputs: &[&str]) -> Result<(), AblationError> {
        let dir = self.step_dir(step);
        let mut files = BTreeMap::new();
        for name in outputs {
            let path = dir.join(name);
            let bytes = std::fs::read(&path).map_err(|e| AblationError::io("read", &path, e))?;
            files.insert((*name).to_owned(), hex(&Sha256::digest(&bytes)));
        }
        let done = Done { key: step.key.clone(), seconds, files };
        let text = serde_json::to_vec_pretty(&done).expect("a done record is plain JSON");
        Ok(write_whole(&dir.join("done.json"), &text)?)
    }

    /// Removes what a step has left.
    ///
    /// # Errors
    /// The folder can't be removed.
    pub fn clear(&self, step: &Step) -> Result<(), AblationError> {
        let dir = self.step_dir(step);
        match std::fs::remove_dir_all(&dir) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(AblationError::io("remove", &dir, e)),
            _ => Ok(()),
        }
    }
}

/// Reads a JSON output.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, AblationError> {
    let bytes = std::fs::read(path).map_err(|e| AblationError::io("read", path, e))?;
    serde_json::from_slice(&bytes).map_err(|e| AblationError::Damaged { path: path.to_owned(), reason: e.to_string() })
}

/// Writes a JSON output.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), AblationError> {
    Ok(write_whole(path, &serde_json::to_vec(value).expect("outputs are plain JSON"))?)
}

/// The first lines in which two recipes differ.
fn difference(old: &str, new: &str) -> String {
    let new: std::collections::BTreeSet<&str> = new.lines().collect();
    let gone: Vec<&str> = old.lines().filter(|l| !l.trim().is_empty() && !new.contains(l)).take(3).collect();
    if gone.is_empty() { "what was added".into() } else { gone.join("; ") }
}
