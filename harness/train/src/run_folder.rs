//! A training run's folder: what it was begun with, where it stands, its metrics, and the model at its end.

use crate::{
    Control, CpuEngine, Progress, StepEngine, TrainError, TrainProgress, TrainSpec, TrainState, TrainTensors,
    setting_differences, train,
};
use phi_model::{Checkpoint, PackedTokens, ParamLayout, PhiConfig, write_whole};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SETTINGS: &str = "settings.json";
const STATE: &str = "state.safetensors";
const METRICS: &str = "metrics.jsonl";
const MODEL: &str = "model";
const LAST_GOOD: &str = "last-good";

/// Time between saves of an unfinished run.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// A line of `metrics.jsonl`: one optimiser step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Optimiser steps done.
    pub step: u64,
    /// Tokens trained on so far.
    pub tokens: u64,
    /// Training loss of the step, in nats a target.
    pub loss: f64,
    /// Norm of the gradient before clipping.
    pub grad_norm: f64,
    /// Learning rate.
    pub learning_rate: f64,
    /// Loss on the validation rows, in nats a target, where it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_loss: Option<f64>,
    /// Tokens a second since the run (or its last part) began.
    pub tokens_per_second: f64,
    /// Floating-point operations a second, in thousand millions, by [`PhiConfig::train_flops_per_token`].
    pub gflops: f64,
    /// Scores of the model after this step, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<StepScore>,
    /// The most memory that the process had so far, in bytes, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
}

/// A score of a model that is still in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepScore {
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Its value, in the metric's own unit.
    pub value: f64,
    /// Lower and upper end of its 95 % confidence interval.
    pub interval: (f64, f64),
}

/// What a caller wants to be asked along the way.
pub struct Hooks<'a> {
    go_on: &'a mut dyn FnMut(&Metrics, u64) -> bool,
    score: Option<&'a mut Scorer<'a>>,
    engine: Option<Box<EngineMaker<'a>>>,
}

/// Makes the engine of a run out of its tensors, new or resumed.
pub type EngineMaker<'a> = dyn FnOnce(TrainTensors) -> Result<Box<dyn StepEngine>, TrainError> + 'a;

/// Scores weights, in [`ParamLayout`] order; an error ends the run as it was last saved.
pub type Scorer<'a> = dyn FnMut(&[f32]) -> Result<Vec<StepScore>, Box<dyn std::error::Error + Send + Sync>> + 'a;

impl<'a> Hooks<'a> {
    /// `go_on` is told of every step and how many there are; where it says no, the run stops and can be gone on with.
    pub fn new(go_on: &'a mut dyn FnMut(&Metrics, u64) -> bool) -> Hooks<'a> {
        Hooks { go_on, score: None, engine: None }
    }

    /// Has the model scored whenever the validation loss is measured. The weights are only lent, so training goes on as if
    /// it had not been.
    #[must_use]
    pub fn with_scorer(mut self, score: &'a mut Scorer<'a>) -> Hooks<'a> {
        self.score = Some(score);
        self
    }

