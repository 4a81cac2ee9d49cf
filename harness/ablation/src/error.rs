//! What can go wrong with an ablation, and whose matter it is.

use phi_corpus::CorpusError;
use phi_growth::GrowthError;
use phi_model::CheckpointError;
use phi_reports::ReportError;
use phi_sandbox::SandboxError;
use phi_suites::SuiteError;
use phi_train::TrainError;
use std::path::{Path, PathBuf};

/// What can go wrong with an ablation.
#[derive(Debug, thiserror::Error)]
pub enum AblationError {
    /// The recipe can't be used.
    #[error("the recipe can't be used: {0}")]
    Recipe(String),
    /// The output folder belongs to another recipe.
    #[error(
        "{folder} holds the ablation of another recipe (it differs in: {difference}); choose another folder with --out, \
         or pass --update to go on with the new recipe and keep the finished steps that still fit"
    )]
    OtherRecipe {
        /// The folder.
        folder: PathBuf,
        /// The first lines that differ.
        difference: String,
    },
    /// Another process works in the output folder.
    #[error("another ablation is running in {0}; wait for it, or choose another folder with --out")]
    Locked(PathBuf),
    /// A file of the output folder can't be read or written.
    #[error("can't {action} {path}: {source}")]
    Io {
        /// `read`, `write` ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A step's output isn't what the step writes.
    #[error("{path} is damaged ({reason}); remove the folder it lies in and run the same command again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no output folder.
    #[error("{0} is not the output folder of an ablation (it has no steps/)")]
    NoFolder(PathBuf),
    /// The folder's plan can't be used.
    #[error("{folder} has no plan that this phi-bench can use; run `phi-bench ablate RECIPE --out {folder}` first")]
    NoPlan {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder's plan has no such step.
    #[error("no step of {folder} has the key {key}; `phi-bench ablate RECIPE --out {folder} --explain` lists them")]
    NoStep {
        /// The folder.
        folder: PathBuf,
        /// The key, or its beginning.
        key: String,
    },
    /// Another process works on the step.
    #[error("another process is working on \"{0}\"; wait for it")]
    StepLocked(String),
    /// A step was to be run before one that it needs.
    #[error("\"{step}\" needs \"{input}\", which is not done; run that first")]
    InputMissing {
        /// The step.
        step: String,
        /// What it needs.
        input: String,
    },
    /// The outputs of a step that is needed aren't what they were.
    #[error(
        "the outputs of \"{input}\" are damaged ({reason}); run the same command with --verify, which does it again"
    )]
    InputDamaged {
        /// The damaged step.
        input: String,
        /// What is wrong.
        reason: String,
    },
    /// A step computes on a GPU, and none was given to run it on.
    #[error("\"{0}\" runs on a GPU, and there is none here")]
    NoGpu(String),
    /// Slurm can't be used, or said no.
    #[error("Slurm: {0}")]
    Slurm(String),
    /// A Slurm job ended without its step.
    #[error("{reason} (the job's log is {log})")]
    Job {
        /// What the job said, or what Slurm says of it.
        reason: String,
        /// The job's log.
        log: PathBuf,
        /// Whether another attempt may come out well.
        may_pass: bool,
    },
    /// The sandbox itself failed on some programs.
    #[error(
        "the sandbox failed on {count} programs of {task} (first {detail}); they are not scored as wrong. Run the same command again, with fewer --jobs if memory is short"
    )]
    SandboxFaults {
        /// The task.
        task: String,
        /// Programs.
        count: usize,
        /// What happened to the first.
        detail: String,
    },
    /// The user's code changed while the ablation began.
    #[error("{0} changed while it was read; run the same command again")]
    CodeChanged(PathBuf),
    /// A step panicked.
    #[error(
        "a bug in phi-bench: the step panicked (its message stands above); the other steps are kept. Please report it"
    )]
    Panicked,
    /// The corpus.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A checkpoint or a token file.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Training.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Growth.
    #[error(transparent)]
    Growth(#[from] GrowthError),
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A suite.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The store or the report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The caller asked to stop; what was computed is kept.
    #[error("interrupted; the same command goes on from here")]
    Interrupted,
}

impl AblationError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> AblationError {
        AblationError::Io { action, path: path.to_owned(), source }
    }

    /// Whether the same work may come out well when it is tried again.
    pub fn may_pass(&self) -> bool {
        match self {
            AblationError::Io { .. }
            | AblationError::SandboxFaults { .. }
            | AblationError::Panicked
            | AblationError::Sandbox(_)
            | AblationError::StepLocked(_)
            | AblationError::Slurm(_)
            | AblationError::Job { may_pass: true, .. }
            | AblationError::Checkpoint(CheckpointError::Io { .. })
            | AblationError::Train(TrainError::Device(_) | TrainError::Checkpoint(CheckpointError::Io { .. })) => true,
            AblationError::Corpus(e) => matches!(e, CorpusError::Sandbox { .. }),
            _ => false,
        }
    }

    /// Whether the caller's wish to stop is all that happened.
    pub fn is_interrupted(&self) -> bool {
        match self {
            AblationError::Interrupted | AblationError::Train(TrainError::Interrupted) => true,
            AblationError::Suite(e) => e.is_interrupted(),
            _ => false,
        }
    }
}
