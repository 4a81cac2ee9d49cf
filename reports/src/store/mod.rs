//! The run store: one SQLite file that holds everything that the ablations of a folder found out.

mod diff;
mod list;
mod maintain;
mod packed;
mod read;
mod samples;
mod schema;
mod write;

pub use diff::{ChangedQuestion, RunDiff, ScoreDiff};
pub use list::{RunFilter, RunSummary};
pub use maintain::Collected;
pub use samples::{FoundSample, SampleFilter};
pub use write::RunWriter;
pub(crate) use write::phase_name;

use crate::{ReportError, Result, Run};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
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

impl Store {
    /// Opens the store, makes it if it is not there, and brings an older one up to date.
    ///
    /// # Errors
    /// [`ReportError::CannotOpen`], [`ReportError::ReadOnly`], [`ReportError::Corrupt`] for a file that is no run
    /// store, [`ReportError::NewerSchema`] for one that a newer program wrote.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let opened = |source| not_opened(&path, source);
        let mut db = Connection::open(&path).map_err(opened)?;
        let prepare = |db: &Connection| {
            db.busy_timeout(BUSY_TIMEOUT)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "NORMAL")?;
            db.pragma_update(None, "foreign_keys", true)
        };
        // Before anything is set: a file that isn't ours stays as it was.
        schema::version(&db, &path).map_err(if_read_only)?;
        prepare(&db).map_err(opened)?;
        schema::migrate(&mut db, &path)?;
        Ok(Self { db, path })
    }

    /// Opens a store that is there, to read it: nothing is made or changed, but that an older store is brought up to date.
    /// A store on a disk that can't be written is read as it lies there.
    ///
    /// # Errors
    /// As [`Store::open`]; [`ReportError::ReadOnly`] for an older store that can't be brought up to date.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let opened = |source| not_opened(&path, source);
        let read_only = |uri: &Path, flags| {
            let db = Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | flags)?;
            db.busy_timeout(BUSY_TIMEOUT)?;
            db.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0))?;
            Ok(db)
        };
        let db = match read_only(&path, OpenFlags::empty()) {
            Ok(db) => db,
            // WAL needs a file of its own beside the store, which can't be made here; without one nothing is pending.
            Err(_) if path.is_file() && !has_pending_writes(&path) => {
                read_only(&immutable_uri(&path), OpenFlags::SQLITE_OPEN_URI).map_err(opened)?
            }
            Err(e) => return Err(opened(e)),
        };
        if schema::version(&db, &path)? < schema::SUPPORTED {
            drop(db);
            return Self::open(path);
        }
        Ok(Self { db, path })
    }

    /// A store in memory, for runs that lie elsewhere.
    ///
    /// # Errors
    /// Those of the database.
    pub fn in_memory() -> Result<Self> {
        Self::open(":memory:")
    }

    /// How long to wait for another writer before [`ReportError::Busy`]; 10 s if this isn't called.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_busy_timeout(&self, timeout: Duration) -> Result<()> {
        self.db.busy_timeout(timeout).map_err(|source| ReportError::database(&self.path, "set its patience", source))
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
        let mut writer = self.begin_run(run)?;
        run.arms.iter().try_for_each(|arm| writer.arm(arm))?;
        writer.commit()
    }

    /// Begins to save a run whose arms and samples come one by one, in place of an earlier run of the same key. The arms that
    /// `run` itself holds are left aside.
    ///
    /// # Errors
    /// As [`Store::save_run`].
    pub fn begin_run(&mut self, run: &Run) -> Result<RunWriter<'_>> {
        let Self { db, path } = self;
        let writer = RunWriter::begin(db, path, run);
        writer.map_err(|source| ReportError::database(path, "save the run", source))
    }

    /// The run of this key.
    ///
    /// # Errors
    /// [`ReportError::NoSuchRun`]; [`ReportError::Corrupt`] if a row does not fit.
    pub fn load_run(&self, key: &str) -> Result<Run> {
        self.must_have(key)?;
        self.reading("load the run", || read::load(&self.db, key))
    }

    /// Whether there is a run of this key.
    ///
    /// # Errors
    /// Those of the database.
    pub fn has_run(&self, key: &str) -> Result<bool> {
        self.reading("look for a run", || {
            self.db.query_row("SELECT EXISTS (SELECT 1 FROM runs WHERE key = ?1)", [key], |row| row.get(0))
        })
    }

    /// There is a run of this key.
    fn must_have(&self, key: &str) -> Result<()> {
        match self.has_run(key)? {
            true => Ok(()),
            false => Err(ReportError::NoSuchRun { path: self.path.clone(), key: key.to_owned() }),
        }
    }

    /// The run without its samples.
    ///
    /// # Errors
    /// As [`Store::load_run`].
    pub fn load_without_samples(&self, key: &str) -> Result<Run> {
        self.must_have(key)?;
        self.reading("load the run", || read::without_samples(&self.db, key))
    }

    /// The run that was saved last; `None` in an empty store.
    ///
    /// # Errors
    /// As [`Store::load_run`].
    pub fn latest(&self) -> Result<Option<Run>> {
        self.latest_key()?.map(|key| self.load_run(&key)).transpose()
    }

    /// The key of the run that was saved last; `None` in an empty store.
    ///
    /// # Errors
    /// Those of the database.
    pub fn latest_key(&self) -> Result<Option<String>> {
        self.reading("find its latest run", || {
            self.db.query_row("SELECT key FROM runs ORDER BY id DESC LIMIT 1", [], |row| row.get(0)).optional()
        })
    }

    /// Loads a run arm by arm, so that one arm's samples at a time are in memory.
    ///
    /// # Errors
    /// As [`Store::load_run`], and whatever `take` returns.
    pub fn for_each_arm(&self, key: &str, mut take: impl FnMut(crate::ArmRun) -> Result<()>) -> Result<()> {
        self.must_have(key)?;
        let (arms, texts) = self.reading("load the run", || {
            let (id, _) = read::head(&self.db, key)?;
            Ok((read::arms(&self.db, id)?, read::texts(&self.db, id)?))
        })?;
        for (id, arm) in arms {
            take(self.reading("load the run", || read::whole_arm(&self.db, id, arm, &texts))?)?;
        }
        Ok(())
    }

    /// What runs there are that fit the filter, the one saved last first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn list(&self, filter: &RunFilter) -> Result<Vec<RunSummary>> {
        self.reading("list its runs", || list::list(&self.db, filter))
    }
}

fn not_opened(path: &Path, source: rusqlite::Error) -> ReportError {
    if_read_only(ReportError::database(path, "be opened", source))
}

/// Of a store on a disk that can't be written SQLite says no more than that it can't be opened.
fn if_read_only(error: ReportError) -> ReportError {
    match error {
        ReportError::CannotOpen { path, .. }
            if path.is_file() && std::fs::File::options().append(true).open(&path).is_err() =>
        {
            ReportError::ReadOnly { doing: "be opened", path }
        }
        error => error,
    }
}

/// Whether writes lie beside the store that aren't in it yet.
fn has_pending_writes(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).is_ok_and(|m| m.len() > 0)
}

/// The store as a URI that says that nobody changes it.
fn immutable_uri(path: &Path) -> PathBuf {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    PathBuf::from(format!("file:{escaped}?immutable=1"))
}
