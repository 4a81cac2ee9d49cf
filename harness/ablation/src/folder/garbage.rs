//! Outputs of steps that nothing needs any more: of recipes that were changed since, say.

use super::{OutputFolder, lock};
use crate::AblationError;
use phi_reports::StepRecord;
use std::collections::BTreeSet;
use std::path::Path;

/// A step's folder that nothing needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnneededStep {
    /// The folder's name, `KIND-KEY`.
    pub name: String,
    /// Bytes of its files.
    pub bytes: u64,
}

impl OutputFolder {
    /// An existing folder, in which no ablation can work until this is dropped.
    ///
    /// # Errors
    /// There is none, or an ablation works in it.
    pub fn take(path: &Path) -> Result<OutputFolder, AblationError> {
        let folder = Self::visit(path)?;
        let lock = lock(&path.join("lock"))?.ok_or_else(|| AblationError::Locked(path.to_owned()))?;
        Ok(OutputFolder { _lock: Some(lock), ..folder })
    }

    /// The steps' folders that neither the plan that was last worked on nor these records need, sorted by name.
    ///
    /// # Errors
    /// The folder can't be read, or it holds no plan: then nobody knows what is needed.
    pub fn unneeded_steps(&self, records: &[StepRecord]) -> Result<Vec<UnneededStep>, AblationError> {
        let steps = self.path.join("steps");
        let plan = self.last_plan().ok_or_else(|| AblationError::NoPlan { folder: self.path.clone() })?;
        let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
        let mut needed: BTreeSet<String> = plan.steps.iter().filter_map(|step| name(&self.step_dir(step))).collect();
        needed.extend(records.iter().filter_map(|r| Some(format!("{}-{}", r.kind, r.key.get(..16)?))));
        let mut unneeded = Vec::new();
        for entry in std::fs::read_dir(&steps).map_err(|e| AblationError::io("read", &steps, e))? {
            let path = entry.map_err(|e| AblationError::io("read", &steps, e))?.path();
            let Some(name) = name(&path).filter(|name| path.is_dir() && !needed.contains(name)) else { continue };
            unneeded.push(UnneededStep { name, bytes: bytes(&path) });
        }
        unneeded.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(unneeded)
    }

    /// Removes a step's folder that is unneeded.
    ///
    /// # Errors
    /// It can't be removed.
    pub fn remove_step(&self, step: &UnneededStep) -> Result<(), AblationError> {
        let dir = self.path.join("steps").join(&step.name);
        std::fs::remove_dir_all(&dir).map_err(|e| AblationError::io("remove", &dir, e))
    }
}

/// Bytes of the files in a folder and below; what can't be looked at counts as nothing.
fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => bytes(&entry.path()),
            _ => entry.metadata().map_or(0, |m| m.len()),
        })
        .sum()
}
