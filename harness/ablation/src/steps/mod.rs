//! What each kind of step does.

mod align;
mod corpus;
mod evaluate;
mod grow;
mod judge;
mod pretrain;
mod training;

pub(crate) use corpus::{CORPUS_STATS, HELD_OUT};
pub(crate) use evaluate::EVALUATION;
pub(crate) use grow::GROWTH;
pub(crate) use training::{TRAINING, TrainingRecord};

use crate::executor::Interrupt;
use crate::folder::OutputFolder;
use crate::step::StepSpec;
use crate::{AblationError, Plan};
use judge::StoppableSandbox;
use phi_model::Checkpoint;
use phi_sandbox::{Limits, Python, Sandbox};
use phi_suites::{DataRoot, LimitsConfig};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

/// What every step may use.
pub struct Context {
    /// Where the suites' data lie.
    pub data: DataRoot,
    /// Where the sandbox keeps its native code.
    pub cache_dir: PathBuf,
    /// Set to stop.
    pub interrupt: Interrupt,
    sandbox: OnceLock<Sandbox>,
}

impl Context {
    /// A context; the sandbox is made when it is first needed.
    pub fn new(data: DataRoot, cache_dir: PathBuf, interrupt: Interrupt) -> Context {
        Context { data, cache_dir, interrupt, sandbox: OnceLock::new() }
    }

    /// The sandbox, which gives up at once when the work is to stop. A model's programs get what `limits` says.
    fn judge(&self, limits: LimitsConfig) -> Result<StoppableSandbox<'_>, AblationError> {
        let sandbox = match self.sandbox.get() {
            Some(sandbox) => sandbox,
            None => {
                let made = Sandbox::new(Python::Cpython, &self.cache_dir)?;
                self.sandbox.get_or_init(|| made)
            }
        };
        let limits = limits.over(Limits { fuel: judge::FUEL, ..Limits::default() });
        Ok(StoppableSandbox { sandbox, interrupt: &self.interrupt, limits })
    }
}

/// One step at work.
pub(crate) struct Running<'a> {
    pub plan: &'a Plan,
    pub index: usize,
    pub folder: &'a OutputFolder,
    pub context: &'a Context,
    /// Told how far the step has come, from 0 to 1.
    pub progress: &'a (dyn Fn(f64, &str) + Sync),
}

impl Running<'_> {
    fn dir(&self) -> PathBuf {
        self.folder.step_dir(&self.plan.steps[self.index])
    }

    /// Where the outputs of the `n`th input lie.
    fn input(&self, n: usize) -> PathBuf {
        self.folder.step_dir(&self.plan.steps[self.plan.steps[self.index].inputs[n]])
    }

    fn is_interrupted(&self) -> bool {
        self.context.interrupt.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// Runs a step and declares it done.
pub(crate) fn run_step(
    plan: &Plan,
    index: usize,
    folder: &OutputFolder,
    context: &Context,
    progress: &(dyn Fn(f64, &str) + Sync),
) -> Result<(), AblationError> {
    let step = &plan.steps[index];
    let dir = folder.step_dir(step);
    std::fs::create_dir_all(&dir).map_err(|e| AblationError::io("make", &dir, e))?;
    let running = Running { plan, index, folder, context, progress };
    let started = Instant::now();
    let outputs = match &step.spec {
        StepSpec::Corpus { recipe, code_hash } => corpus::run(&running, recipe, code_hash)?,
        StepSpec::Pretrain { config, train, init_seed, grown_from } => {
            pretrain::run(&running, config, train, *init_seed, grown_from.as_ref())?
        }
        StepSpec::Grow { config, growth } => grow::run(&running, config, growth)?,
        StepSpec::Align { train } => align::run(&running, train)?,
        StepSpec::Evaluate { suite, seed, .. } => evaluate::run(&running, suite, *seed)?,
    };
    folder.finish(step, started.elapsed().as_secs_f64(), outputs)?;
    // Only now: what was computed must not be lost between the two.
    let snapshot = dir.join(training::STATE);
    match std::fs::remove_file(&snapshot) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(AblationError::io("remove", &snapshot, e)),
        _ => Ok(()),
    }
}

/// The files of a model in a step's folder.
pub(crate) const MODEL_FILES: [&str; 3] = ["model/config.json", "model/model.safetensors", "model/tokenizer.json"];

/// Writes a model with the corpus' tokenizer.
fn save_model(checkpoint: &Checkpoint, corpus: &Path, dir: &Path) -> Result<(), AblationError> {
    let model = dir.join("model");
    checkpoint.save(&model)?;
    let from = corpus.join("tokenizer.json");
    let bytes = std::fs::read(&from).map_err(|e| AblationError::io("read", &from, e))?;
    Ok(phi_model::write_whole(&model.join("tokenizer.json"), &bytes)?)
}
