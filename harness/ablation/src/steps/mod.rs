//! What each kind of step does.

mod align;
mod compare;
mod corpus;
mod evaluate;
mod grow;
mod judge;
mod latency;
mod mix;
mod pretrain;
mod prune;
mod training;

pub(crate) use compare::RESEMBLANCES;
pub(crate) use corpus::{CORPUS_STATS, HELD_OUT};
pub(crate) use evaluate::EVALUATION;
pub(crate) use grow::GROWTH;
pub(crate) use latency::{LATENCY, Latency};
pub(crate) use training::{TRAINING, TrainingRecord};

use crate::executor::{Interrupt, StepProgress};
use crate::folder::{OutputFolder, StepState, Trust};
use crate::gpus::{GpuSlot, Lease};
use crate::plan::is_of_the_corpus;
use crate::step::{Step, StepSpec};
use crate::{AblationError, Plan};
use judge::StoppableSandbox;
use phi_model::Checkpoint;
use phi_sandbox::{Limits, Python, Sandbox};
use phi_suites::{DataRoot, LimitsConfig, LoadedTask, Task};
use phi_train::{Gpu, Precision};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// What every step may use.
pub struct Context {
    /// Where the suites' data lie.
    pub data: DataRoot,
    /// Where the sandbox keeps its native code.
    pub cache_dir: PathBuf,
    /// Set to stop.
    pub interrupt: Interrupt,
    gpus: Vec<GpuSlot>,
    sandbox: OnceLock<Sandbox>,
    /// Keys of the steps whose outputs this process has hashed and found whole.
    verified: Mutex<BTreeSet<String>>,
}

impl Context {
    /// A context without GPUs; the sandbox is made when it is first needed.
    pub fn new(data: DataRoot, cache_dir: PathBuf, interrupt: Interrupt) -> Context {
        let (gpus, sandbox, verified) = (Vec::new(), OnceLock::new(), Mutex::default());
        Context { data, cache_dir, interrupt, gpus, sandbox, verified }
    }

    /// Lets steps run on these GPUs.
    #[must_use]
    pub fn with_gpus(self, gpus: Vec<GpuSlot>) -> Context {
        Context { gpus, ..self }
    }

    /// The GPUs that steps may run on.
    pub fn gpus(&self) -> &[GpuSlot] {
        &self.gpus
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

    /// Makes sure, once, that a step's outputs are what it wrote: nothing damaged is worked on.
    fn verify(&self, folder: &OutputFolder, step: &Step, needed_by: &Step) -> Result<(), AblationError> {
        if self.verified.lock().unwrap_or_else(PoisonError::into_inner).contains(&step.key) {
            return Ok(());
        }
        match folder.state(step, Trust::Hashes) {
            StepState::Done(_) => {
                self.is_whole(step);
                Ok(())
            }
            StepState::ToDo => {
                Err(AblationError::InputMissing { step: needed_by.label.clone(), input: step.label.clone() })
            }
            StepState::Damaged(reason) => Err(AblationError::InputDamaged { input: step.label.clone(), reason }),
        }
    }

    fn is_whole(&self, step: &Step) {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).insert(step.key.clone());
    }
}

/// One step at work.
pub(crate) struct Running<'a> {
    pub plan: &'a Plan,
    pub index: usize,
    pub folder: &'a OutputFolder,
    pub context: &'a Context,
    /// What it computes on, where that isn't the processor.
    lease: Option<Lease<'a>>,
    /// Told how far the step has come.
    pub progress: &'a (dyn Fn(&StepProgress) + Sync),
}

impl Running<'_> {
    fn dir(&self) -> PathBuf {
        self.folder.step_dir(&self.plan.steps[self.index])
    }

    /// Where the outputs of the `n`th input lie.
    fn input(&self, n: usize) -> PathBuf {
        self.folder.step_dir(&self.plan.steps[self.plan.steps[self.index].inputs[n]])
    }

    /// How many inputs the step has.
    fn num_inputs(&self) -> usize {
        self.plan.steps[self.index].inputs.len()
    }

    /// A task with its questions: the corpus' own, or those of the data here.
    fn load_task(&self, name: &str) -> Result<LoadedTask, AblationError> {
        let task = Task::builtin(name)?;
        Ok(if is_of_the_corpus(name) {
            task.load_file(&self.input(0).join(HELD_OUT))?
        } else {
            task.load(&self.context.data)?
        })
    }

    /// Opens the GPU that the step has to itself, where it is one that computes there.
    fn gpu(&self, precision: Option<Precision>) -> Result<Option<Box<dyn Gpu>>, AblationError> {
        let Some(precision) = precision else { return Ok(None) };
        let lease = self.lease.ok_or_else(|| AblationError::NoGpu(self.plan.steps[self.index].label.clone()))?;
        Ok(Some(lease.open(precision)?))
    }

    fn is_interrupted(&self) -> bool {
        self.context.interrupt.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Tells how far the step has come, from 0 to 1.
    fn report(&self, fraction: f64, note: &str) {
        (self.progress)(&StepProgress { fraction, note: note.to_owned(), loss: None });
    }
}

