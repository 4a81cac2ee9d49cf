//! Rows of tokens to train on.

mod storage;
mod writer;

pub use writer::PackedWriter;

use crate::{CheckpointError, write_whole};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::Path;
use storage::{Owned, Storage};

const MAGIC: &[u8; 8] = b"phipack1";
/// Bytes before the tokens: magic, checksum, sizes.
const HEADER: usize = 8 + 32 + 16;

/// Rows of `seq_len + 1` tokens: inputs are the first `seq_len` of a row, targets the last. Each target may be left
/// out, and each input may begin a sequence that does not see what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedTokens {
    seq_len: usize,
    storage: Storage,
}

impl PackedTokens {
    /// No rows yet.
    ///
    /// # Panics
    /// `seq_len` is 0.
    pub fn new(seq_len: usize) -> PackedTokens {
        assert!(seq_len > 0, "a row holds at least one input token");
        PackedTokens { seq_len, storage: Storage::Owned(Owned::default()) }
    }

    /// Adds a row: `seq_len + 1` tokens, and for each of the first `seq_len` whether its target counts and whether a
    /// sequence begins there. The first input always begins one.
    ///
    /// # Panics
    /// The lengths don't fit `seq_len`.
    pub fn push(&mut self, tokens: &[u32], counts: impl Fn(usize) -> bool, starts: impl Fn(usize) -> bool) {
        assert_eq!(tokens.len(), self.seq_len + 1, "a row has seq_len + 1 tokens");
        let seq_len = self.seq_len;
        let owned = self.storage.owned();
        owned.tokens.extend_from_slice(tokens);
        owned.weights.extend((0..seq_len).map(|i| u8::from(counts(i))));
        owned.starts.extend((0..seq_len).map(|i| u8::from(i == 0 || starts(i))));
    }

    /// Input tokens a row.
    pub fn seq_len(&self) -> usize {
        self.seq_len
    }

    /// Rows.
    pub fn num_rows(&self) -> usize {
        self.storage.weights().len() / self.seq_len
    }

    /// Targets that count, in all rows.
    pub fn num_targets(&self) -> usize {
        self.storage.weights().iter().filter(|w| **w != 0).count()
    }

    /// The largest token id; `None` without rows.
    pub fn max_token(&self) -> Option<u32> {
        self.storage.tokens().iter().copied().max()
    }

    /// Input tokens of a row.
    pub fn inputs(&self, row: usize) -> &[u32] {
        let at = row * (self.seq_len + 1);
        &self.storage.tokens()[at..at + self.seq_len]
    }

    /// Target tokens of a row.
    pub fn targets(&self, row: usize) -> &[u32] {
        let at = row * (self.seq_len + 1) + 1;
        &self.storage.tokens()[at..at + self.seq_len]
    }

    /// 1 for each target of a row that counts, 0 for the others.
    pub fn weights(&self, row: usize) -> &[u8] {
        &self.storage.weights()[row * self.seq_len..(row + 1) * self.seq_len]
    }

    /// The sequences of a row, as ranges of its inputs.
    pub fn segments(&self, row: usize) -> Vec<Range<usize>> {
        let starts = &self.storage.starts()[row * self.seq_len..(row + 1) * self.seq_len];
        let mut begins: Vec<usize> = (0..self.seq_len).filter(|&i| starts[i] != 0).collect();
        begins.push(self.seq_len);
        begins.windows(2).map(|w| w[0]..w[1]).collect()
    }

    /// The first `n` rows, or all if there are fewer.
    pub fn head(&self, n: usize) -> PackedTokens {
        let n = n.min(self.num_rows());
        let owned = Owned {
            tokens: self.storage.tokens()[..n * (self.seq_len + 1)].to_vec(),
            weights: self.storage.weights()[..n * self.seq_len].to_vec(),
            starts: self.storage.starts()[..n * self.seq_len].to_vec(),
        };
        PackedTokens { seq_len: self.seq_len, storage: Storage::Owned(owned) }
    }

