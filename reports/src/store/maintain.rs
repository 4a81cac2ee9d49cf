//! Removing runs, and giving their space back.

use super::{Store, list::RunFilter};
use crate::{ReportError, Result};
use serde::Serialize;

/// What [`Store::collect_garbage`] gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// Bytes of the store and of what SQLite keeps beside it, before.
    pub bytes_before: u64,
    /// The same, after.
    pub bytes_after: u64,
    /// Lists of questions that no run asks any more.
    pub n_question_sets: usize,
}

impl Store {
    /// Removes a run with all that belongs to it. The file keeps its size until [`Store::collect_garbage`].
    ///
    /// # Errors
    /// [`ReportError::NoSuchRun`]; those of writing.
    pub fn remove_run(&mut self, key: &str) -> Result<()> {
        let removed = self.db.execute("DELETE FROM runs WHERE key = ?1", [key]);
        match removed.map_err(|source| ReportError::database(&self.path, "remove the run", source))? {
            0 => Err(ReportError::NoSuchRun { path: self.path.clone(), key: key.to_owned() }),
            _ => Ok(()),
        }
    }

    /// The keys that begin so, or whose run bears just this name; the run saved last first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find(&self, selector: &str) -> Result<Vec<String>> {
        let runs = self.list(&RunFilter { name: Some(selector.to_owned()), ..RunFilter::default() })?;
        let fits = |key: &str, name: &str| key.starts_with(selector) || name == selector;
        Ok(runs.into_iter().filter(|run| fits(&run.key, &run.name)).map(|run| run.key).collect())
    }

    /// Drops what no run needs, and gives the space of what was dropped or removed back to the disk.
    ///
    /// # Errors
    /// [`ReportError::DiskFull`]: the store is written anew beside itself, and needs its size once more for a moment;
    /// [`ReportError::Busy`], [`ReportError::ReadOnly`].
    pub fn collect_garbage(&mut self) -> Result<Collected> {
        let fail = |source| ReportError::database(&self.path, "give space back", source);
        let bytes_before = self.bytes_on_disk();
        let n_question_sets = self
            .db
            .execute("DELETE FROM question_sets WHERE id NOT IN (SELECT question_set_id FROM sample_values)", [])
            .map_err(fail)?;
        self.db.execute_batch("VACUUM").map_err(fail)?;
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(fail)?;
        Ok(Collected { bytes_before, bytes_after: self.bytes_on_disk(), n_question_sets })
    }

    /// Bytes of the store and of SQLite's files beside it.
    pub fn bytes_on_disk(&self) -> u64 {
        let size = |suffix: &str| {
            let mut path = self.path.as_os_str().to_owned();
            path.push(suffix);
            std::fs::metadata(path).map_or(0, |m| m.len())
        };
        size("") + size("-wal")
    }
}
