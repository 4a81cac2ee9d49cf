//! Opens what a user names as a corpus, whatever it is kept in.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::json_lines::JsonLines;
use super::parquet_file::ParquetFile;
use super::{Format, Read, Record, Skip, SkipReason};
use crate::document::{Document, Kind};
use crate::error::CorpusError;
use crate::sources::{MAX_FILE_BYTES, stdlib_sources};

/// A corpus as a command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `@stdlib`: the Python standard library that the program carries.
    Stdlib,
    /// A file of documents, or a folder of them.
    Path(PathBuf),
}

impl FromStr for Input {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Input, Self::Err> {
        Ok(if text == "@stdlib" { Input::Stdlib } else { Input::Path(text.into()) })
    }
}

impl std::fmt::Display for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Input::Stdlib => f.write_str("@stdlib"),
            Input::Path(path) => path.display().fmt(f),
        }
    }
}

/// What counts as a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The field or column that holds the text; `text` or `content` where it isn't set.
    pub text_field: Option<String>,
    /// Bytes of a document at most; a longer one is passed over. A line may be eight times as long.
    pub max_bytes: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions { text_field: None, max_bytes: MAX_FILE_BYTES }
    }
}

impl ReadOptions {
    pub(super) fn check(&self, text: &str) -> Result<(), SkipReason> {
        let bytes = text.len() as u64;
        if bytes > self.max_bytes {
            Err(SkipReason::TooLong { bytes, limit: self.max_bytes })
        } else if text.trim().is_empty() {
            Err(SkipReason::Empty)
        } else {
            Ok(())
        }
    }
}

/// Reads documents one by one, in a stable order: by path, then by line or row.
pub struct Reader {
    input: Input,
    options: ReadOptions,
    root: PathBuf,
    files: std::vec::IntoIter<PathBuf>,
    current: Option<Box<dyn Iterator<Item = Result<Read, CorpusError>> + Send>>,
    documents: u64,
    skipped: u64,
    is_over: bool,
}

impl Reader {
    /// Opens a corpus. Of a folder, every file of a known format below it is read: `.py`, `.jsonl` (`.gz`, `.zst`) and
    /// `.parquet`; links and hidden folders are not followed.
    ///
    /// # Errors
    /// It isn't there, is of no known format, or is a folder without such files.
    pub fn open(input: &Input, options: ReadOptions) -> Result<Reader, CorpusError> {
        let (root, files, current) = match input {
            Input::Stdlib => (PathBuf::new(), vec![], Some(stdlib()?)),
            Input::Path(path) => {
                let metadata = std::fs::metadata(path).map_err(|source| CorpusError::io("read", path, source))?;
                if metadata.is_dir() {
                    let mut files = vec![];
                    walk(path, &mut files)?;
                    files.sort();
                    (path.clone(), files, None)
                } else {
                    Format::of(path).ok_or_else(|| CorpusError::UnknownFormat { path: path.clone() })?;
                    (path.parent().unwrap_or(Path::new("")).to_path_buf(), vec![path.clone()], None)
                }
            }
        };
        let files = files.into_iter();
        Ok(Reader { input: input.clone(), options, root, files, current, documents: 0, skipped: 0, is_over: false })
    }

    fn open_file(
        &self,
        path: &Path,
    ) -> Result<Box<dyn Iterator<Item = Result<Read, CorpusError>> + Send>, CorpusError> {
        let name = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let is_alone = matches!(&self.input, Input::Path(input) if input == path);
        let prefix = || if is_alone { String::new() } else { format!("{name}/") };
        let options = self.options.clone();
        Ok(match Format::of(path) {
            Some(Format::JsonLines(compression)) => Box::new(JsonLines::open(path, prefix(), compression, options)?),
            Some(Format::Parquet) => Box::new(ParquetFile::open(path, prefix(), options)?),
            _ => Box::new(std::iter::once(python_file(path, name, &options))),
        })
    }
}

impl Iterator for Reader {
    type Item = Result<Read, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            if let Some(next) = self.current.as_mut().and_then(Iterator::next) {
                match &next {
                    Ok(Read::Record(_)) => self.documents += 1,
                    Ok(Read::Skipped(_)) => self.skipped += 1,
                    Err(_) => self.is_over = true,
                }
                return Some(next);
            }
            match self.files.next() {
                Some(path) => match self.open_file(&path) {
                    Ok(file) => self.current = Some(file),
                    Err(error) => {
                        self.is_over = true;
                        return Some(Err(error));
                    }
                },
                None => {
                    self.is_over = true;
                    if self.documents == 0 {
                        let (input, skipped) = (self.input.to_string(), self.skipped);
                        return Some(Err(CorpusError::NoDocuments { input, skipped }));
                    }
                }
            }
        }
        None
    }
}

fn stdlib() -> Result<Box<dyn Iterator<Item = Result<Read, CorpusError>> + Send>, CorpusError> {
    let documents = stdlib_sources()?.into_iter();
    Ok(Box::new(documents.map(|document| Ok(Read::Record(Record { document, line: None })))))
}

fn python_file(path: &Path, name: String, options: &ReadOptions) -> Result<Read, CorpusError> {
    let failed = |source| CorpusError::io("read", path, source);
    let skip = |reason| Ok(Read::Skipped(Skip { path: path.to_path_buf(), line: 0, reason }));
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > options.max_bytes {
        return skip(SkipReason::TooLong { bytes, limit: options.max_bytes });
    }
    let Ok(text) = String::from_utf8(std::fs::read(path).map_err(failed)?) else { return skip(SkipReason::NotUtf8) };
    match options.check(&text) {
        Err(reason) => skip(reason),
        Ok(()) => {
            let document = Document { id: name.clone(), kind: Kind::Code, text, source: name };
            Ok(Read::Record(Record { document, line: None }))
        }
    }
}

/// Links are not followed, so that a circle of them cannot trap the walk; hidden folders and files hold no documents.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::io("read", folder, source);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let file_type = entry.file_type().map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "__pycache__" {
            continue;
        }
        let path = entry.path();
        if file_type.is_dir() {
            walk(&path, files)?;
        } else if file_type.is_file() && Format::of(&path).is_some() && !super::scores::is_sidecar(&path) {
            files.push(path);
        }
    }
    Ok(())
}
