//! Models of a run that are kept along the way.

use crate::{Progress, StepEngine, TrainError, TrainPoint};
use phi_model::{Checkpoint, CheckpointError, write_whole};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// Folder of the last models, within a run's.
pub(crate) const CHECKPOINTS: &str = "checkpoints";
/// Folder of the best model, within a run's.
pub(crate) const BEST: &str = "best";

/// Which models are kept whenever the validation loss is measured, beside the one at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// So many of the last ones, in `checkpoints/STEP/`.
    pub last: usize,
    /// The one with the lowest validation loss so far, in `best/`, with `best.json` to say which that is.
    pub best: bool,
}

/// What `best.json` says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Optimiser steps behind the model.
    pub step: u64,
    /// Its loss on the validation rows, in nats a target.
    pub val_loss: f64,
}

/// Keeps models in a run's folder.
pub(crate) struct KeptModels<'a> {
    pub dir: &'a Path,
    pub keep: Keep,
    /// A file to lie beside each model: its tokenizer.
    pub beside: Option<PathBuf>,
}

impl KeptModels<'_> {
    /// Keeps what is to be kept of a step after which the validation loss was measured. Whether it is the best so far follows
    /// from the run's curve, which is a part of its state: so a run that was cut off keeps what an unbroken one does.
    pub fn after(
        &self,
        progress: &Progress,
        curve: &[TrainPoint],
        engine: &mut dyn StepEngine,
    ) -> Result<(), TrainError> {
        let Some(val_loss) = progress.val_loss else { return Ok(()) };
        if self.keep.last > 0 {
            let checkpoints = self.dir.join(CHECKPOINTS);
            self.save(engine, &checkpoints.join(progress.step.to_string()))?;
            prune(&checkpoints, self.keep.last)?;
        }
        let earlier = curve.iter().filter(|point| point.step > 0 && point.step < progress.step);
        if self.keep.best && earlier.fold(f64::INFINITY, |least, point| least.min(point.val_loss)) > val_loss {
            let best = self.dir.join(BEST);
            self.save(engine, &best)?;
            let record = Best { step: progress.step, val_loss };
            write_whole(&best.join("best.json"), &serde_json::to_vec(&record).expect("a record is plain JSON"))?;
        }
        Ok(())
    }

    fn save(&self, engine: &mut dyn StepEngine, to: &Path) -> Result<(), TrainError> {
        let config = engine.config().clone();
        Checkpoint::from_flat(&config, engine.weights()?).save(to)?;
        if let Some(from) = &self.beside {
            let bytes = fs::read(from).map_err(|e| io("read", from, e))?;
            write_whole(&to.join(from.file_name().unwrap_or_default()), &bytes)?;
        }
        Ok(())
    }
}

/// Removes all but the last models.
fn prune(checkpoints: &Path, keep: usize) -> Result<(), TrainError> {
    let entries = fs::read_dir(checkpoints).map_err(|e| io("read", checkpoints, e))?;
    let steps = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u64>().ok());
    let mut steps: Vec<u64> = steps.collect();
    steps.sort_unstable_by(|a, b| b.cmp(a));
    for step in steps.into_iter().skip(keep) {
        let path = checkpoints.join(step.to_string());
        fs::remove_dir_all(&path).map_err(|e| io("remove", &path, e))?;
    }
    Ok(())
}

pub(crate) fn io(verb: &'static str, path: &Path, error: std::io::Error) -> TrainError {
    TrainError::Checkpoint(CheckpointError::Io { action: verb, path: path.to_owned(), source: error })
}
