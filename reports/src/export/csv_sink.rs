//! Tables as CSV (RFC 4180), by the crate `csv`: a missing value is an empty field.

use super::table::{Cell, Sink, Table};
use crate::{ReportError, Result};
use std::path::{Path, PathBuf};

pub(super) struct CsvSink {
    writer: csv::Writer<std::fs::File>,
    path: PathBuf,
}

impl CsvSink {
    pub(super) fn new(folder: &Path, table: Table) -> Result<Self> {
        let path = folder.join(format!("{}.csv", table.name));
        let mut sink = Self { writer: csv::Writer::from_path(&path).map_err(|e| failed(&path, e))?, path };
        let head = table.columns.iter().map(|(name, _)| name);
        sink.writer.write_record(head).map_err(|e| failed(&sink.path, e))?;
        Ok(sink)
    }
}

impl Sink for CsvSink {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        let fields = cells.iter().map(|cell| match cell {
            Cell::Text(text) => text.unwrap_or_default().to_owned(),
            Cell::Whole(number) => number.to_string(),
            Cell::Real(number) => number.map_or_else(String::new, |v| v.to_string()),
            Cell::Truth(truth) => truth.map_or_else(String::new, |t| t.to_string()),
        });
        self.writer.write_record(fields).map_err(|e| failed(&self.path, e))
    }

    fn finish(mut self) -> Result<PathBuf> {
        self.writer.flush().map_err(|source| super::io(&self.path, source))?;
        Ok(self.path)
    }
}

fn failed(path: &Path, error: csv::Error) -> ReportError {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => super::io(path, source),
        other => ReportError::Export { path: path.to_path_buf(), detail: format!("{other:?}") },
    }
}
