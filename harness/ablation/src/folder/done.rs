//! What says that a step is done, and whether its outputs are still what they were.

use super::OutputFolder;
use crate::AblationError;
use crate::step::{Step, hex};
use phi_model::write_whole;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

const DONE: &str = "done.json";

/// What `done.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// The step's key.
    pub key: String,
    /// Seconds that the step took.
    pub seconds: f64,
    /// Every output by its relative path.
    pub files: BTreeMap<String, FileRecord>,
}

/// What an output was when the step ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Length.
    pub bytes: u64,
    /// When it was last written, in nanoseconds since 1970, by the file system's clock. Only whether it is still the same
    /// counts, so a clock that jumps does no harm.
    pub modified_ns: u64,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum StepState {
    /// Its outputs are whole.
    Done(Done),
    /// It has not ended.
    ToDo,
    /// Its outputs are not what they were.
    Damaged(String),
}

/// What is taken as a sign that an output is still what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Its length and its time of writing; where the time differs, its hash. Finds every change that goes through the file
    /// system, in microseconds a file.
    Stamps,
    /// Its hash, always. Finds what the disk itself has changed, too, and reads every byte.
    Hashes,
}

impl OutputFolder {
    /// How far a step is, and whether its outputs are whole.
    pub fn state(&self, step: &Step, trust: Trust) -> StepState {
        let dir = self.step_dir(step);
        let mut done: Done = match std::fs::read(dir.join(DONE)) {
            Err(e) if e.kind() == ErrorKind::NotFound => return StepState::ToDo,
            Err(e) => return StepState::Damaged(format!("{DONE} can't be read: {e}")),
            Ok(text) => match serde_json::from_slice(&text) {
                Err(e) => return StepState::Damaged(format!("{DONE} can't be read: {e}")),
                Ok(done) => done,
            },
        };
        if done.key != step.key {
            return StepState::Damaged(format!("{DONE} belongs to another step"));
        }
        let mut restamped = false;
        for (name, record) in &mut done.files {
            match check(&dir.join(name), record, trust) {
                Ok(None) => {}
                Ok(Some(modified_ns)) => {
                    record.modified_ns = modified_ns;
                    restamped = true;
                }
                Err(reason) => return StepState::Damaged(format!("{name} {reason}")),
            }
        }
        if restamped {
            // So that a folder that was copied is read through once only. Where it can't be written, that's all that is lost.
            let _ = self.write_done(step, &done);
        }
        StepState::Done(done)
    }

    /// Declares a step done: hashes the named outputs and puts `done.json` beside them.
    ///
    /// # Errors
    /// An output can't be read, or `done.json` can't be written.
    pub fn finish(&self, step: &Step, seconds: f64, outputs: &[String]) -> Result<(), AblationError> {
        let dir = self.step_dir(step);
        let records = outputs.iter().map(|name| {
            let path = dir.join(name);
            let record = record(&path).map_err(|e| AblationError::io("read", &path, e))?;
            Ok((name.clone(), record))
        });
        let files = records.collect::<Result<_, AblationError>>()?;
        self.write_done(step, &Done { key: step.key.clone(), seconds, files })
    }

    fn write_done(&self, step: &Step, done: &Done) -> Result<(), AblationError> {
        let text = serde_json::to_vec_pretty(done).expect("a done record is plain JSON");
        Ok(write_whole(&self.step_dir(step).join(DONE), &text)?)
    }

    /// Seconds that a step took; `None` if it isn't done.
    pub(crate) fn seconds(&self, step: &Step) -> Option<f64> {
        let done: Done = serde_json::from_slice(&std::fs::read(self.step_dir(step).join(DONE)).ok()?).ok()?;
        Some(done.seconds)
    }

    /// Reads a JSON output of a step that is done, whose hash must be right.
    ///
    /// # Errors
    /// It can't be read, or isn't what the step wrote.
    pub(crate) fn read_output<T: DeserializeOwned>(&self, step: &Step, name: &str) -> Result<T, AblationError> {
        let dir = self.step_dir(step);
        let path = dir.join(name);
        let read = |path: &Path| std::fs::read(path).map_err(|e| AblationError::io("read", path, e));
        let damaged = |reason: String| AblationError::Damaged { path: path.clone(), reason };
        let done: Done = serde_json::from_slice(&read(&dir.join(DONE))?).map_err(|e| damaged(e.to_string()))?;
        let bytes = read(&path)?;
        match done.files.get(name) {
            Some(record) if hex(&Sha256::digest(&bytes)) == record.sha256 => {}
            _ => return Err(damaged("it isn't what the step wrote".into())),
        }
        serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))
    }
}

/// Whether a file is what it was. `Ok(Some(time))` if it is, and was only written anew.
fn check(path: &Path, expected: &FileRecord, trust: Trust) -> Result<Option<u64>, String> {
    let (bytes, modified_ns) = stamp(path).map_err(|e| format!("can't be read: {e}"))?;
    if bytes != expected.bytes {
        return Err(format!("has changed: it was {} bytes long and is {bytes}", expected.bytes));
    }
    if trust == Trust::Stamps && modified_ns == expected.modified_ns {
        return Ok(None);
    }
    let now = record(path).map_err(|e| format!("can't be read: {e}"))?;
    if now.sha256 != expected.sha256 {
        return Err("has changed".into());
    }
    Ok((modified_ns != expected.modified_ns).then_some(modified_ns))
}

/// Length and time of writing.
fn stamp(path: &Path) -> std::io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    Ok((metadata.len(), modified))
}

fn record(path: &Path) -> std::io::Result<FileRecord> {
    let (bytes, modified_ns) = stamp(path)?;
    let (mut hasher, mut file) = (Sha256::new(), File::open(path)?);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        }
    }
    Ok(FileRecord { sha256: hex(&hasher.finalize()), bytes, modified_ns })
}
