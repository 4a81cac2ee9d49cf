//! What pretraining and alignment share: a training run that goes on where it was cut off.

use super::{MODEL_FILES, Running, names, save_model};
use crate::AblationError;
use crate::executor::StepProgress;
use crate::folder::write_json;
use phi_growth::block_cosine;
use phi_model::{Checkpoint, PackedTokens, PhiConfig};
use phi_train::{CpuEngine, EngineMaker, Precision, ResumableRun, TrainPoint, TrainSpec};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

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
    /// Bytes of the weights, the optimiser's state, gradients and activations at their most; on a GPU by its forecast.
    pub memory_bytes: u64,
    /// The loss curve.
    pub curve: Vec<TrainPoint>,
    /// How alike the tiles of a grown model are after training.
    pub block_cosine: Option<f64>,
}

/// A training run.
pub(super) struct Training<'a> {
    pub config: &'a PhiConfig,
    pub spec: &'a TrainSpec,
    /// Where the tokens lie to train on; those to validate with are the corpus', whatever is trained on.
    pub tokens: PathBuf,
    /// Name of the tokens' file.
    pub name: &'a str,
    /// Steps between models that are kept.
    pub keep_every: Option<u64>,
    /// Number format on a GPU, where one trains it.
    pub gpu: Option<Precision>,
}

/// Where the model that is kept after a step lies, within the step's folder.
pub(super) fn kept_model(after: u64) -> String {
    format!("kept/{after}")
}

impl Training<'_> {
    /// Trains from `start`, or from where the run was cut off, and writes model and record.
    pub fn run(
        &self,
        r: &Running<'_>,
        start: impl FnOnce() -> Result<Checkpoint, AblationError>,
        grown_from: Option<&PhiConfig>,
    ) -> Result<Vec<String>, AblationError> {
        let (config, spec) = (self.config, self.spec);
        let (dir, corpus) = (r.dir(), r.input(0));
        let data = PackedTokens::load(&self.tokens.join(format!("{}.tokens", self.name)))?;
        let validation = PackedTokens::load(&corpus.join(format!("{}-validation.tokens", self.name)))?;
        let gpu = r.gpu(self.gpu)?;
        let engine: Box<EngineMaker<'_>> = match &gpu {
            Some(gpu) => Box::new(|tensors| gpu.engine(config, spec, data.seq_len(), tensors)),
            None => CpuEngine::maker(config, spec),
        };
        let mut training = ResumableRun::open_on(engine, spec, config, &dir.join(STATE), SAVE_EVERY, start)?;
        let mut memory_bytes = 0;
        training.train(&data, &validation, |p, _, engine| {
            let note = format!("step {} of {}, loss {:.3}", p.step, p.steps, p.loss);
            (r.progress)(&StepProgress { fraction: p.step as f64 / p.steps as f64, note, loss: Some(p.loss) });
            memory_bytes = memory_bytes.max(p.memory_bytes);
            if self.is_kept(p.step) {
                let model = dir.join(kept_model(p.step));
                save_model(&Checkpoint::from_flat(config, engine.weights()?), &corpus, &model)?;
            }
            Ok::<_, AblationError>(!r.is_interrupted())
        })?;
        let checkpoint = training.checkpoint()?;
        save_model(&checkpoint, &corpus, &dir.join("model"))?;
        let record = TrainingRecord {
            params: config.num_params(),
            flops_per_token: config.train_flops_per_token(data.seq_len()),
            tokens_per_step: (spec.batch_rows * data.seq_len()) as u64,
            steps: spec.steps,
            seconds: training.progress().seconds,
            memory_bytes,
            curve: training.progress().curve.clone(),
            block_cosine: grown_from.and_then(|small| block_cosine(&checkpoint, small)),
        };
        write_json(&dir.join(TRAINING), &record)?;
        let mut outputs = names(&MODEL_FILES);
        outputs.push(TRAINING.into());
        for step in (1..=spec.steps).filter(|step| self.is_kept(*step)) {
            let kept = kept_model(step);
            outputs.extend(MODEL_FILES.map(|file| file.replacen("model", &kept, 1)));
        }
        Ok(outputs)
    }

    /// Whether the model after this step is kept; the last one is there anyway.
    fn is_kept(&self, step: u64) -> bool {
        self.keep_every.is_some_and(|every| step.is_multiple_of(every) && step < self.spec.steps)
    }
}
