//! The run store: one SQLite file that holds everything that the ablations of a folder found out.

mod read;
mod schema;
mod write;

use crate::{ReportError, Result, Run};
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another one before it says that the store is busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The run store: one SQLite file in WAL mode.
///
/// Numbers come back bit for bit; a NaN is kept as SQL's NULL and comes back as NaN (in an optional column as `None`).
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
}

/// One line of [`Store::list`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Hash of the recipe.
    pub key: String,
    /// The recipe's name.
    pub name: String,
    /// The question that the recipe asks.
    pub question: String,
    /// Seconds since 1970 when it began.
    pub started_unix_s: u64,
    /// Distinct arms.
    pub n_arms: usize,
    /// Arms times seeds.
    pub n_arm_runs: usize,
    /// Answers kept.
    pub n_samples: usize,
}

impl Store {
    /// Opens the store, makes it if it is not there, and brings an older one up to date.
    ///
    /// # Errors
    /// [`ReportError::CannotOpen`], [`ReportError::ReadOnly`], [`ReportError::Corrupt`] for a file that is no run
    /// store, [`ReportError::NewerSchema`] for one that a newer program wrote.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let mut db = Connection::open(&path).map_err(|source| ReportError::database(&path, "be opened", source))?;
        let prepare = |db: &Connection| {
            db.busy_timeout(BUSY_TIMEOUT)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "NORMAL")?;
            db.pragma_update(None, "foreign_keys", true)
        };
        prepare(&db).map_err(|source| ReportError::database(&path, "be opened", source))?;
        schema::migrate(&mut db, &path)?;
        Ok(Self { db, path })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a run, in place of an earlier one of the same key. Either all of it is kept or nothing changes.
    ///
    /// # Errors
    /// [`ReportError::DiskFull`], [`ReportError::ReadOnly`], [`ReportError::Busy`].
    pub fn save_run(&mut self, run: &Run) -> Result<()> {
        write::save(&mut self.db, run).map_err(|source| ReportError::database(&self.path, "save the run", source))
    }

    /// The run of this key.
    ///
    /// # Errors
    /// [`ReportError::NoSuchRun`]; [`ReportError::Corrupt`] if a row does not fit.
    pub fn load_run(&self, key: &str) -> Result<Run> {
        match read::load(&self.db, key) {
            Ok(run) => Ok(run),
            Err(rusqlite::Error::QueryReturnedNoRows) => {
                Err(ReportError::NoSuchRun { path: self.path.clone(), key: key.to_owned() })
            }
            Err(
                e @ (rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)),
            ) => Err(ReportError::corrupt(&self.path, e)),
            Err(source) => Err(ReportError::database(&self.path, "load the run", source)),
        }
    }

    /// The run that was saved last; `None` in an empty store.
    ///
    /// # Errors
    /// As [`Store::load_run`].
    pub fn latest(&self) -> Result<Option<Run>> {
        let key: Option<String> = self
            .db
            .query_row("SELECT key FROM runs ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .map_err(|source| ReportError::database(&self.path, "find its latest run", source))?;
        key.map(|key| self.load_run(&key)).transpose()
    }

    /// What runs there are, the one saved last first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn list(&self) -> Result<Vec<RunSummary>> {
        read::list(&self.db).map_err(|source| ReportError::database(&self.path, "list its runs", source))
    }
}
