//! The output folder: one recipe, a folder for every step, and what is made of them.
//!
//! A step's outputs lie in `steps/KIND-KEY/`. `done.json`, with the hash of every file, is put there last, so a
//! half-written step is never taken for a whole one.

mod done;
mod garbage;

pub use done::{Done, FileRecord, StepState, Trust};
pub use garbage::UnneededStep;

use crate::step::Step;
use crate::{AblationError, Plan, Recipe};
use phi_model::write_whole;
use serde::Serialize;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The recipe that the folder belongs to.
const RECIPE: &str = "recipe.toml";

/// The plan that the folder was last worked on with.
const PLAN: &str = "plan.json";

/// An output folder.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    /// Held for as long as the folder is used; the operating system lets go of it when the process ends.
    _lock: Option<File>,
}

impl OutputFolder {
    /// Opens or makes the folder for a recipe, which no other ablation can open until this is dropped.
    ///
    /// # Errors
    /// Another ablation works in it, it belongs to another recipe and `update` is not set, or it can't be written.
    pub fn open(path: &Path, recipe: &Recipe, update: bool) -> Result<OutputFolder, AblationError> {
        std::fs::create_dir_all(path.join("steps")).map_err(|e| AblationError::io("make", path, e))?;
        let lock = lock(&path.join("lock"))?.ok_or_else(|| AblationError::Locked(path.to_owned()))?;
        let recipe_path = path.join(RECIPE);
        match std::fs::read_to_string(&recipe_path) {
            Ok(old) => {
                // How steps are run may change at any time; what results depend on may not.
                let old = Recipe::parse(&old, RECIPE).map_or(old, |recipe| recipe.of_results());
                let new = recipe.of_results();
                if old != new && !update {
                    let difference = difference(&old, &new);
                    return Err(AblationError::OtherRecipe { folder: path.to_owned(), difference });
                }
            }
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(AblationError::io("read", &recipe_path, e)),
            Err(_) => {}
        }
        let text = recipe.to_toml();
        if std::fs::read_to_string(&recipe_path).ok().as_deref() != Some(text.as_str()) {
            write_whole(&recipe_path, text.as_bytes())?;
        }
        Ok(OutputFolder { path: path.to_owned(), _lock: Some(lock) })
    }

    /// An existing folder, to look into it or to run single steps of its plan, while an ablation may work in it.
    ///
    /// # Errors
    /// There is none.
    pub fn visit(path: &Path) -> Result<OutputFolder, AblationError> {
        if !path.join("steps").is_dir() {
            return Err(AblationError::NoFolder(path.to_owned()));
        }
        Ok(OutputFolder { path: path.to_owned(), _lock: None })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the plan, for steps that are run on their own and for the next ablation to be compared with.
    ///
    /// # Errors
    /// It can't be written.
    pub fn save_plan(&self, plan: &Plan) -> Result<(), AblationError> {
        let path = self.path.join(PLAN);
        let bytes = serde_json::to_vec(plan).expect("a plan is plain JSON");
        match std::fs::read(&path) {
            Ok(old) if old == bytes => Ok(()),
            _ => Ok(write_whole(&path, &bytes)?),
        }
    }

    /// The plan that the folder was last worked on with; `None` if there is none, or an older phi-bench wrote it.
    pub fn last_plan(&self) -> Option<Plan> {
        serde_json::from_slice(&std::fs::read(self.path.join(PLAN)).ok()?).ok()
    }

    /// When the folder was made, in seconds since 1970, by the file system's clock; 0 where it doesn't tell.
    pub(crate) fn made_unix_s(&self) -> u64 {
        let made = std::fs::metadata(self.path.join(RECIPE)).and_then(|m| m.modified());
        made.ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |d| d.as_secs())
    }

    /// Where a step's outputs lie.
    pub fn step_dir(&self, step: &Step) -> PathBuf {
        self.path.join("steps").join(format!("{}-{}", step.spec.kind(), step.short_key()))
    }

    /// Makes a step's folder and keeps other processes from working on the step until what is returned is dropped.
    ///
    /// # Errors
    /// Another process works on it, or the folder can't be made.
    pub(crate) fn lock_step(&self, step: &Step) -> Result<File, AblationError> {
        let dir = self.step_dir(step);
        std::fs::create_dir_all(&dir).map_err(|e| AblationError::io("make", &dir, e))?;
        lock(&dir.join("lock"))?.ok_or_else(|| AblationError::StepLocked(step.label.clone()))
    }

    /// Removes what a step has left.
    ///
    /// # Errors
    /// The folder can't be removed.
    pub fn clear(&self, step: &Step) -> Result<(), AblationError> {
        let dir = self.step_dir(step);
        match std::fs::remove_dir_all(&dir) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(AblationError::io("remove", &dir, e)),
            _ => Ok(()),
        }
    }
}

/// A lock file, locked; `None` if another process holds it.
fn lock(path: &Path) -> Result<Option<File>, AblationError> {
    let file = File::create(path).map_err(|e| AblationError::io("write", path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(AblationError::io("lock", path, e)),
    }
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
