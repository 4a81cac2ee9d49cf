//! Records one after the other from a file: JSON lines, one JSON array, or CSV with a header, plain or compressed with gzip;
//! or parquet.

use super::array::Array;
use super::parquet::{MAGIC, Rows};
use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// One record as it stands in its file.
pub(super) struct Record {
    /// Line that it begins at, from 1.
    pub line: usize,
    /// Its fields, in the file's order.
    pub fields: Map<String, Value>,
    /// Its own text, where it is a line of JSON.
    pub text: Option<String>,
}

/// Why there is no next record.
pub(super) enum Fault {
    /// The file can't be read.
    Read(std::io::Error),
    /// What is there isn't a record.
    Record { line: usize, reason: String },
}

/// The records of a file, in order.
pub(super) enum Records {
    /// A JSON object a line.
    Lines(Lines),
    /// One JSON array of objects.
    Array(Array),
    /// A row under a header; every field is a text.
    Csv(Csv),
    /// A row with types of its own.
    Parquet(Box<Rows>),
    /// Those that were read already.
    Read(std::vec::IntoIter<Record>),
}

/// The lines of a file of JSON lines.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    line: usize,
}

/// The rows of a CSV file.
pub(super) struct Csv {
    header: Vec<String>,
    rows: csv::StringRecordsIntoIter<Box<dyn BufRead>>,
}

/// Opens a file, and unpacks it where it is compressed.
pub(super) fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::new(File::open(path)?);
    let compressed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let inner: Box<dyn Read> = if compressed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    Ok(Box::new(BufReader::new(inner)))
}

impl Records {
    /// Opens a file; one whose name says so is CSV, and one that begins so is parquet.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let mut reader = open(path).map_err(Fault::Read)?;
        if reader.fill_buf().map_err(Fault::Read)?.starts_with(MAGIC) {
            return Ok(Self::Parquet(Box::new(Rows::open(File::open(path).map_err(Fault::Read)?)?)));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".csv") || name.ends_with(".csv.gz") {
            // Rows end at line feeds only: cells may hold other separators.
            let mut rows = csv::ReaderBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_reader(reader);
            let header = rows.headers().map_err(csv_fault)?.iter().map(str::to_owned).collect();
            return Ok(Self::Csv(Csv { header, rows: rows.into_records() }));
        }
        if !reader.fill_buf().map_err(Fault::Read)?.trim_ascii_start().starts_with(b"[") {
            return Ok(Self::Lines(Lines { reader, line: 0 }));
        }
        Ok(Self::Array(Array::new(reader)))
    }
}

impl Iterator for Records {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Lines(lines) => lines.next().transpose(),
            Self::Array(array) => array.next().map(|next| next.and_then(|(line, value)| object(value, line, None))),
            Self::Csv(csv) => csv.next(),
            Self::Parquet(rows) => rows.next(),
            Self::Read(records) => records.next().map(Ok),
        }
    }
}

impl Lines {
    fn next(&mut self) -> Result<Option<Record>, Fault> {
        let mut text = Vec::new();
        loop {
            text.clear();
            // Lines end at line feeds only: texts may hold other separators.
            if self.reader.read_until(b'\n', &mut text).map_err(Fault::Read)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if !text.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        let fault = |reason: String| Fault::Record { line: self.line, reason };
        let record = serde_json::from_slice(&text).map_err(|error| fault(format!("not JSON: {error}")))?;
        let text = String::from_utf8(text).map_err(|error| fault(error.to_string()))?;
        object(record, self.line, Some(text)).map(Some)
    }
}

impl Csv {
    fn next(&mut self) -> Option<Result<Record, Fault>> {
        let row = match self.rows.next()? {
            Ok(row) => row,
            Err(error) => return Some(Err(csv_fault(error))),
        };
        let line = row.position().map_or(0, |position| position.line() as usize);
        let cells = row.iter().map(|cell| Value::String(cell.to_owned()));
        Some(Ok(Record { line, fields: self.header.iter().cloned().zip(cells).collect(), text: None }))
    }
}

fn object(record: Value, line: usize, text: Option<String>) -> Result<Record, Fault> {
    match record {
        Value::Object(fields) => Ok(Record { line, fields, text }),
        _ => Err(Fault::Record { line, reason: "not a JSON object".to_owned() }),
    }
}

fn csv_fault(error: csv::Error) -> Fault {
    let line = error.position().map_or(0, |position| position.line() as usize);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Fault::Read(error),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Fault::Record { line, reason: format!("the row has {len} cells, and the header {expected_len}") }
        }
        csv::ErrorKind::Utf8 { err, .. } => Fault::Record { line, reason: err.to_string() },
        other => Fault::Record { line, reason: format!("not CSV: {other:?}") },
    }
}
