//! Packed tokens on disk: a header, the tokens, the mask, and a SHA-256 of all that.
//!
//! Little-endian: magic `PHIPACK\0` (8 bytes), version (u32), `seq_len` (u32), number of rows (u64), bytes a token (2 or
//! 4, u32), mask present (0 or 1, u32), tokens, mask, digest (32 bytes).

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::CorpusError;
use crate::pack::PackedTokens;

const MAGIC: &[u8; 8] = b"PHIPACK\0";
const VERSION: u32 = 1;
const HEADER: usize = 32;
const DIGEST: usize = 32;

impl PackedTokens {
    /// Writes the rows to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), CorpusError> {
        let is_narrow = self.tokens.iter().all(|token| *token <= u32::from(u16::MAX));
        let mut out = Vec::with_capacity(HEADER + self.tokens.len() * 4 + DIGEST);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&(self.seq_len as u32).to_le_bytes());
        out.extend_from_slice(&(self.num_rows() as u64).to_le_bytes());
        out.extend_from_slice(&if is_narrow { 2u32 } else { 4 }.to_le_bytes());
        out.extend_from_slice(&u32::from(self.mask.is_some()).to_le_bytes());
        for token in &self.tokens {
            let bytes = token.to_le_bytes();
            out.extend_from_slice(if is_narrow { &bytes[..2] } else { &bytes });
        }
        out.extend_from_slice(self.mask.as_deref().unwrap_or_default());
        let digest = Sha256::digest(&out);
        out.extend_from_slice(&digest);
        std::fs::write(path, out).map_err(|source| CorpusError::io("write", path, source))
    }

    /// Reads rows that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`CorpusError::Packed`] where the file is of another kind or version, cut short, or damaged.
    pub fn load(path: &Path) -> Result<Self, CorpusError> {
        let bytes = std::fs::read(path).map_err(|source| CorpusError::io("read", path, source))?;
        parse(&bytes).map_err(|reason| CorpusError::Packed { path: path.to_path_buf(), reason })
    }
}

fn parse(bytes: &[u8]) -> Result<PackedTokens, String> {
    let word = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let short = || format!("the file ends after {} bytes, within its header", bytes.len());
    if bytes.len() >= MAGIC.len() && !bytes.starts_with(MAGIC) {
        return Err("not a file of packed tokens".into());
    }
    let version = word(8).ok_or_else(short)?;
    if version != VERSION {
        return Err(format!("packed by format version {version}; this program reads version {VERSION}"));
    }
    let seq_len = word(12).ok_or_else(short)? as usize;
    let num_rows = bytes.get(16..24).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes).ok_or_else(short)?;
    let token_bytes = word(24).ok_or_else(short)? as usize;
    let has_mask = word(28).ok_or_else(short)? == 1;
    if !matches!(token_bytes, 2 | 4) {
        return Err(format!("{token_bytes} bytes a token is not a size that this format has"));
    }
    let num_rows = usize::try_from(num_rows).map_err(|e| e.to_string())?;
    let sizes = || {
        let tokens = num_rows.checked_mul(seq_len + 1)?.checked_mul(token_bytes)?;
        let mask = if has_mask { num_rows.checked_mul(seq_len)? } else { 0 };
        Some((HEADER + tokens, HEADER.checked_add(tokens)?.checked_add(mask)?))
    };
    let (mask_at, digest_at) = sizes().ok_or("the header names impossible sizes")?;
    if bytes.len() != digest_at + DIGEST {
        return Err(format!("the header promises {} bytes, the file has {}", digest_at + DIGEST, bytes.len()));
    }
    if Sha256::digest(&bytes[..digest_at])[..] != bytes[digest_at..] {
        return Err("the checksum doesn't fit the contents".into());
    }
    let tokens = bytes[HEADER..mask_at]
        .chunks_exact(token_bytes)
        .map(|b| b.iter().rev().fold(0u32, |token, byte| token << 8 | u32::from(*byte)))
        .collect();
    let mask = has_mask.then(|| bytes[mask_at..digest_at].to_vec());
    Ok(PackedTokens { seq_len, tokens, mask })
}
