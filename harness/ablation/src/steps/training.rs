//! What pretraining and alignment share: a training run that goes on where it was cut off.

use super::{MODEL_FILES, Running, save_model};
use crate::AblationError;
use crate::folder::write_json;
use phi_growth::block_cosine;
use phi_model::{Checkpoint, PackedTokens, ParamLayout, PhiConfig};
use phi_train::{Control, TrainPoint, TrainSpec, TrainState, train};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The record of a training run.
pub(crate) const TRAINING: &str = "training.json";

/// Where an unfinished run stands.
pub(super) const STATE: &str = "state.safetensors";

/// Time between saves of an unfinished run.
const SAVE_EVERY: Duration = Duration::from_secs(10);

/// What a training run leaves beside its model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainingRecord {
    /// Parameters of the model.
    pub params: u64,
    /// FLOPs of one token.
    pub flops_per_token: f64,
    /// Tokens of one step.
    pub tokens_per_step: u64,
    /// Steps.
    pub steps: u64,
    /// Seconds.
    pub seconds: f64,
    /// The loss curve.
    pub curve: Vec<TrainPoint>,
    /// How alike the tiles of a grown model are after training.
    pub block_cosine: Option<f64>,
}

/// The files that a training step leaves.
pub(crate) const OUTPUTS: &[&str] = &[MODEL_FILES[0], MODEL_FILES[1], MODEL_FILES[2], TRAINING];

/// Trains from `start`, or from where the run was cut off, and writes model and record.
pub(crate) fn run(
    r: &Running<'_>,
    start: impl FnOnce() -> Result<Checkpoint, AblationError>,
    config: &PhiConfig,
    spec: &TrainSpec,
    tokens: &str,
    grown_from: Option<&PhiConfig>,
) -> Result<&'static [&'static str], AblationError> {
    let (dir, corpus) = (r.dir(), r.input(0));
    let data = PackedTokens::load(&corpus.join(format!("{tokens}.tokens")))?;
    let validation = PackedTokens::load(&corpus.join(format!("{tokens}-validation.tokens")))?;
    let snapshot = dir.join(STATE);
    let layout = ParamLayout::new(config);
    let mut state =
        if snapshot.exists() { TrainState::load(&snapshot, &layout)? } else { TrainState::new(start()?.to_flat()) };
    let mut saved = Instant::now();
    train(spec, config, &mut state, &data, &validation, &snapshot, &mut |p| {
        (r.progress)(p.step as f64 / p.steps as f64, &format!("step {} of {}, loss {:.3}", p.step, p.steps, p.loss));
        if r.is_interrupted() {
            Control::Stop
        } else if saved.elapsed() >= SAVE_EVERY {
            saved = Instant::now();
            Control::Save
        } else {
            Control::Continue
        }
    })?;
    let checkpoint = Checkpoint::from_flat(config, &state.params);
    save_model(&checkpoint, &corpus, &dir)?;
    let record = TrainingRecord {
        params: config.num_params(),
        flops_per_token: config.train_flops_per_token(data.seq_len()),
        tokens_per_step: (spec.batch_rows * data.seq_len()) as u64,
        steps: spec.steps,
        seconds: state.progress.seconds,
        curve: state.progress.curve,
        block_cosine: grown_from.and_then(|small| block_cosine(&checkpoint, small)),
    };
    write_json(&dir.join(TRAINING), &record)?;
    Ok(OUTPUTS)
}
