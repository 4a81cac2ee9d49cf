//! Rows of tokens to train on.

use crate::{CheckpointError, write_whole};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::Path;

const MAGIC: &[u8; 8] = b"phipack1";

/// Rows of `seq_len + 1` tokens: inputs are the first `seq_len` of a row, targets the last. Each target may be left
/// out, and each input may begin a sequence that does not see what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedTokens {
    seq_len: usize,
    tokens: Vec<u32>,
    weights: Vec<u8>,
    starts: Vec<u8>,
}

impl PackedTokens {
    /// No rows yet.
    ///
    /// # Panics
    /// `seq_len` is 0.
    pub fn new(seq_len: usize) -> PackedTokens {
        assert!(seq_len > 0, "a row holds at least one input token");
        PackedTokens { seq_len, tokens: Vec::new(), weights: Vec::new(), starts: Vec::new() }
    }

    /// Adds a row: `seq_len + 1` tokens, and for each of the first `seq_len` whether its target counts and whether a
    /// sequence begins there. The first input always begins one.
    ///
    /// # Panics
    /// The lengths don't fit `seq_len`.
    pub fn push(&mut self, tokens: &[u32], counts: impl Fn(usize) -> bool, starts: impl Fn(usize) -> bool) {
        assert_eq!(tokens.len(), self.seq_len + 1, "a row has seq_len + 1 tokens");
        self.tokens.extend_from_slice(tokens);
        self.weights.extend((0..self.seq_len).map(|i| u8::from(counts(i))));
        self.starts.extend((0..self.seq_len).map(|i| u8::from(i == 0 || starts(i))));
    }

    /// Input tokens a row.
    pub fn seq_len(&self) -> usize {
        self.seq_len
    }

    /// Rows.
    pub fn num_rows(&self) -> usize {
        self.weights.len() / self.seq_len
    }

    /// Targets that count, in all rows.
    pub fn num_targets(&self) -> usize {
        self.weights.iter().filter(|w| **w != 0).count()
    }

    /// The largest token id; `None` without rows.
    pub fn max_token(&self) -> Option<u32> {
        self.tokens.iter().copied().max()
    }

    /// Input tokens of a row.
    pub fn inputs(&self, row: usize) -> &[u32] {
        let at = row * (self.seq_len + 1);
        &self.tokens[at..at + self.seq_len]
    }

    /// Target tokens of a row.
    pub fn targets(&self, row: usize) -> &[u32] {
        let at = row * (self.seq_len + 1) + 1;
        &self.tokens[at..at + self.seq_len]
    }

    /// 1 for each target of a row that counts, 0 for the others.
    pub fn weights(&self, row: usize) -> &[u8] {
        &self.weights[row * self.seq_len..(row + 1) * self.seq_len]
    }

    /// The sequences of a row, as ranges of its inputs.
    pub fn segments(&self, row: usize) -> Vec<Range<usize>> {
        let starts = &self.starts[row * self.seq_len..(row + 1) * self.seq_len];
        let mut begins: Vec<usize> = (0..self.seq_len).filter(|&i| starts[i] != 0).collect();
        begins.push(self.seq_len);
        begins.windows(2).map(|w| w[0]..w[1]).collect()
    }

    /// The first `n` rows, or all if there are fewer.
    pub fn head(&self, n: usize) -> PackedTokens {
        let n = n.min(self.num_rows());
        PackedTokens {
            seq_len: self.seq_len,
            tokens: self.tokens[..n * (self.seq_len + 1)].to_vec(),
            weights: self.weights[..n * self.seq_len].to_vec(),
            starts: self.starts[..n * self.seq_len].to_vec(),
        }
    }

    /// Cuts the last `n` rows off and returns them.
    pub fn split_off_last(&mut self, n: usize) -> PackedTokens {
        let keep = self.num_rows().saturating_sub(n);
        PackedTokens {
            seq_len: self.seq_len,
            tokens: self.tokens.split_off(keep * (self.seq_len + 1)),
            weights: self.weights.split_off(keep * self.seq_len),
            starts: self.starts.split_off(keep * self.seq_len),
        }
    }

    /// Writes the rows to a file that appears whole or not at all.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let mut body = Vec::with_capacity(self.tokens.len() * 6 + 64);
        body.extend((self.seq_len as u64).to_le_bytes());
        body.extend((self.num_rows() as u64).to_le_bytes());
        body.extend(self.tokens.iter().flat_map(|t| t.to_le_bytes()));
        body.extend(&self.weights);
        body.extend(&self.starts);
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

    fn parse(file: &[u8]) -> Result<PackedTokens, String> {
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
        let (tokens, flags) = body[16..].split_at(num_tokens * 4);
        let (weights, starts) = flags.split_at(num_inputs);
        Ok(PackedTokens {
            seq_len,
            tokens: tokens.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect(),
            weights: weights.to_vec(),
            starts: starts.to_vec(),
        })
    }
}
