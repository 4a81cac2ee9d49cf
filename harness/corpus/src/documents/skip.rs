//! What was passed over while reading, and the file that lists it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::error::CorpusError;

/// Something that was read and isn't a document.
#[derive(Debug)]
pub struct Skip {
    /// The file.
    pub path: PathBuf,
    /// The line or row in it, from 1; 0 where it is the whole file.
    pub line: usize,
    /// Why it was passed over.
    pub reason: SkipReason,
}

/// Why something was passed over.
#[derive(Debug, Error)]
pub enum SkipReason {
    /// Bytes that aren't text.
    #[error("it isn't UTF-8")]
    NotUtf8,
    /// More than the limit.
    #[error("{bytes} bytes, more than the limit of {limit}")]
    TooLong {
        /// How many bytes there are.
        bytes: u64,
        /// How many there may be.
        limit: u64,
    },
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// A line that isn't a JSON object.
    #[error("it isn't a JSON object ({0})")]
    NotJson(serde_json::Error),
    /// A record without text.
    #[error("no field `text` or `content` that holds text, and no exercise")]
    NoText,
}

impl SkipReason {
    /// A name that doesn't change with the case, to count by.
    pub fn name(&self) -> &'static str {
        match self {
            SkipReason::NotUtf8 => "not_utf8",
            SkipReason::TooLong { .. } => "too_long",
            SkipReason::Empty => "empty",
            SkipReason::NotJson(_) => "not_json",
            SkipReason::NoText => "no_text",
        }
    }
}

impl Skip {
    /// Where it stands: the file, and the line in it.
    pub fn at(&self) -> String {
        match self.line {
            0 => self.path.display().to_string(),
            line => format!("{}:{line}", self.path.display()),
        }
    }
}

/// How often each reason came up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Skips(pub BTreeMap<&'static str, u64>);

impl Skips {
    /// Counts one.
    pub fn add(&mut self, reason: &SkipReason) {
        *self.0.entry(reason.name()).or_default() += 1;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Counts what is passed over and lists it in a file, which is made with the first entry: one JSON object a line with
/// `at`, `reason` and `detail`.
#[derive(Debug)]
pub struct SkipLog {
    path: PathBuf,
    out: Option<BufWriter<File>>,
    /// The counts.
    pub counts: Skips,
}

#[derive(Serialize)]
struct Entry<'a> {
    at: String,
    reason: &'a str,
    detail: String,
}

impl SkipLog {
    /// A log beside the file or folder `of`: `of` with `.skipped.jsonl` behind it. An earlier one is removed.
    pub fn beside(of: &Path) -> SkipLog {
        let path = super::scores::beside(of, "skipped.jsonl");
        let _ = std::fs::remove_file(&path);
        SkipLog { path, out: None, counts: Skips::default() }
    }

    /// Takes note of one.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn add(&mut self, skip: &Skip) -> Result<(), CorpusError> {
        self.counts.add(&skip.reason);
        let failed = |source| CorpusError::io("write", &self.path, source);
        if self.out.is_none() {
            self.out = Some(BufWriter::new(File::create(&self.path).map_err(failed)?));
        }
        let out = self.out.as_mut().expect("it was just made");
        let entry = Entry { at: skip.at(), reason: skip.reason.name(), detail: skip.reason.to_string() };
        serde_json::to_writer(&mut *out, &entry).map_err(|e| failed(e.into()))?;
        out.write_all(b"\n").and_then(|()| out.flush()).map_err(failed)
    }

    /// The file, if anything was passed over.
    pub fn path(&self) -> Option<&Path> {
        self.out.as_ref().map(|_| self.path.as_path())
    }
}
