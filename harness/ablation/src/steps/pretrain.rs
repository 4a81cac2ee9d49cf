//! Training on code and textbooks.

use super::{Running, training};
use crate::AblationError;
use phi_model::{Checkpoint, PhiConfig};
use phi_train::TrainSpec;

pub(super) fn run(
    r: &Running<'_>,
    config: &PhiConfig,
    train: &TrainSpec,
    init_seed: u64,
    grown_from: Option<&PhiConfig>,
) -> Result<&'static [&'static str], AblationError> {
    let start = || match grown_from {
        Some(_) => Ok(Checkpoint::load(&r.input(1).join("model"))?),
        None => Ok(Checkpoint::random(config, init_seed)),
    };
    training::run(r, start, config, train, "pretrain", grown_from)
}
