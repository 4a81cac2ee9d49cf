//! The ledger's file: JSON lines that are only added to.

use super::measurement::Measurement;
use crate::{ReportError, Result};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// A ledger that was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ledger {
    /// In the order of the file, each line once.
    pub measurements: Vec<Measurement>,
    /// Lines that were skipped.
    pub broken: Vec<BrokenLine>,
}

/// A line that holds no measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLine {
    /// From 1.
    pub number: usize,
    /// Why.
    pub reason: String,
}

impl Ledger {
    /// Reads a ledger. A line that is broken is skipped and told; one that a union merge kept twice counts once.
    ///
    /// # Errors
    /// [`ReportError::Io`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| ReportError::Io {
            doing: "read",
            path: path.to_path_buf(),
            source,
        })?;
        let mut ledger = Self::default();
        let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
        for (i, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() || !seen.insert(line) {
                continue;
            }
            match parse(line) {
                Ok(measurement) => ledger.measurements.push(measurement),
                Err(reason) => ledger.broken.push(BrokenLine { number: i + 1, reason }),
            }
        }
        Ok(ledger)
    }

    /// Adds lines at the end of a ledger, which is made if need be; lines that it has already are left out. The number of
    /// lines that were added.
    ///
    /// # Errors
    /// [`ReportError::Io`].
    pub fn append(path: impl AsRef<Path>, measurements: &[Measurement]) -> Result<usize> {
        let path = path.as_ref();
        let io = |doing| move |source| ReportError::Io { doing, path: path.to_path_buf(), source };
        let old = match std::fs::read(path) {
            Ok(old) => old,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(io("read")(e)),
        };
        let known: BTreeSet<&[u8]> = old.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
        // A line that was cut off stays a line of its own.
        let mut text = if old.is_empty() || old.ends_with(b"\n") { String::new() } else { "\n".to_owned() };
        let mut n_added = 0;
        for measurement in measurements {
            let line = serde_json::to_string(measurement)?;
            if !known.contains(line.as_bytes()) {
                text.push_str(&line);
                text.push('\n');
                n_added += 1;
            }
        }
        if n_added > 0 {
            let mut file = std::fs::File::options().append(true).create(true).open(path).map_err(io("write"))?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io("write"))?;
        }
        Ok(n_added)
    }
}

fn parse(line: &[u8]) -> Result<Measurement, String> {
    if [b"<<<<<<<", b"=======", b">>>>>>>"].iter().any(|mark| line.starts_with(*mark)) {
        return Err("an unresolved conflict of git's; `*.jsonl merge=union` in .gitattributes avoids them".to_owned());
    }
    let measurement: Measurement = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    match crate::date::parse(&measurement.date) {
        Some(_) => Ok(measurement),
        None => Err(format!("the date {:?} isn't like 2026-01-31T12:00:00Z", measurement.date)),
    }
}