    /// Trains on another engine than [`CpuEngine`].
    #[must_use]
    pub fn with_engine(mut self, engine: Box<EngineMaker<'a>>) -> Hooks<'a> {
        self.engine = Some(engine);
        self
    }
}

/// The folder of one training run.
#[derive(Debug)]
pub struct RunFolder {
    dir: PathBuf,
}

impl RunFolder {
    /// The folder of a run with these settings: new, or one that was begun with the same.
    ///
    /// # Errors
    /// [`TrainError::OtherSettings`] for a run that was begun with others; [`TrainError::Checkpoint`] where the folder can't
    /// be read or written.
    pub fn open(dir: &Path, settings: &Value) -> Result<RunFolder, TrainError> {
        fs::create_dir_all(dir).map_err(|e| io("make", dir, e))?;
        let path = dir.join(SETTINGS);
        match fs::read(&path) {
            Ok(bytes) => {
                let begun = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
                if begun != *settings {
                    let differences = setting_differences(&begun, settings).join("; ");
                    return Err(TrainError::OtherSettings { dir: dir.to_owned(), differences });
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                write_whole(&path, &serde_json::to_vec_pretty(settings).expect("settings are plain JSON"))?;
            }
            Err(e) => return Err(io("read", &path, e)),
        }
        Ok(RunFolder { dir: dir.to_owned() })
    }

    /// Takes away what an earlier run left: settings, state, metrics, models. Other files stay.
    ///
    /// # Errors
    /// A file can't be removed.
    pub fn clear(dir: &Path) -> Result<(), TrainError> {
        for name in [SETTINGS, STATE, METRICS, MODEL, LAST_GOOD] {
            let path = dir.join(name);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match removed {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io("remove", &path, e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// A file of the run's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Where the model lies once the run is done.
    pub fn model(&self) -> PathBuf {
        self.dir.join(MODEL)
    }

    /// Whether the run is done.
    pub fn is_done(&self) -> bool {
        self.model().join("model.safetensors").is_file()
    }

    /// Trains from `start`, or from where the run was cut off, to the end of `spec`, and writes the model.
    ///
    /// # Errors
    /// As [`train`]. Where the loss diverged, the last good weights lie in `last-good/`.
    pub fn train(
        &self,
        spec: &TrainSpec,
        config: &PhiConfig,
        start: impl FnOnce() -> Checkpoint,
        data: &PackedTokens,
        validation: &PackedTokens,
        mut hooks: Hooks<'_>,
    ) -> Result<TrainProgress, TrainError> {
        let snapshot = self.path(STATE);
        let layout = ParamLayout::new(config);
        let TrainState { tensors, mut progress } =
            if snapshot.exists() { TrainState::load(&snapshot, &layout)? } else { TrainState::new(start().to_flat()) };
        let mut engine: Box<dyn StepEngine> = match hooks.engine.take() {
            Some(make) => make(tensors)?,
            None => Box::new(CpuEngine::new(config, spec, tensors)),
        };
        let mut metrics = self.metrics_after(progress.step)?;
        let tokens_per_step = (spec.batch_rows * data.seq_len()) as u64;
        let flops = config.train_flops_per_token(data.seq_len());
        let (begun, first, mut saved) = (Instant::now(), progress.step, Instant::now());
        let mut after_step = |progress: &Progress, engine: &mut dyn StepEngine| {
            let mut scores = Vec::new();
            if let (Some(score), Some(_)) = (&mut hooks.score, progress.val_loss) {
                let scored = score(engine.weights()?);
                scores = scored.map_err(|source| TrainError::Scoring { step: progress.step, source })?;
            }
            let done = (progress.step - first) * tokens_per_step;
            let tokens_per_second = done as f64 / begun.elapsed().as_secs_f64().max(1e-9);
            let line = Metrics {
                step: progress.step,
                tokens: progress.step * tokens_per_step,
                loss: progress.loss,
                grad_norm: progress.grad_norm,
                learning_rate: progress.learning_rate,
                val_loss: progress.val_loss,
                tokens_per_second,
                gflops: tokens_per_second * flops / 1e9,
                scores,
                peak_memory_bytes: crate::peak_memory_bytes(),
            };
            let text = serde_json::to_string(&line).expect("metrics are plain JSON");
            writeln!(metrics, "{text}").map_err(|e| io("write", &self.path(METRICS), e))?;
            Ok(if !(hooks.go_on)(&line, progress.steps) {
                Control::Stop
            } else if saved.elapsed() >= SAVE_EVERY {
                saved = Instant::now();
                Control::Save
            } else {
                Control::Continue
            })
        };
        let trained = train(spec, &mut *engine, &mut progress, data, validation, &snapshot, &mut after_step);
        if let Err(TrainError::Diverged { .. }) = &trained {
            Checkpoint::from_flat(config, engine.weights()?).save(&self.path(LAST_GOOD))?;
        }
        trained?;
        Checkpoint::from_flat(config, engine.weights()?).save(&self.model())?;
        let _ = fs::remove_file(&snapshot);
        Ok(progress)
    }

    /// The metrics file, cut to the steps that the state knows of, to write on.
    fn metrics_after(&self, step: u64) -> Result<File, TrainError> {
        let path = self.path(METRICS);
        let mut kept = Vec::new();
        match File::open(&path) {
            Ok(file) => {
                for line in BufReader::new(file).lines().map_while(Result::ok) {
                    match serde_json::from_str::<Metrics>(&line) {
                        Ok(metrics) if metrics.step <= step => kept.push(line + "\n"),
                        _ => break,
                    }
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(io("read", &path, e)),
        }
        write_whole(&path, kept.concat().as_bytes())?;
        File::options().append(true).open(&path).map_err(|e| io("write", &path, e))
    }
}

fn io(verb: &'static str, path: &Path, error: std::io::Error) -> TrainError {
    TrainError::Checkpoint(phi_model::CheckpointError::Io { action: verb, path: path.to_owned(), source: error })
}
