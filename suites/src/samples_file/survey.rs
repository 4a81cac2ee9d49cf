//! The first look at a file of samples: what is in it, and what is wrong with it.

use super::SamplesFileError;
use super::lines::Lines;
use super::sample::Questions;
use crate::request::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Bad lines that are told one by one; all are counted.
const MOST_TOLD: usize = 20;

/// Different samples that are remembered to find repeated ones: a table of 19 MB at most.
const MOST_REMEMBERED: usize = (1 << 21) / 8 * 7;

/// What is in a file of samples, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Samples that can be scored.
    pub samples: usize,
    /// Lines that are no samples of the task. They aren't counted in any score.
    pub bad_lines: usize,
    /// The first of them.
    pub first_bad_lines: Vec<BadLine>,
    /// Tasks without a sample, in the order of the data.
    pub missing_tasks: Vec<String>,
    /// Tasks of the data.
    pub tasks: usize,
    /// Samples that say the same as an earlier one of their task. They are counted like others, since a model may well
    /// write the same twice. Among the first two million different samples all are found.
    pub duplicates: usize,
    /// Lines of the first of them, from 1.
    pub first_duplicate_lines: Vec<usize>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// A line that can't be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl Survey {
    /// Whether every line was a sample, and every task has one.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.bad_lines == 0 && self.missing_tasks.is_empty()
    }

    pub(super) fn read(questions: &Questions<'_>, path: &Path) -> Result<Self, SamplesFileError> {
        let read_error = |source| SamplesFileError::Read { path: path.to_owned(), source };
        let mut hashing = Hashing { file: open(path)?, digest: Sha256::new() };
        let mut seen = vec![false; questions.keys.len()];
        let mut remembered = HashSet::new();
        let mut survey = Self {
            samples: 0,
            bad_lines: 0,
            first_bad_lines: Vec::new(),
            missing_tasks: Vec::new(),
            tasks: questions.keys.len(),
            duplicates: 0,
            first_duplicate_lines: Vec::new(),
            sha256: String::new(),
        };
        let mut lines = Lines::new(&mut hashing).map_err(read_error)?;
        while let Some((number, line)) = lines.next().map_err(read_error)? {
            match questions.sample(line) {
                Ok(sample) => {
                    survey.samples += 1;
                    seen[sample.doc_id] = true;
                    let fingerprint = sample.fingerprint();
                    let is_new = if remembered.len() < MOST_REMEMBERED {
                        remembered.insert(fingerprint)
                    } else {
                        !remembered.contains(&fingerprint)
                    };
                    if !is_new {
                        survey.duplicates += 1;
                        if survey.first_duplicate_lines.len() < MOST_TOLD {
                            survey.first_duplicate_lines.push(number);
                        }
                    }
                }
                Err(reason) => {
                    survey.bad_lines += 1;
                    if survey.first_bad_lines.len() < MOST_TOLD {
                        survey.first_bad_lines.push(BadLine { line: number, reason });
                    }
                }
            }
        }
        drop(lines);
        survey.sha256 = hex(&hashing.digest.finalize());
        let missing = questions.keys.iter().zip(&seen).filter(|(_, seen)| !**seen);
        survey.missing_tasks = missing.map(|(key, _)| key.clone()).collect();
        match (survey.samples, survey.first_bad_lines.first()) {
            (0, None) => Err(SamplesFileError::Empty { path: path.to_owned() }),
            (0, Some(first)) => Err(SamplesFileError::NothingUsable {
                path: path.to_owned(),
                count: survey.bad_lines,
                first: first.clone(),
            }),
            _ => Ok(survey),
        }
    }
}

/// Opens a file that can be read twice.
pub(super) fn open(path: &Path) -> Result<File, SamplesFileError> {
    let read_error = |source| SamplesFileError::Read { path: path.to_owned(), source };
    let kind = std::fs::metadata(path).map_err(read_error)?;
    if kind.is_dir() {
        return Err(read_error(std::io::Error::new(ErrorKind::IsADirectory, "is a folder, not a file of JSON lines")));
    }
    if !kind.is_file() {
        return Err(SamplesFileError::NotAFile { path: path.to_owned() });
    }
    File::open(path).map_err(read_error)
}

/// A file whose bytes are hashed as they are read.
struct Hashing {
    file: File,
    digest: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.digest.update(&buffer[..length]);
        Ok(length)
    }
}