/// Runs a step and declares it done; on the first of the context's GPUs, where it computes on one.
///
/// # Errors
/// What went wrong in it; or another process works on it; or what it needs isn't there or is damaged.
pub fn run_step(
    plan: &Plan,
    index: usize,
    folder: &OutputFolder,
    context: &Context,
    progress: &(dyn Fn(&StepProgress) + Sync),
) -> Result<(), AblationError> {
    // No other step of this process waits for it.
    let lease = context.gpus.first().map(|slot| Lease { slot, give_back: &|| {} });
    run_step_on(lease, plan, index, folder, context, progress)
}

/// As [`run_step`], on this GPU where the step computes on one.
pub(crate) fn run_step_on(
    lease: Option<Lease<'_>>,
    plan: &Plan,
    index: usize,
    folder: &OutputFolder,
    context: &Context,
    progress: &(dyn Fn(&StepProgress) + Sync),
) -> Result<(), AblationError> {
    let step = &plan.steps[index];
    let _lock = folder.lock_step(step)?;
    // Another process may have done it between the plan and the lock.
    if let StepState::Done(_) = folder.state(step, Trust::Stamps) {
        return Ok(());
    }
    for &input in &step.inputs {
        context.verify(folder, &plan.steps[input], step)?;
    }
    let dir = folder.step_dir(step);
    let running = Running { plan, index, folder, context, lease, progress };
    let started = Instant::now();
    let outputs = match &step.spec {
        StepSpec::Corpus { recipe, code_hash } => corpus::run(&running, recipe, code_hash)?,
        StepSpec::Mix { data, documents_hash, seed, seq_len } => {
            mix::run(&running, data, documents_hash, *seed, *seq_len)?
        }
        StepSpec::Compare { task, min_nodes, least_rate, .. } => compare::run(&running, task, *min_nodes, *least_rate)?,
        StepSpec::Prune { tau, seq_len } => prune::run(&running, *tau, *seq_len)?,
        StepSpec::Pretrain { config, train, init_seed, grown_from, keep_every, gpu } => {
            pretrain::run(&running, config, train, *init_seed, grown_from.as_ref(), *keep_every, *gpu)?
        }
        StepSpec::Grow { config, growth } => grow::run(&running, config, growth)?,
        StepSpec::Align { train, keep_every, gpu } => align::run(&running, train, *keep_every, *gpu)?,
        StepSpec::Evaluate { suite, seed, after, gpu, .. } => evaluate::run(&running, suite, *seed, *after, *gpu)?,
    };
    folder.finish(step, started.elapsed().as_secs_f64(), &outputs)?;
    context.is_whole(step);
    // Only now: what was computed must not be lost between the two.
    let snapshot = dir.join(training::STATE);
    match std::fs::remove_file(&snapshot) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(AblationError::io("remove", &snapshot, e)),
        _ => Ok(()),
    }
}

/// The files of a model in a step's folder.
pub(crate) const MODEL_FILES: [&str; 3] = ["model/config.json", "model/model.safetensors", "model/tokenizer.json"];

/// Names of outputs.
fn names(outputs: &[&str]) -> Vec<String> {
    outputs.iter().map(|name| (*name).to_owned()).collect()
}

/// Writes a model with the corpus' tokenizer.
fn save_model(checkpoint: &Checkpoint, corpus: &Path, model: &Path) -> Result<(), AblationError> {
    checkpoint.save(model)?;
    let from = corpus.join("tokenizer.json");
    let bytes = std::fs::read(&from).map_err(|e| AblationError::io("read", &from, e))?;
    Ok(phi_model::write_whole(&model.join("tokenizer.json"), &bytes)?)
}
