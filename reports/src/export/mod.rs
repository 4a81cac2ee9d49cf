//! A stored run in other programs' formats.
//!
//! | format | what comes out |
//! |---|---|
//! | [`Format::Csv`], [`Format::Parquet`] | the tables `scores`, `curves`, `values`, `answers` |
//! | [`Format::LmEval`] | lm-evaluation-harness's `results_*.json` and `samples_*.jsonl`, a folder an arm and seed |
//! | [`Format::TensorBoard`] | an event file an arm and seed: losses by step, scores at the last one |
//!
//! [`export_mlflow`] sends a run to an MLflow server. One arm's samples at a time are in memory.

mod csv_sink;
mod lm_eval;
mod mlflow;
mod parquet_sink;
mod table;
mod tensorboard;

pub use mlflow::{MlflowServer, Sent, export_mlflow};

use crate::{ArmRun, CurvePoint, Phase, ReportError, Result, ScorePoint, Store};
use std::path::{Path, PathBuf};

/// A format that is written as files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, with a head.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// lm-evaluation-harness's layout.
    LmEval,
    /// TensorBoard's event files.
    TensorBoard,
}

/// Writes a run into a folder, which is made if need be; the files that were written, sorted.
///
/// # Errors
/// [`ReportError::NoSuchRun`], [`ReportError::Io`], [`ReportError::Export`].
pub fn export(store: &Store, key: &str, format: Format, folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
    let mut files = match format {
        Format::Csv => table::write(store, key, |table| csv_sink::CsvSink::new(folder, table))?,
        Format::Parquet => table::write(store, key, |table| parquet_sink::ParquetSink::new(folder, table))?,
        Format::LmEval => lm_eval::write(store, key, folder)?,
        Format::TensorBoard => tensorboard::write(store, key, folder)?,
    };
    files.sort();
    Ok(files)
}

fn io(path: &Path, source: std::io::Error) -> ReportError {
    ReportError::Io { doing: "write", path: path.to_path_buf(), source }
}

/// A folder's name for an arm at a seed: no name that a run carries leads out of the folder.
fn arm_folder(arm: &str, seed: u64) -> String {
    let safe: String = arm.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    format!("{}-seed{seed}", safe.trim_start_matches('.'))
}

/// An arm's loss curve with one count of steps: those of alignment follow those of pretraining.
fn steps(arm: &ArmRun) -> Vec<(u64, &CurvePoint)> {
    arm.curve.iter().map(|point| (steps_before(arm, point.phase) + point.step, point)).collect()
}

/// Its scores in training by the same count.
fn score_steps(arm: &ArmRun) -> Vec<(u64, &ScorePoint)> {
    arm.score_curve.iter().map(|point| (steps_before(arm, point.phase) + point.step, point)).collect()
}

/// Steps of the phases before one.
fn steps_before(arm: &ArmRun, phase: Phase) -> u64 {
    let steps = |earlier: Phase| arm.curve.iter().filter(|p| p.phase == earlier).map(|p| p.step).max().unwrap_or(0);
    match phase {
        Phase::Pretrain => 0,
        Phase::Align => steps(Phase::Pretrain),
    }
}
