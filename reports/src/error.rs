//! What can go wrong in the store, the report and the gate: what failed, where, and how to mend it.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// What can go wrong in the store, the report and the gate.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A file could not be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried (`read`, `write`).
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The disk holding the store is full; nothing of the last save was kept.
    #[error(
        "the disk is full: {} could not {doing} and stays as it was; free some space there and run the same command again",
        path.display()
    )]
    DiskFull {
        /// What was tried.
        doing: &'static str,
        /// The store.
        path: PathBuf,
    },
    /// The store, or the folder that it lies in, may not be written.
    #[error(
        "{} cannot be written (could not {doing}): give yourself write permission on the file and on its folder, or choose another output folder",
        path.display()
    )]
    ReadOnly {
        /// What was tried.
        doing: &'static str,
        /// The store.
        path: PathBuf,
    },
    /// The store cannot be opened at all.
    #[error("cannot open the store {}: {detail}; check that the folder exists and that you may write there", path.display())]
    CannotOpen {
        /// The store.
        path: PathBuf,
        /// SQLite's reason.
        detail: String,
    },
    /// Another process holds the store.
    #[error("the store {} is in use by another process (could not {doing}): wait for it to end, then run the same command again", path.display())]
    Busy {
        /// What was tried.
        doing: &'static str,
        /// The store.
        path: PathBuf,
    },
    /// The file is not a run store, or it is damaged.
    #[error(
        "the store {} is damaged or not a run store ({detail}): move it away and run the same command again; finished steps are kept beside it and the store is rebuilt from them",
        path.display()
    )]
    Corrupt {
        /// The store.
        path: PathBuf,
        /// What did not fit.
        detail: String,
    },
    /// The store was written by a newer program.
    #[error(
        "the store {} has schema version {found}, and this phi-bench knows versions up to {supported}: use a newer phi-bench, or another output folder",
        path.display()
    )]
    NewerSchema {
        /// The store.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The newest version that this program knows.
        supported: i64,
    },
    /// The store has no run of this key.
    #[error("the store {} has no run {key:?}: `phi-bench report` on the folder lists the runs that it has", path.display())]
    NoSuchRun {
        /// The store.
        path: PathBuf,
        /// The key asked for.
        key: String,
    },
    /// The run has no arm of this name.
    #[error("the run {run:?} has no arm {arm:?}; it has {known}")]
    NoSuchArm {
        /// The run's name.
        run: String,
        /// The arm asked for.
        arm: String,
        /// The arms that there are.
        known: String,
    },
    /// The run has several arms, and none was named.
    #[error("the run {run:?} has several arms, so say which one to compare (--arm, or --arm-a and --arm-b): {known}")]
    WhichArm {
        /// The run's name.
        run: String,
        /// The arms that there are.
        known: String,
    },
    /// An arm whose questions were not kept.
    #[error(
        "{arm} of {run:?} has scores but no samples, and a comparison goes question by question: evaluate again with \
         --log-samples"
    )]
    NoSamples {
        /// The run's name.
        run: String,
        /// The arm.
        arm: String,
    },
    /// Two sides that share no question.
    #[error(
        "A and B share no question{}, so there is nothing to compare: A is {a}, B is {b}",
        metric.as_ref().map_or_else(String::new, |metric| format!(" with the metric {metric:?}"))
    )]
    NothingInCommon {
        /// A and its tasks.
        a: String,
        /// B and its tasks.
        b: String,
        /// The metric asked for.
        metric: Option<String>,
    },
    /// Any other failure of the database.
    #[error("the store {} could not {doing}: {source}", path.display())]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The store.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// A plot could not be drawn.
    #[error("the plot {plot:?} could not be drawn: {detail}")]
    Plot {
        /// Which plot.
        plot: &'static str,
        /// The plotting library's reason.
        detail: String,
    },
    /// The page could not be rendered.
    #[error("the HTML report could not be rendered: {0}")]
    Template(#[from] minijinja::Error),
    /// A run could not be written in another program's format.
    #[error("{} could not be written: {detail}", path.display())]
    Export {
        /// The file.
        path: PathBuf,
        /// What did not fit.
        detail: String,
    },
    /// A server did not take a run.
    #[error(
        "the server {url} did not take the run: {detail}; what it has got stays there, and the same command goes on with the rest"
    )]
    Server {
        /// Its address.
        url: String,
        /// What it said, or why nothing was heard of it.
        detail: String,
        /// Whether nothing was heard of it.
        is_down: bool,
    },
    /// A value could not be written as JSON.
    #[error("the report's data could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Data could not be compressed for the page.
    #[error("the report's samples could not be compressed: {0}")]
    Compression(std::io::Error),
    /// The baseline file is not one.
    #[error("{} is not a baseline file: {detail}; make it anew with `phi-bench check RUN --baseline FILE --update-baseline`", path.display())]
    NotABaseline {
        /// The file.
        path: PathBuf,
        /// What did not fit.
        detail: String,
    },
    /// A file in lm-evaluation-harness's layout cannot be used.
    #[error("{}: {detail}; `phi-bench eval --output-path DIR --log-samples` and lm_eval write files that can be read", place(path, *line))]
    BadResults {
        /// The file.
        path: PathBuf,
        /// The line that did not fit, from 1; `None` where it isn't a matter of one line.
        line: Option<usize>,
        /// What did not fit.
        detail: String,
    },
    /// Baseline and run share no score, so a check would say nothing.
    #[error(
        "the baseline (of run {baseline}) and the run {run} share no arm, task and metric, so there is nothing to check: choose the baseline of these tasks, or make a new one with --update-baseline"
    )]
    NothingToCompare {
        /// Keys of the runs that the baseline was made from.
        baseline: String,
        /// Key of the run that was to be checked.
        run: String,
    },
}

/// Result of this crate.
pub type Result<T, E = ReportError> = std::result::Result<T, E>;

/// `FILE, line N`.
fn place(path: &Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}, line {line}", path.display()),
        None => path.display().to_string(),
    }
}

impl ReportError {
    /// Sorts a database error into the kinds that a user can do something about.
    pub(crate) fn database(path: &Path, doing: &'static str, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, PermissionDenied,
            ReadOnly,
        };
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(DiskFull) => Self::DiskFull { doing, path },
            Some(ReadOnly | PermissionDenied) => Self::ReadOnly { doing, path },
            Some(CannotOpen) => Self::CannotOpen { path, detail: source.to_string() },
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy { doing, path },
            Some(DatabaseCorrupt | NotADatabase) => Self::Corrupt { path, detail: source.to_string() },
            _ => Self::Database { doing, path, source },
        }
    }

    /// A value in the store that does not fit its column.
    pub(crate) fn corrupt(path: &Path, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt { path: path.to_path_buf(), detail: detail.to_string() }
    }

    /// A plot that failed.
    pub(crate) fn plot(plot: &'static str) -> impl Fn(String) -> Self {
        move |detail| Self::Plot { plot, detail }
    }
}
