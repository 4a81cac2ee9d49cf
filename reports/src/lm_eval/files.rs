//! Which files a folder of results holds.

use crate::{ReportError, Result};
use std::path::{Path, PathBuf};

/// The results of one evaluation: its file and the date in its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ResultsFile {
    /// As in the file's name, which sorts by time.
    pub(super) date: String,
    pub(super) path: PathBuf,
}

impl ResultsFile {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let date = name.strip_prefix("results_")?.strip_suffix(".json")?;
        Some(Self { date: date.to_owned(), path: path.to_path_buf() })
    }

    /// Where the samples of a task lie, if they were kept.
    pub(super) fn samples(&self, task: &str) -> Option<PathBuf> {
        let path = self.path.with_file_name(format!("samples_{task}_{}.jsonl", self.date));
        path.is_file().then_some(path)
    }
}

/// Whether a path is a results file, or a folder that holds one directly or one level down.
pub fn is_lm_eval(path: &Path) -> bool {
    by_model(path).is_ok_and(|models| !models.is_empty())
}

/// The results files at a path, those of one model's folder together, older ones first.
pub(super) fn by_model(path: &Path) -> Result<Vec<Vec<ResultsFile>>> {
    if path.is_file() {
        return Ok(ResultsFile::of(path).map(|file| vec![file]).into_iter().collect());
    }
    let here = results_in(path)?;
    if !here.is_empty() {
        return Ok(vec![here]);
    }
    let models: Result<Vec<_>> = entries(path)?.iter().filter(|p| p.is_dir()).map(|p| results_in(p)).collect();
    Ok(models?.into_iter().filter(|files| !files.is_empty()).collect())
}

fn results_in(folder: &Path) -> Result<Vec<ResultsFile>> {
    let files = entries(folder)?;
    let mut files: Vec<ResultsFile> = files.iter().filter(|p| p.is_file()).filter_map(|p| ResultsFile::of(p)).collect();
    files.sort();
    Ok(files)
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |source| ReportError::Io { doing: "read", path: folder.to_path_buf(), source };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(io)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(io)?;
    paths.sort();
    Ok(paths)
}
