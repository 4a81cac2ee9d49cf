//! Exit codes.

use phi_ablation::AblationError;
use phi_reports::ReportError;
use phi_sandbox::SandboxError;
use phi_suites::SuiteError;
use phi_suites::samples_file::SamplesFileError;
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
        if let Some(TrainError::Interrupted) = cause.downcast_ref::<TrainError>() {
            return Some(Exit::Interrupted);
        }
        if let Some(e) = cause.downcast_ref::<SuiteError>() {
            return e.is_interrupted().then_some(Exit::Interrupted);
        }
        if let Some(e) = cause.downcast_ref::<SamplesFileError>() {
            return of_samples_file(e);
        }
        if let Some(phi_corpus::CorpusError::Interrupted) = cause.downcast_ref::<phi_corpus::CorpusError>() {
            return Some(Exit::Interrupted);
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
    match error.root() {
        AblationError::Locked(_)
        | AblationError::Panicked
        | AblationError::SandboxFaults { .. }
        | AblationError::CodeChanged(_)
        | AblationError::Sandbox(_)
        | AblationError::Corpus(phi_corpus::CorpusError::Sandbox { .. }) => Some(Exit::Environment),
        AblationError::Report(e) => of_report(e),
        _ => None,
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
    use ReportError::{Busy, CannotOpen, DiskFull, ReadOnly};
    matches!(error, Busy { .. } | CannotOpen { .. } | DiskFull { .. } | ReadOnly { .. }).then_some(Exit::Environment)
}

/// An I/O error is the environment's matter, unless a file isn't there or isn't what it should be.
fn of_io(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    use std::io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound, UnexpectedEof};
    cause.downcast_ref::<std::io::Error>().map(|e| match e.kind() {
        NotFound | InvalidData | IsADirectory | NotADirectory | UnexpectedEof => Exit::BadInput,
        _ => Exit::Environment,
    })
}
