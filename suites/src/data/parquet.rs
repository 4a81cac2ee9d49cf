//! Rows of a parquet file, one after the other: a page of each column is in memory at a time.

use super::records::{Fault, Record};
use parquet::file::reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use serde_json::Value;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a parquet file begins and ends with.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// The rows of a parquet file.
pub(super) struct Rows {
    rows: RowIter<'static>,
    row: usize,
}

impl Rows {
    pub(super) fn open(file: File) -> Result<Self, Fault> {
        let whole = |reason: String| Fault::Record { line: 0, reason: format!("not a whole parquet file: {reason}") };
        let reader = guarded(|| SerializedFileReader::new(file)).map_err(whole)?;
        Ok(Self { rows: guarded(|| Ok(reader.into_iter())).map_err(whole)?, row: 0 })
    }
}

impl Iterator for Rows {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row += 1;
        let line = self.row;
        let damaged = |reason: String| Fault::Record { line, reason: format!("the row can't be read: {reason}") };
        let row = match guarded(|| self.rows.next().transpose()) {
            Ok(row) => row?,
            Err(reason) => return Some(Err(damaged(reason))),
        };
        match row.to_json_value() {
            Value::Object(fields) => Some(Ok(Record { line, fields, text: None })),
            _ => Some(Err(damaged("it isn't a record".to_owned()))),
        }
    }
}

/// The crate's reader panics on some damaged files; here that is a message like any other.
fn guarded<T>(read: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("its structure is damaged".to_owned()),
    }
}
