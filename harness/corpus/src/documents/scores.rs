//! Scores of documents, in a file beside the corpus.
//!
//! `X.scores.jsonl` holds a line a document: its id, the hash of its text, who scored it, the score, and why. The hash
//! tells a document that was changed since, or another one of the same name.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::error::CorpusError;

/// What somebody thinks of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The document's id.
    pub id: String,
    /// [`Document::content_hash`].
    pub hash: String,
    /// Who scored it, such as `embedded-rubric-1` or the name of a model.
    pub labeller: String,
    /// From 0 (worthless to a student) to 5.
    pub score: f64,
    /// Why.
    pub reason: String,
}

/// Endings of the files that lie beside a corpus.
const SIDECARS: &[&str] = &[
    "scores.jsonl",
    "unlabelled.jsonl",
    "skipped.jsonl",
    "predictions.jsonl",
    "contamination.jsonl",
    "duplicates.jsonl",
];

/// The file of this ending beside a corpus: `X.ending`, for a folder too.
pub fn beside(of: &Path, ending: &str) -> PathBuf {
    let mut name = of.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(ending);
    of.with_file_name(name)
}

/// Whether a file lies beside a corpus instead of being one.
pub fn is_sidecar(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    SIDECARS.iter().any(|ending| name.ends_with(&format!(".{ending}")))
}

/// What a document is looked up by: its id and its text.
fn key(id: &str, hash: &str) -> u128 {
    let hash = blake3::hash(format!("{hash} {id}").as_bytes());
    u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
}

/// The scores of one file.
#[derive(Debug, Default)]
pub struct Scores {
    path: PathBuf,
    by_document: HashMap<u128, f64>,
    /// Who scored them, sorted.
    pub labellers: Vec<String>,
}

impl Scores {
    /// Reads a file of scores. A last line that was cut short by a kill is passed over.
    ///
    /// # Errors
    /// The file can't be read, or a line isn't a score.
    pub fn load(path: &Path) -> Result<Scores, CorpusError> {
        let mut scores = Scores { path: path.to_path_buf(), ..Scores::default() };
        for score in read(path)? {
            let score = score?;
            if !scores.labellers.contains(&score.labeller) {
                scores.labellers.push(score.labeller);
            }
            scores.by_document.insert(key(&score.id, &score.hash), score.score);
        }
        scores.labellers.sort();
        Ok(scores)
    }

    /// A document's score, if it has one.
    pub fn of(&self, document: &Document) -> Option<f64> {
        self.by_document.get(&key(&document.id, &document.content_hash())).copied()
    }

    /// How many documents have one.
    pub fn len(&self) -> usize {
        self.by_document.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_document.is_empty()
    }

    /// The error of scores that don't belong to the documents they were looked up for.
    pub fn foreign(&self, input: &str) -> CorpusError {
        CorpusError::ForeignScores { path: self.path.clone(), input: input.to_owned(), scores: self.len() }
    }
}

/// Reads scores one by one.
fn read(path: &Path) -> Result<impl Iterator<Item = Result<Score, CorpusError>>, CorpusError> {
    let failed = |source| CorpusError::io("read", path, source);
    let path = path.to_path_buf();
    let mut reader = BufReader::new(File::open(&path).map_err(failed)?);
    let mut line = 0;
    Ok(std::iter::from_fn(move || {
        loop {
            let mut text = String::new();
            line += 1;
            match reader.read_line(&mut text) {
                Ok(0) => return None,
                // Only a killed writer leaves a line without its end.
                Ok(_) if !text.ends_with('\n') => return None,
                Ok(_) if text.trim().is_empty() => {}
                Ok(_) => {
                    let score = serde_json::from_str(&text);
                    return Some(score.map_err(|source| CorpusError::Line { path: path.clone(), line, source }));
                }
                Err(source) => return Some(Err(CorpusError::io("read", &path, source))),
            }
        }
    }))
}

/// Adds scores to a file; what was written before a kill is kept.
#[derive(Debug)]
pub struct ScoreWriter {
    path: PathBuf,
    out: BufWriter<File>,
    earlier: Scores,
}

impl ScoreWriter {
    /// Opens a file to go on with, or a new one. Scores by others than `labeller` are refused.
    ///
    /// # Errors
    /// The file can't be read or written, or holds another labeller's scores.
    pub fn open(path: &Path, labeller: &str) -> Result<ScoreWriter, CorpusError> {
        let failed = |source| CorpusError::io("write", path, source);
        let mut earlier = Scores::default();
        if path.exists() {
            earlier = Scores::load(path)?;
            if let Some(other) = earlier.labellers.iter().find(|other| *other != labeller) {
                return Err(CorpusError::OtherLabeller {
                    path: path.to_path_buf(),
                    other: other.clone(),
                    labeller: labeller.to_owned(),
                });
            }
            cut_torn_line(path).map_err(failed)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        Ok(ScoreWriter { path: path.to_path_buf(), out: BufWriter::new(file), earlier })
    }

    /// What the file held already when it was opened.
    pub fn earlier_scores(&mut self) -> Scores {
        std::mem::take(&mut self.earlier)
    }

    /// Adds one.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, score: &Score) -> Result<(), CorpusError> {
        let failed = |source| CorpusError::io("write", &self.path, source);
        serde_json::to_writer(&mut self.out, score).map_err(|e| failed(e.into()))?;
        self.out.write_all(b"\n").map_err(failed)
    }

    /// Hands everything to the operating system, so that a kill loses nothing.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn flush(&mut self) -> Result<(), CorpusError> {
        self.out.flush().map_err(|source| CorpusError::io("write", &self.path, source))
    }
}

/// Removes what stands behind the last line break.
fn cut_torn_line(path: &Path) -> std::io::Result<()> {
    let bytes = std::fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < bytes.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok(())
}
