//! Training on exercises.

use super::{Running, training};
use crate::AblationError;
use phi_model::{Checkpoint, PhiConfig};
use phi_train::TrainSpec;

pub(super) fn run(r: &Running<'_>, train: &TrainSpec) -> Result<&'static [&'static str], AblationError> {
    let model = r.input(1).join("model");
    let config = PhiConfig::load(&model.join("config.json"))?;
    training::run(r, || Ok(Checkpoint::load(&model)?), &config, train, "align", None)
}
