//! JSON lines, one at a time, with a limit on what is held in memory.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::format::Compression;
use super::reader::ReadOptions;
use super::{Read, Record, Skip, SkipReason};
use crate::document::{Document, Kind};
use crate::error::CorpusError;

/// A character takes up to six bytes in a JSON string (`\u00e9`), and a record has other fields besides.
const LINE_PER_TEXT: u64 = 8;

pub(super) struct JsonLines {
    path: PathBuf,
    /// What stands before an id, so that the ids of several files differ.
    prefix: String,
    reader: Box<dyn BufRead + Send>,
    options: ReadOptions,
    buffer: Vec<u8>,
    line: usize,
    is_over: bool,
}

impl JsonLines {
    pub(super) fn open(
        path: &Path,
        prefix: String,
        compression: Compression,
        options: ReadOptions,
    ) -> Result<JsonLines, CorpusError> {
        let reader = compression.open(path)?;
        Ok(JsonLines { path: path.to_path_buf(), prefix, reader, options, buffer: vec![], line: 0, is_over: false })
    }

    /// The next line that isn't blank.
    fn next(&mut self) -> Result<Option<Read>, CorpusError> {
        let limit = self.options.max_bytes.saturating_mul(LINE_PER_TEXT);
        loop {
            self.buffer.clear();
            self.line += 1;
            let read = read_line(&mut *self.reader, &mut self.buffer, limit)
                .map_err(|source| CorpusError::Damaged { path: self.path.clone(), line: self.line, source })?;
            if read == 0 {
                return Ok(None);
            }
            if read > limit {
                return Ok(Some(self.skipped(SkipReason::TooLong { bytes: read, limit })));
            }
            let Ok(text) = std::str::from_utf8(&self.buffer) else {
                return Ok(Some(self.skipped(SkipReason::NotUtf8)));
            };
            let text = text.trim();
            if !text.is_empty() {
                return Ok(Some(match self.parse(text) {
                    Ok(record) => Read::Record(record),
                    Err(reason) => self.skipped(reason),
                }));
            }
        }
    }

    fn parse(&self, line: &str) -> Result<Record, SkipReason> {
        let mut fields: Map<String, Value> = serde_json::from_str(line).map_err(SkipReason::NotJson)?;
        let (text, default_kind) = match self.text(&mut fields) {
            Some(text) => (text, Kind::Code),
            None => (exercise_text(&fields).ok_or(SkipReason::NoText)?, Kind::Exercise),
        };
        self.options.check(&text)?;
        let kind = fields.remove("kind").and_then(|kind| serde_json::from_value(kind).ok()).unwrap_or(default_kind);
        let own_id = fields.remove("id").or_else(|| fields.remove("task_id")).and_then(name);
        let id = format!("{}{}", self.prefix, own_id.unwrap_or_else(|| format!("line-{}", self.line)));
        let source = fields.remove("source").and_then(name).unwrap_or_else(|| {
            let file = self.path.file_name().unwrap_or_default().to_string_lossy();
            format!("{file}:{}", self.line)
        });
        Ok(Record { document: Document { id, kind, text, source }, line: Some(line.to_owned()) })
    }

    fn text(&self, fields: &mut Map<String, Value>) -> Option<String> {
        let mut take = |field: &str| match fields.remove(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        match &self.options.text_field {
            Some(field) => take(field),
            None => take("text").or_else(|| take("content")),
        }
    }

    fn skipped(&self, reason: SkipReason) -> Read {
        Read::Skipped(Skip { path: self.path.clone(), line: self.line, reason })
    }
}

impl Iterator for JsonLines {
    type Item = Result<Read, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = JsonLines::next(self).transpose();
        // After an error of the file itself, nothing more can be read from it.
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// What an exercise is trained on: its prompt and its solution.
fn exercise_text(fields: &Map<String, Value>) -> Option<String> {
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    Some(format!("{}{}\n", text("prompt")?, text("canonical_solution")?))
}

/// A string as it is, a number as it is written; nothing else names anything.
fn name(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads a line with its line break, and returns how long it is: 0 at the end of the file. A line above the limit is
/// read to its end but not kept.
fn read_line(reader: &mut dyn BufRead, buffer: &mut Vec<u8>, limit: u64) -> io::Result<u64> {
    let mut read = 0;
    loop {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = available.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let used = end.unwrap_or(available.len());
        read += used as u64;
        if read <= limit {
            buffer.extend_from_slice(&available[..used]);
        }
        reader.consume(used);
        if end.is_some() || used == 0 {
            return Ok(read);
        }
    }
}