    /// Adds the rows of another.
    ///
    /// # Panics
    /// Its rows have another length.
    pub fn append(&mut self, other: &PackedTokens) {
        assert_eq!(self.seq_len, other.seq_len, "rows of one length");
        let owned = self.storage.owned();
        owned.tokens.extend_from_slice(other.storage.tokens());
        owned.weights.extend_from_slice(other.storage.weights());
        owned.starts.extend_from_slice(other.storage.starts());
    }

    /// Cuts the last `n` rows off and returns them.
    pub fn split_off_last(&mut self, n: usize) -> PackedTokens {
        let keep = self.num_rows().saturating_sub(n);
        let seq_len = self.seq_len;
        let owned = self.storage.owned();
        let cut = Owned {
            tokens: owned.tokens.split_off(keep * (seq_len + 1)),
            weights: owned.weights.split_off(keep * seq_len),
            starts: owned.starts.split_off(keep * seq_len),
        };
        PackedTokens { seq_len, storage: Storage::Owned(cut) }
    }

    /// Writes the rows to a file that appears whole or not at all.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let mut body = Vec::with_capacity(self.storage.tokens().len() * 6 + 64);
        body.extend((self.seq_len as u64).to_le_bytes());
        body.extend((self.num_rows() as u64).to_le_bytes());
        body.extend(self.storage.tokens().iter().flat_map(|t| t.to_le_bytes()));
        body.extend(self.storage.weights());
        body.extend(self.storage.starts());
        let mut file = MAGIC.to_vec();
        file.extend(Sha256::digest(&body));
        file.extend(body);
        write_whole(path, &file)
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// The file is missing, truncated, changed, or something else.
    pub fn load(path: &Path) -> Result<PackedTokens, CheckpointError> {
        let file = std::fs::read(path).map_err(|e| CheckpointError::io("read", path, e))?;
        Self::parse(&file).map_err(|reason| CheckpointError::Packed { path: path.to_owned(), reason })
    }

    /// Maps a file that [`save`](Self::save) or a [`PackedWriter`] wrote: its tokens stay on the disk until they are
    /// asked for, and leave memory again where it is short. The checksum is verified first, which reads the file once.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn map(path: &Path) -> Result<PackedTokens, CheckpointError> {
        let map = storage::map(path).map_err(|e| CheckpointError::io("read", path, e))?;
        let wrong = |reason| CheckpointError::Packed { path: path.to_owned(), reason };
        let (seq_len, rows) = sizes(&map).map_err(wrong)?;
        Ok(PackedTokens { seq_len, storage: Storage::mapped(map, rows * (seq_len + 1), rows * seq_len) })
    }

    fn parse(file: &[u8]) -> Result<PackedTokens, String> {
        let (seq_len, rows) = sizes(file)?;
        let (tokens, flags) = file[HEADER..].split_at(rows * (seq_len + 1) * 4);
        let (weights, starts) = flags.split_at(rows * seq_len);
        let tokens = tokens.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
        let owned = Owned { tokens, weights: weights.to_vec(), starts: starts.to_vec() };
        Ok(PackedTokens { seq_len, storage: Storage::Owned(owned) })
    }
}

/// Verifies a file and says how long a row is and how many there are.
fn sizes(file: &[u8]) -> Result<(usize, usize), String> {
    let body = file.strip_prefix(MAGIC).ok_or("it does not begin as one")?;
    let (checksum, body) = body.split_at_checked(32).ok_or("it is cut short")?;
    if checksum != Sha256::digest(body).as_slice() {
        return Err("its checksum is wrong: it is cut short or was changed".into());
    }
    let number = |at: usize| body.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    let (seq_len, rows) = number(0).zip(number(8)).ok_or("it is cut short")?;
    let (seq_len, rows) = (usize::try_from(seq_len).unwrap_or(0), usize::try_from(rows).unwrap_or(usize::MAX));
    let num_tokens = seq_len.checked_add(1).and_then(|n| n.checked_mul(rows)).ok_or("its sizes are impossible")?;
    let num_inputs = num_tokens - rows;
    let size = num_tokens.checked_mul(4).and_then(|n| n.checked_add(num_inputs.checked_mul(2)? + 16));
    if seq_len == 0 || size != Some(body.len()) {
        return Err("its length does not fit its header".into());
    }
    Ok((seq_len, rows))
}
