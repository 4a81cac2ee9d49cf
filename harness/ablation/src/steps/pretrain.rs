//! Training on code and textbooks.

use super::{Running, training};
use crate::AblationError;
use phi_model::{Checkpoint, PhiConfig};
use phi_train::{Precision, TrainSpec};

pub(super) fn run(
    r: &Running<'_>,
    config: &PhiConfig,
    train: &TrainSpec,
    init_seed: u64,
    grown_from: Option<&PhiConfig>,
    keep_every: Option<u64>,
    gpu: Option<Precision>,
) -> Result<Vec<String>, AblationError> {
    let start = || match grown_from {
        Some(_) => Ok(Checkpoint::load(&r.input(2).join("model"))?),
        None => Ok(Checkpoint::random(config, init_seed)),
    };
    let training = training::Training { config, spec: train, tokens: r.input(1), name: "pretrain", keep_every, gpu };
    training.run(r, start, grown_from)
}
