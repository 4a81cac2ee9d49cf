//! The file of results: begun, gone on with behind its last whole line, and only ever appended to.

use super::SamplesFileError;
use super::origin::Origin;
use super::record::Record;
use super::sample::Questions;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Error, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// An open file of results, locked against other runs until it is dropped.
pub(super) struct Results {
    reader: BufReader<File>,
    path: PathBuf,
    /// Bytes that are known to be good.
    good: u64,
}

impl Results {
    /// Opens results of this origin, or begins them.
    pub fn open(path: &Path, origin: &Origin, restart: bool) -> Result<Self, SamplesFileError> {
        let write_error = |source| SamplesFileError::Write { path: path.to_owned(), source };
        if std::fs::metadata(path).is_ok_and(|kind| !kind.is_file()) {
            return Err(write_error(Error::new(ErrorKind::InvalidData, "there is something that is no ordinary file")));
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(write_error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SamplesFileError::Locked { path: path.to_owned() }),
            // Some network file systems have no locks; the work isn't refused for that.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(write_error(error)),
        }
        let mut is_new = file.metadata().map_err(write_error)?.len() == 0;
        if !is_new {
            let earlier = Origin::read(path)
                .ok_or_else(|| SamplesFileError::Foreign { path: path.to_owned(), origin: Origin::path(path) })?;
            let differences = origin.differences(&earlier);
            if restart {
                file.set_len(0).map_err(write_error)?;
                is_new = true;
            } else if !differences.is_empty() {
                return Err(SamplesFileError::Differs { path: path.to_owned(), differences });
            }
        }
        if is_new {
            origin.write(path).map_err(write_error)?;
        }
        Ok(Self { reader: BufReader::new(file), path: path.to_owned(), good: 0 })
    }

    /// The next result of an earlier run with the position of its task; none where there is no further whole one. The caller
    /// [keeps](Results::keep) it, or reads no more.
    pub fn read(&mut self, questions: &Questions<'_>) -> Result<Option<(Kept, usize, Record)>, SamplesFileError> {
        let mut line = Vec::new();
        let length = self.reader.read_until(b'\n', &mut line).map_err(|source| self.error(source))?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        let record = Record::read(&line, |fields| questions.doc_id(fields).ok());
        Ok(record.map(|(doc_id, record)| (Kept(length as u64), doc_id, record)))
    }

    /// Counts a line that was read among the good ones.
    pub fn keep(&mut self, line: Kept) {
        self.good += line.0;
    }

    /// Cuts whatever stands behind the good lines, and makes ready to append.
    pub fn cut(&mut self) -> Result<(), SamplesFileError> {
        let good = self.good;
        let file = self.reader.get_mut();
        let cut = file.set_len(good).and_then(|()| file.seek(SeekFrom::Start(good)));
        cut.map(drop).map_err(|source| self.error(source))
    }

    /// Appends a line. It goes to the system at once, so that a kill costs nothing that was done.
    pub fn append(&mut self, line: &str) -> Result<(), SamplesFileError> {
        self.reader.get_mut().write_all(line.as_bytes()).map_err(|source| self.error(source))
    }

    fn error(&self, source: Error) -> SamplesFileError {
        SamplesFileError::Write { path: self.path.clone(), source }
    }
}

/// The length of a line that was read, in bytes.
pub(super) struct Kept(u64);
