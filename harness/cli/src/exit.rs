//! Exit codes.

use crate::device::DeviceRefused;
use phi_ablation::AblationError;
use phi_corpus::CorpusError;
use phi_corpus::teacher::TeacherError;
use phi_growth::GrowthError;
use phi_hub::HubError;
use phi_openai::OpenAiError;
use phi_reports::ReportError;
use phi_sandbox::SandboxError;
use phi_suites::samples_file::SamplesFileError;
use phi_suites::{CacheError, ModelError, SuiteError};
use phi_train::TrainError;

/// What the process ends with; each command's documentation refers to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Fine = 0,
    /// The tool worked, and the answer is no: a regression, or a failed verification.
    No = 1,
    /// The command line can't be understood.
    Usage = 2,
    /// A file, a recipe or a checkpoint can't be used.
    BadInput = 3,
    /// The environment failed: disk, network, another process.
    Environment = 4,
    /// Ctrl-C or SIGTERM; what was computed is kept.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit as u8)
    }
}

/// A command line that the parser takes but that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Which exit code an error means.
pub fn classify(error: &anyhow::Error) -> Exit {
    let of_cause = |cause: &(dyn std::error::Error + 'static)| {
        if cause.is::<UsageError>() {
            return Some(Exit::Usage);
        }
        if let Some(e) = cause.downcast_ref::<AblationError>() {
            return of_ablation(e);
        }
        match cause.downcast_ref::<TrainError>() {
            Some(TrainError::Interrupted) => return Some(Exit::Interrupted),
            Some(TrainError::Device(_) | TrainError::Memory { .. }) => return Some(Exit::Environment),
            _ => {}
        }
        if cause.is::<DeviceRefused>() {
            return Some(Exit::Environment);
        }
        if let Some(GrowthError::Interrupted) = cause.downcast_ref::<GrowthError>() {
            return Some(Exit::Interrupted);
        }
        if let Some(e) = cause.downcast_ref::<SuiteError>() {
            return of_suite(e);
        }
        if let Some(e) = cause.downcast_ref::<HubError>() {
            return Some(of_hub(e));
        }
        if let Some(OpenAiError::Address { .. }) = cause.downcast_ref::<OpenAiError>() {
            return Some(Exit::BadInput);
        }
        if let Some(e) = cause.downcast_ref::<SamplesFileError>() {
            return of_samples_file(e);
        }
        if let Some(CacheError::File { .. }) = cause.downcast_ref::<CacheError>() {
            return Some(Exit::Environment);
        }
        if let Some(e) = cause.downcast_ref::<CorpusError>() {
            return of_corpus(e);
        }
        if let Some(e) = cause.downcast_ref::<TeacherError>() {
            return Some(of_teacher(e));
        }
        if cause.is::<SandboxError>() {
            return Some(Exit::Environment);
        }
        cause.downcast_ref::<ReportError>().and_then(of_report)
    };
    error.chain().find_map(of_cause).or_else(|| error.chain().find_map(of_io)).unwrap_or(Exit::BadInput)
}

fn of_ablation(error: &AblationError) -> Option<Exit> {
    if error.is_interrupted() {
        return Some(Exit::Interrupted);
    }
    match error {
        AblationError::Locked(_)
        | AblationError::StepLocked(_)
        | AblationError::InputMissing { .. }
        | AblationError::Slurm(_)
        | AblationError::Job { may_pass: true, .. }
        | AblationError::Panicked
        | AblationError::SandboxFaults { .. }
        | AblationError::CodeChanged(_)
        | AblationError::NoGpu(_)
        | AblationError::Train(TrainError::Device(_))
        | AblationError::Sandbox(_)
        | AblationError::Corpus(CorpusError::Sandbox { .. }) => Some(Exit::Environment),
        AblationError::Report(e) => of_report(e),
        _ => None,
    }
}

fn of_corpus(error: &CorpusError) -> Option<Exit> {
    match error {
        CorpusError::Interrupted => Some(Exit::Interrupted),
        CorpusError::Sandbox { .. } => Some(Exit::Environment),
        CorpusError::Teacher(e) => Some(of_teacher(e)),
        _ => None,
    }
}

fn of_teacher(error: &TeacherError) -> Exit {
    match error {
        TeacherError::Server(OpenAiError::Interrupted) => Exit::Interrupted,
        TeacherError::Server(OpenAiError::Address { .. }) => Exit::BadInput,
        TeacherError::BudgetSpent => Exit::No,
        TeacherError::Server(_) | TeacherError::Cache { .. } | TeacherError::Unusable { .. } => Exit::Environment,
    }
}

fn of_suite(error: &SuiteError) -> Option<Exit> {
    match error {
        _ if error.is_interrupted() => Some(Exit::Interrupted),
        SuiteError::Model { source: ModelError::Unavailable(_), .. } => Some(Exit::Environment),
        SuiteError::Hub { source, .. } => Some(of_hub(source)),
        _ => None,
    }
}

fn of_hub(error: &HubError) -> Exit {
    match error {
        HubError::Interrupted => Exit::Interrupted,
        error if error.is_environment() => Exit::Environment,
        _ => Exit::BadInput,
    }
}

fn of_samples_file(error: &SamplesFileError) -> Option<Exit> {
    match error {
        SamplesFileError::Interrupted { .. } => Some(Exit::Interrupted),
        SamplesFileError::Locked { .. } => Some(Exit::Environment),
        // What gzip says of damaged data.
        SamplesFileError::Read { source, .. } if source.kind() == std::io::ErrorKind::InvalidInput => {
            Some(Exit::BadInput)
        }
        _ => None,
    }
}

/// Whether the store failed for a reason that lies outside its file.
fn of_report(error: &ReportError) -> Option<Exit> {
    use ReportError::{Busy, CannotOpen, DiskFull, ReadOnly, Server};
    matches!(error, Busy { .. } | CannotOpen { .. } | DiskFull { .. } | ReadOnly { .. } | Server { .. })
        .then_some(Exit::Environment)
}

/// An I/O error is the environment's matter, unless a file isn't there or isn't what it should be.
fn of_io(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    use std::io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound, UnexpectedEof};
    cause.downcast_ref::<std::io::Error>().map(|e| match e.kind() {
        NotFound | InvalidData | IsADirectory | NotADirectory | UnexpectedEof => Exit::BadInput,
        _ => Exit::Environment,
    })
}
