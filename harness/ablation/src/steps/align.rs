//! Training on exercises.

use super::{Running, training};
use crate::AblationError;
use phi_model::{Checkpoint, PhiConfig};
use phi_train::{Precision, TrainSpec};

pub(super) fn run(
    r: &Running<'_>,
    train: &TrainSpec,
    keep_every: Option<u64>,
    gpu: Option<Precision>,
) -> Result<Vec<String>, AblationError> {
    let model = r.input(1).join("model");
    let config = PhiConfig::load(&model.join("config.json"))?;
    let tokens = r.input(if r.num_inputs() > 2 { 2 } else { 0 });
    let training = training::Training { config: &config, spec: train, tokens, name: "align", keep_every, gpu };
    training.run(r, || Ok(Checkpoint::load(&model)?), None)
}
