//! The scores that later runs are compared with.

use super::file;
use super::score::{BaselineScore, watched};
use crate::{ReportError, Result, Run};
use std::collections::BTreeSet;
use std::path::Path;

/// Scores that later runs are compared with.
///
/// On disk: a line a score and a line a question, sorted, so that git merges two branches that changed different scores.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baseline {
    /// Scores, sorted by arm, task and metric.
    pub scores: Vec<BaselineScore>,
}

impl Baseline {
    /// The scores of all arms that are not controls.
    pub fn of(run: &Run) -> Self {
        let mut scores = Vec::new();
        for seeds in watched(run).values() {
            let names: BTreeSet<(&str, &str)> =
                seeds.iter().flat_map(|arm| &arm.scores).map(|s| (&*s.task, &*s.metric)).collect();
            scores.extend(
                names.into_iter().filter_map(|(task, metric)| BaselineScore::of(&run.key, seeds, task, metric)),
            );
        }
        Self { scores }
    }

    /// Only the scores that `keep` lets through, by task and metric.
    #[must_use]
    pub fn filtered(mut self, keep: impl Fn(&str, &str) -> bool) -> Self {
        self.scores.retain(|s| keep(&s.task, &s.metric));
        self
    }

    /// Reads a baseline file, also one of an older version.
    ///
    /// # Errors
    /// [`ReportError::Io`]; [`ReportError::NotABaseline`] with the line that did not fit.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| ReportError::Io {
            doing: "read",
            path: path.to_path_buf(),
            source,
        })?;
        let not = |detail: String| ReportError::NotABaseline { path: path.to_path_buf(), detail };
        let text = String::from_utf8(bytes).map_err(|_| not("it isn't UTF-8 text".to_owned()))?;
        Ok(Self { scores: file::read(&text).map_err(not)? })
    }

    /// Writes the file, whole or not at all (beside it first, then renamed into place).
    ///
    /// # Errors
    /// [`ReportError::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let io = |source| ReportError::Io { doing: "write", path: path.to_path_buf(), source };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".tmp");
        std::fs::write(&beside, self.to_text()?).map_err(io)?;
        std::fs::rename(&beside, path).map_err(io)
    }

    /// The file's text.
    ///
    /// # Errors
    /// [`ReportError::Json`].
    pub fn to_text(&self) -> Result<String> {
        Ok(file::write(&self.scores)?)
    }
}
