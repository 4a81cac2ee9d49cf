//! Tables as Apache Parquet, by the crate `parquet` without Arrow; columns are compressed by Zstandard.

use super::table::{Cell, Kind, Sink, Table};
use crate::{ReportError, Result};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are kept in memory until they are written as a row group.
const ROWS_IN_GROUP: usize = 32_768;

pub(super) struct ParquetSink {
    writer: SerializedFileWriter<std::fs::File>,
    path: PathBuf,
    columns: Vec<Column>,
    n_rows: usize,
}

/// The cells of a column that are still to be written.
enum Column {
    Text { optional: bool, cells: Vec<Option<ByteArray>> },
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Truth { optional: bool, cells: Vec<Option<bool>> },
}

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text { optional: false, cells: Vec::new() },
            Kind::OptionalText => Self::Text { optional: true, cells: Vec::new() },
            Kind::Whole => Self::Whole(Vec::new()),
            Kind::Real => Self::Real(Vec::new()),
            Kind::Truth => Self::Truth { optional: false, cells: Vec::new() },
            Kind::OptionalTruth => Self::Truth { optional: true, cells: Vec::new() },
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text { cells, .. }, Cell::Text(text)) => cells.push(text.map(ByteArray::from)),
            (Self::Whole(cells), Cell::Whole(number)) => cells.push(Some(number)),
            (Self::Real(cells), Cell::Real(number)) => cells.push(number),
            (Self::Truth { cells, .. }, Cell::Truth(truth)) => cells.push(truth),
            _ => unreachable!("a cell is of its column's kind"),
        }
    }

    fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, std::fs::File>) -> Result<(), ParquetError> {
        match self {
            Self::Text { optional, cells } => write_column::<ByteArrayType>(group, cells, *optional),
            Self::Whole(cells) => write_column::<Int64Type>(group, cells, false),
            Self::Real(cells) => write_column::<DoubleType>(group, cells, true),
            Self::Truth { optional, cells } => write_column::<BoolType>(group, cells, *optional),
        }
    }
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, std::fs::File>,
    cells: &mut Vec<Option<T::T>>,
    optional: bool,
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = std::mem::take(cells).into_iter().flatten().collect();
    let mut column = group.next_column()?.expect("the schema has this column");
    column.typed::<T>().write_batch(&values, optional.then_some(&levels[..]), None)?;
    column.close()
}

impl ParquetSink {
    pub(super) fn new(folder: &Path, table: Table) -> Result<Self> {
        let path = folder.join(format!("{}.parquet", table.name));
        let file = std::fs::File::create(&path).map_err(|source| super::io(&path, source))?;
        let compression = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let writer =
            schema(table).and_then(|schema| SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)));
        let columns = table.columns.iter().map(|(_, kind)| Column::new(*kind)).collect();
        Ok(Self { writer: writer.map_err(|e| failed(&path, e))?, path, columns, n_rows: 0 })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.n_rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        self.columns.iter_mut().try_for_each(|column| column.write(&mut group))?;
        group.close()?;
        self.n_rows = 0;
        Ok(())
    }
}

fn schema(table: Table) -> Result<Type, ParquetError> {
    let field = |(name, kind): &(&str, Kind)| {
        let (physical, logical, repetition) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED),
            Kind::OptionalText => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::OPTIONAL),
            Kind::Whole => (Physical::INT64, None, Repetition::REQUIRED),
            Kind::Real => (Physical::DOUBLE, None, Repetition::OPTIONAL),
            Kind::Truth => (Physical::BOOLEAN, None, Repetition::REQUIRED),
            Kind::OptionalTruth => (Physical::BOOLEAN, None, Repetition::OPTIONAL),
        };
        Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
            .map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<Result<_, _>>()?;
    Type::group_type_builder(table.name).with_fields(fields).build()
}

impl Sink for ParquetSink {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(*cell);
        }
        self.n_rows += 1;
        if self.n_rows < ROWS_IN_GROUP {
            return Ok(());
        }
        self.write_group().map_err(|e| failed(&self.path, e))
    }

    fn finish(mut self) -> Result<PathBuf> {
        let written = self.write_group();
        let closed = written.and_then(|()| self.writer.close());
        closed.map_err(|e| failed(&self.path, e))?;
        Ok(self.path)
    }
}

fn failed(path: &Path, error: ParquetError) -> ReportError {
    ReportError::Export { path: path.to_path_buf(), detail: error.to_string() }
}
