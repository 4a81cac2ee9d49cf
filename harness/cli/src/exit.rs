//! Exit codes.

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

/// Which exit code an error means: an I/O error other than a missing file is the environment's matter.
pub fn classify(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(e) = cause.downcast_ref::<phi_ablation::AblationError>() {
            if e.is_interrupted() {
                return Exit::Interrupted;
            }
            match e {
                phi_ablation::AblationError::Locked(_) => return Exit::Environment,
                phi_ablation::AblationError::Report(e) if is_environment(e) => return Exit::Environment,
                _ => {}
            }
        }
        if cause.downcast_ref::<phi_reports::ReportError>().is_some_and(is_environment) {
            return Exit::Environment;
        }
        if cause.downcast_ref::<phi_suites::SuiteError>().is_some_and(phi_suites::SuiteError::is_interrupted) {
            return Exit::Interrupted;
        }
        if let Some(e) = cause.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound, UnexpectedEof};
            return match e.kind() {
                NotFound | InvalidData | IsADirectory | NotADirectory | UnexpectedEof => Exit::BadInput,
                _ => Exit::Environment,
            };
        }
    }
    Exit::BadInput
}

/// Whether the store failed for a reason that lies outside its file.
fn is_environment(error: &phi_reports::ReportError) -> bool {
    use phi_reports::ReportError::{Busy, DiskFull, ReadOnly};
    matches!(error, DiskFull { .. } | ReadOnly { .. } | Busy { .. })
}
