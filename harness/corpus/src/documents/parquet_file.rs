//! Parquet: rows with a column of text, and perhaps an id, a kind and a source.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;

use super::reader::ReadOptions;
use super::{Read, Record, Skip, SkipReason};
use crate::document::{Document, Kind};
use crate::error::CorpusError;

pub(super) struct ParquetFile {
    path: PathBuf,
    prefix: String,
    rows: RowIter<'static>,
    options: ReadOptions,
    text_column: String,
    row: usize,
    is_over: bool,
}

const SCHEMA: &str = "message documents {
    required binary id (UTF8);
    required binary kind (UTF8);
    required binary source (UTF8);
    required binary text (UTF8);
}";
/// Text of a row group: a reader holds about this much of each column.
const GROUP_BYTES: usize = 16 << 20;

fn damaged(path: &Path, error: ParquetError) -> CorpusError {
    CorpusError::Parquet { path: path.to_path_buf(), reason: error.to_string() }
}

impl ParquetFile {
    pub(super) fn open(path: &Path, prefix: String, options: ReadOptions) -> Result<ParquetFile, CorpusError> {
        let file = File::open(path).map_err(|source| CorpusError::io("read", path, source))?;
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, error))?;
        let schema = reader.metadata().file_metadata().schema();
        let columns: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
        let candidates = match &options.text_field {
            Some(field) => vec![field.as_str()],
            None => vec!["text", "content"],
        };
        let text_column = candidates.iter().find(|candidate| columns.contains(candidate));
        let text_column = (*text_column.ok_or_else(|| CorpusError::NoTextColumn {
            path: path.to_path_buf(),
            wanted: candidates.join("` or `"),
            columns: columns.join(", "),
        })?)
        .to_owned();
        // Only the columns that are used are decoded.
        let wanted = |name: &str| name == text_column || ["id", "kind", "source"].contains(&name);
        let fields = schema.get_fields().iter().filter(|field| wanted(field.name())).cloned().collect();
        let projection = Type::group_type_builder(schema.name()).with_fields(fields).build();
        let projection = projection.map_err(|error| damaged(path, error))?;
        let rows = RowIter::from_file_into(Box::new(reader)).project(Some(projection));
        let rows = rows.map_err(|error| damaged(path, error))?;
        Ok(ParquetFile { path: path.to_path_buf(), prefix, rows, options, text_column, row: 0, is_over: false })
    }

    fn read(&self, row: Row) -> Read {
        match self.parse(row) {
            Ok(document) => Read::Record(Record { document, line: None }),
            Err(reason) => Read::Skipped(Skip { path: self.path.clone(), line: self.row, reason }),
        }
    }

    fn parse(&self, row: Row) -> Result<Document, SkipReason> {
        let (mut text, mut id, mut kind, mut source) = (None, None, Kind::Code, None);
        for (name, field) in row.into_columns() {
            if name == self.text_column {
                text = as_text(field)?;
                continue;
            }
            let value = match field {
                Field::Null => None,
                Field::Str(value) => Some(value),
                other => Some(other.to_string()),
            };
            match name.as_str() {
                "id" => id = value,
                "source" => source = value,
                _ => kind = value.and_then(|it| serde_json::from_value(it.into()).ok()).unwrap_or(kind),
            }
        }
        let text = text.ok_or(SkipReason::NoText)?;
        self.options.check(&text)?;
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Document {
            id: format!("{}{}", self.prefix, id.unwrap_or_else(|| format!("row-{}", self.row))),
            kind,
            text,
            source: source.unwrap_or_else(|| format!("{file}:{}", self.row)),
        })
    }
}

/// The text of a column, also where the file doesn't say that its bytes are text.
fn as_text(field: Field) -> Result<Option<String>, SkipReason> {
    match field {
        Field::Str(text) => Ok(Some(text)),
        Field::Bytes(bytes) => String::from_utf8(bytes.data().to_vec()).map(Some).map_err(|_| SkipReason::NotUtf8),
        _ => Ok(None),
    }
}

impl Iterator for ParquetFile {
    type Item = Result<Read, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        self.row += 1;
        // The decoder may panic on a file that was made to break it; that is the file's fault and not the user's.
        let rows = std::panic::AssertUnwindSafe(&mut self.rows);
        let row = std::panic::catch_unwind(|| { rows }.0.next())
            .unwrap_or_else(|_| Some(Err(ParquetError::General("the decoder failed on it".into()))));
        let next = row.map(|row| row.map(|row| self.read(row)).map_err(|error| damaged(&self.path, error)));
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Writes documents in row groups.
pub(super) struct ParquetWriter {
    path: PathBuf,
    file: SerializedFileWriter<File>,
    columns: [Vec<ByteArray>; 4],
    bytes: usize,
}

impl ParquetWriter {
    pub(super) fn new(path: &Path, file: File) -> Result<ParquetWriter, CorpusError> {
        let schema = parse_message_type(SCHEMA).expect("the schema is well formed");
        let level = ZstdLevel::try_new(3).expect("3 is a level of zstd");
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let file = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties));
        let file = file.map_err(|error| damaged(path, error))?;
        Ok(ParquetWriter { path: path.to_path_buf(), file, columns: Default::default(), bytes: 0 })
    }

    pub(super) fn write(&mut self, document: &Document) -> Result<(), CorpusError> {
        let kind = serde_json::to_value(document.kind).ok();
        let kind = kind.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        for (column, value) in self.columns.iter_mut().zip([&document.id, kind, &document.source, &document.text]) {
            column.push(ByteArray::from(Bytes::copy_from_slice(value.as_bytes())));
        }
        self.bytes += document.text.len();
        if self.bytes >= GROUP_BYTES { self.close_group() } else { Ok(()) }
    }

    fn close_group(&mut self) -> Result<(), CorpusError> {
        let columns = std::mem::take(&mut self.columns);
        self.bytes = 0;
        let mut write = || -> Result<(), ParquetError> {
            let mut group = self.file.next_row_group()?;
            for values in &columns {
                if let Some(mut column) = group.next_column()? {
                    column.typed::<ByteArrayType>().write_batch(values, None, None)?;
                    column.close()?;
                }
            }
            group.close().map(|_| ())
        };
        write().map_err(|error| damaged(&self.path, error))
    }

    /// Writes what is left and the file's end.
    pub(super) fn finish(mut self) -> Result<File, CorpusError> {
        if !self.columns[0].is_empty() {
            self.close_group()?;
        }
        let path = self.path;
        self.file.into_inner().map_err(|error| damaged(&path, error))
    }
}
