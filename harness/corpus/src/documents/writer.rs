//! Writes documents to a file that appears whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;

use super::Record;
use super::format::{Compression, Format, part_path};
use super::parquet_file::ParquetWriter;
use crate::error::CorpusError;

/// A file of documents that is being written.
pub struct Writer {
    path: PathBuf,
    part: PathBuf,
    out: Out,
}

enum Out {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
    Parquet(ParquetWriter),
}

impl Writer {
    /// Begins a file; its name says the format. It is written under another name beside it until [`finish`](Self::finish).
    ///
    /// # Errors
    /// The format is unknown, or the file can't be made.
    pub fn create(path: &Path) -> Result<Writer, CorpusError> {
        let format = Format::of(path).filter(|format| *format != Format::Python);
        let format = format.ok_or_else(|| CorpusError::UnknownFormat { path: path.to_path_buf() })?;
        let part = part_path(path);
        let failed = |source| CorpusError::io("write", path, source);
        let file = File::create(&part).map_err(failed)?;
        let buffered = |file| BufWriter::with_capacity(1 << 18, file);
        let out = match format {
            Format::JsonLines(Compression::Gzip) => {
                Out::Gzip(GzEncoder::new(buffered(file), flate2::Compression::default()))
            }
            Format::JsonLines(Compression::Zstd) => Out::Zstd(zstd::Encoder::new(buffered(file), 3).map_err(failed)?),
            Format::Parquet => Out::Parquet(ParquetWriter::new(path, file)?),
            _ => Out::Plain(buffered(file)),
        };
        Ok(Writer { path: path.to_path_buf(), part, out })
    }

    /// Writes a document. A JSON line is written as it was read, with all its fields; parquet gets id, kind, source and
    /// text.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, record: &Record) -> Result<(), CorpusError> {
        let out: &mut dyn Write = match &mut self.out {
            Out::Parquet(out) => return out.write(&record.document),
            Out::Plain(out) => out,
            Out::Gzip(out) => out,
            Out::Zstd(out) => out,
        };
        let failed = |source| CorpusError::io("write", &self.path, source);
        match &record.line {
            Some(line) => out.write_all(line.as_bytes()).map_err(failed)?,
            None => serde_json::to_writer(&mut *out, &record.document).map_err(|e| failed(e.into()))?,
        }
        out.write_all(b"\n").map_err(failed)
    }

    /// Closes the file, and gives it its name once it lies on the disk.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn finish(self) -> Result<(), CorpusError> {
        let failed = |source| CorpusError::io("write", &self.path, source);
        let whole = |out: BufWriter<File>| out.into_inner().map_err(|error| error.into_error());
        let file = match self.out {
            Out::Plain(out) => whole(out).map_err(failed)?,
            Out::Gzip(out) => out.finish().and_then(whole).map_err(failed)?,
            Out::Zstd(out) => out.finish().and_then(whole).map_err(failed)?,
            Out::Parquet(out) => out.finish()?,
        };
        file.sync_all().and_then(|()| std::fs::rename(&self.part, &self.path)).map_err(failed)
    }
}
