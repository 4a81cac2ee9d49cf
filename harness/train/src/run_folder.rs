//! A training run's folder: what it was begun with, where it stands, its metrics, and the model at its end.

use crate::kept::{BEST, CHECKPOINTS, KeptModels, io};
use crate::{
    CpuEngine, EngineMaker, Keep, Metrics, ResumableRun, StepScore, TrainError, TrainProgress, TrainSpec, TrainTensors,
    peak_memory_bytes, setting_differences,
};
use phi_model::{OptimiserRecord, OptimiserState, PackedTokens, ParamLayout, PhiConfig, write_whole};
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

/// What a caller wants to be asked along the way.
pub struct Hooks<'a> {
    go_on: &'a mut dyn FnMut(&Metrics, u64) -> bool,
    score: Option<&'a mut Scorer<'a>>,
    keep: Keep,
    engine: Option<Box<EngineMaker<'a>>>,
}

/// Scores weights, in [`ParamLayout`](phi_model::ParamLayout) order; an error ends the run as it was last saved.
pub type Scorer<'a> = dyn FnMut(&[f32]) -> Result<Vec<StepScore>, Box<dyn std::error::Error + Send + Sync>> + 'a;

impl<'a> Hooks<'a> {
    /// `go_on` is told of every step and how many there are; where it says no, the run stops and can be gone on with.
    pub fn new(go_on: &'a mut dyn FnMut(&Metrics, u64) -> bool) -> Hooks<'a> {
        Hooks { go_on, score: None, keep: Keep::default(), engine: None }
    }

    /// Has models kept along the way.
    #[must_use]
    pub fn with_kept(mut self, keep: Keep) -> Hooks<'a> {
        self.keep = keep;
        self
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
    keeps_optimiser: bool,
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
        Ok(RunFolder { dir: dir.to_owned(), keeps_optimiser: false })
    }

    /// Has AdamW's state written beside the model at the end, for another run or for growth to go on with.
    #[must_use]
    pub fn keeping_optimiser(mut self) -> RunFolder {
        self.keeps_optimiser = true;
        self
    }

    /// Takes away what an earlier run left: settings, state, metrics, models. Other files stay.
    ///
    /// # Errors
    /// A file can't be removed.
    pub fn clear(dir: &Path) -> Result<(), TrainError> {
        for name in [SETTINGS, STATE, METRICS, MODEL, LAST_GOOD, BEST, CHECKPOINTS] {
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
    /// As [`train`]. Where the loss diverged, the weights as last saved lie in `last-good/`.
    pub fn train<S: Into<TrainTensors>>(
        &self,
        spec: &TrainSpec,
        config: &PhiConfig,
        start: impl FnOnce() -> S,
        data: &PackedTokens,
        validation: &PackedTokens,
        mut hooks: Hooks<'_>,
    ) -> Result<TrainProgress, TrainError> {
        let snapshot = self.path(STATE);
        let make = hooks.engine.take().unwrap_or_else(|| CpuEngine::maker(config, spec));
        let start = || Ok::<_, TrainError>(start());
        let mut run = ResumableRun::open_on(make, spec, config, &snapshot, SAVE_EVERY, start)?;
        run.save_beginning()?;
        let first = run.progress().step;
        let mut metrics = self.metrics_after(first)?;
        let tokens_per_step = (spec.batch_rows * data.seq_len()) as u64;
        let flops = config.train_flops_per_token(data.seq_len());
        let peak = run.engine().peak_flops();
        let tokenizer = self.model().join("tokenizer.json");
        let beside = tokenizer.exists().then_some(tokenizer);
        let kept = KeptModels { dir: &self.dir, keep: hooks.keep, beside };
        let begun = Instant::now();
        let trained = run.train(data, validation, |progress, curve, engine| {
            let mut scores = Vec::new();
            if let (Some(score), Some(_)) = (&mut hooks.score, progress.val_loss) {
                let scored = score(engine.weights()?);
                scores = scored.map_err(|source| TrainError::Scoring { step: progress.step, source })?;
            }
            kept.after(progress, curve, engine)?;
            let steps = (progress.step - first) as f64;
            let seconds_a_step = begun.elapsed().as_secs_f64().max(1e-9) / steps;
            let tokens_per_second = tokens_per_step as f64 / seconds_a_step;
            let line = Metrics {
                step: progress.step,
                tokens: progress.step * tokens_per_step,
                loss: progress.loss,
                grad_norm: progress.grad_norm,
                learning_rate: progress.learning_rate,
                val_loss: progress.val_loss,
                tokens_per_second,
                gflops: tokens_per_second * flops / 1e9,
                mfu: peak.map(|peak| tokens_per_second * flops / peak),
                skipped: progress.skipped,
                seconds_left: seconds_a_step * (progress.steps - progress.step) as f64,
                scores,
                peak_memory_bytes: peak_memory_bytes(),
            };
            let text = serde_json::to_string(&line).expect("metrics are plain JSON");
            writeln!(metrics, "{text}").map_err(|e| io("write", &self.path(METRICS), e))?;
            Ok((hooks.go_on)(&line, progress.steps))
        });
        if let Err(TrainError::Diverged { .. }) = &trained {
            run.last_good()?.save(&self.path(LAST_GOOD))?;
        }
        trained?;
        if self.keeps_optimiser {
            self.save_optimiser(spec, &mut run)?;
        }
        run.checkpoint()?.save(&self.model())?;
        let _ = fs::remove_file(&snapshot);
        Ok(run.progress().clone())
    }

    /// Writes AdamW's state beside where the model goes; before the weights, whose presence says that the run is done.
    fn save_optimiser(&self, spec: &TrainSpec, run: &mut ResumableRun<'_>) -> Result<(), TrainError> {
        fs::create_dir_all(self.model()).map_err(|e| io("make", &self.model(), e))?;
        let before = &spec.options.optimiser;
        let updates = before.updates + run.progress().step - run.progress().spikes.skipped;
        let record = OptimiserRecord { updates, scales: before.scales.clone() };
        let layout = ParamLayout::new(run.engine().config());
        let TrainTensors { first, second, .. } = run.engine().tensors()?.clone();
        Ok(OptimiserState { first, second, record }.save(&self.model(), &layout)?)
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
