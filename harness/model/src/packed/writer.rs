//! Writes rows without holding them.

use super::{HEADER, MAGIC};
use crate::CheckpointError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes a file for [`PackedTokens::map`](super::PackedTokens::map), row by row, in constant memory. Every target counts,
/// and each row is one sequence. The file appears whole or not at all.
pub struct PackedWriter {
    path: PathBuf,
    part: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    seq_len: usize,
    rows: usize,
    written: usize,
}

impl PackedWriter {
    /// Begins a file of exactly `rows` rows.
    ///
    /// # Errors
    /// It can't be made.
    ///
    /// # Panics
    /// `seq_len` is 0.
    pub fn create(path: &Path, seq_len: usize, rows: usize) -> Result<PackedWriter, CheckpointError> {
        assert!(seq_len > 0, "a row holds at least one input token");
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let out = File::create(&part).map(|file| BufWriter::with_capacity(1 << 20, file));
        let out = out.map_err(|e| CheckpointError::io("write", path, e))?;
        let hash = Sha256::new();
        let mut writer = PackedWriter { path: path.to_owned(), part, out, hash, seq_len, rows, written: 0 };
        let placeholder = [0; HEADER - 16];
        writer.out.write_all(&placeholder).map_err(|e| CheckpointError::io("write", path, e))?;
        writer.put(&(seq_len as u64).to_le_bytes())?;
        writer.put(&(rows as u64).to_le_bytes())?;
        Ok(writer)
    }

    /// Adds a row of `seq_len + 1` tokens.
    ///
    /// # Errors
    /// The file can't be written.
    ///
    /// # Panics
    /// The row has another length, or there are more rows than was said.
    pub fn push(&mut self, tokens: &[u32]) -> Result<(), CheckpointError> {
        assert_eq!(tokens.len(), self.seq_len + 1, "a row has seq_len + 1 tokens");
        assert!(self.written < self.rows, "there are as many rows as was said");
        self.written += 1;
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        self.put(&bytes)
    }

    /// Writes what follows the tokens and the checksum, and gives the file its name.
    ///
    /// # Errors
    /// The file can't be written.
    ///
    /// # Panics
    /// There are fewer rows than was said.
    pub fn finish(mut self) -> Result<(), CheckpointError> {
        assert_eq!(self.written, self.rows, "there are as many rows as was said");
        let weights = vec![1u8; self.seq_len];
        let mut starts = vec![0u8; self.seq_len];
        starts[0] = 1;
        for flags in [weights, starts] {
            for _ in 0..self.rows {
                self.put(&flags)?;
            }
        }
        let checksum = std::mem::take(&mut self.hash).finalize();
        let mut close = || {
            self.out.seek(SeekFrom::Start(0))?;
            self.out.write_all(MAGIC)?;
            self.out.write_all(&checksum)?;
            self.out.flush()?;
            self.out.get_ref().sync_all()?;
            std::fs::rename(&self.part, &self.path)
        };
        close().map_err(|e| CheckpointError::io("write", &self.path, e))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        self.hash.update(bytes);
        self.out.write_all(bytes).map_err(|e| CheckpointError::io("write", &self.path, e))
    }
}
