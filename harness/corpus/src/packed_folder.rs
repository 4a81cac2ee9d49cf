//! A corpus as rows of tokens in a folder, made in pieces that survive a kill, and mapped instead of read.
//!
//! `pieces/` holds the tokens of a few MiB of text each. A piece bears the hash of its texts and of the tokenizer, so a
//! run that was stopped encodes only what is missing, and a corpus that was changed in between is noticed piece by piece.
//! When all are there, `train.tokens` and `validation.tokens` are written from them, and `pack.json` last.

use std::fs::File;
use std::io::{BufReader, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use phi_model::{PackedTokens, PackedWriter};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;

use crate::document::Document;
use crate::documents::{Read, SkipLog, part_path};
use crate::error::CorpusError;
use crate::tokenizer::{END_OF_TEXT, encode, load_tokenizer, save_tokenizer};

/// Text of a piece.
const PIECE_BYTES: usize = 4 << 20;
/// Rows that are kept apart to measure the loss on; fewer where there are few.
const VALIDATION_ROWS: usize = 32;
const MANIFEST: &str = "pack.json";
const TOKENIZER: &str = "tokenizer.json";

/// What a folder of packed tokens holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackManifest {
    /// Input tokens of a row.
    pub seq_len: usize,
    /// Rows to train on.
    pub train_rows: usize,
    /// Rows kept apart, taken at equal distances.
    pub validation_rows: usize,
    /// Documents.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Tokens, with one end of text a document.
    pub tokens: u64,
    /// Id of the token between documents.
    pub end_of_text: u32,
    /// BLAKE3 over the pieces' hashes, in hex: the data's identity.
    pub hash: String,
    /// Pieces that an earlier run had made; not part of the identity.
    #[serde(default)]
    pub pieces_kept: usize,
    /// Pieces in all.
    pub pieces: usize,
}

/// A folder that `corpus pack` made.
#[derive(Debug)]
pub struct PackedFolder {
    /// What it holds.
    pub manifest: PackManifest,
    /// What made the tokens.
    pub tokenizer: Tokenizer,
    /// Rows to train on, mapped.
    pub train: PackedTokens,
    /// Rows kept apart.
    pub validation: PackedTokens,
}

impl PackedFolder {
    /// Whether a folder holds packed tokens.
    pub fn is_one(dir: &Path) -> bool {
        dir.join(MANIFEST).is_file()
    }

    /// Opens one.
    ///
    /// # Errors
    /// A file is missing, cut short or changed.
    pub fn open(dir: &Path) -> Result<PackedFolder, CorpusError> {
        let path = dir.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|source| CorpusError::io("read", &path, source))?;
        let manifest = serde_json::from_str(&text).map_err(|source| CorpusError::Line { path, line: 1, source })?;
        Ok(PackedFolder {
            manifest,
            tokenizer: load_tokenizer(&dir.join(TOKENIZER))?,
            train: PackedTokens::map(&dir.join("train.tokens"))?,
            validation: PackedTokens::map(&dir.join("validation.tokens"))?,
        })
    }
}

/// Encodes the documents of a stream on rayon's threads and packs them into rows of `seq_len`, each document followed by
/// the end of text. `progress` is told how many bytes of text are done.
///
/// # Errors
/// The stream's, the tokenizer's; [`CorpusError::TooLittle`] where the text doesn't fill two rows;
/// [`CorpusError::Interrupted`] when `stop` is set, after which the same call goes on.
pub fn pack_into(
    dir: &Path,
    reads: impl Iterator<Item = Result<Read, CorpusError>>,
    tokenizer: &Tokenizer,
    seq_len: usize,
    log: &mut SkipLog,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<PackManifest, CorpusError> {
    let pieces_dir = dir.join("pieces");
    std::fs::create_dir_all(&pieces_dir).map_err(|source| CorpusError::io("write", &pieces_dir, source))?;
    save_tokenizer(tokenizer, &dir.join(TOKENIZER))?;
    let end_of_text = tokenizer
        .token_to_id(END_OF_TEXT)
        .ok_or_else(|| CorpusError::Tokenizer(format!("the tokenizer has no token {END_OF_TEXT}")))?;
    let identity = tokenizer.to_string(false).map_err(|e| CorpusError::Tokenizer(e.to_string()))?;
    let encoder = Encoder { tokenizer, end_of_text, identity: *blake3::hash(identity.as_bytes()).as_bytes() };
    let mut pieces: Vec<Piece> = vec![];
    let (mut waiting, mut waiting_bytes, mut kept) = (vec![], 0, 0);
    let (mut documents, mut bytes) = (0u64, 0u64);
    let mut close = |waiting: &mut Vec<Document>| -> Result<(), CorpusError> {
        let path = pieces_dir.join(format!("{:06}.tokens", pieces.len()));
        let (piece, was_there) = encoder.piece(&path, waiting)?;
        pieces.push(piece);
        kept += usize::from(was_there);
        waiting.clear();
        Ok(())
    };
    for read in reads {
        match read? {
            Read::Skipped(skip) => log.add(&skip)?,
            Read::Record(record) => {
                documents += 1;
                bytes += record.document.text.len() as u64;
                waiting_bytes += record.document.text.len();
                waiting.push(record.document);
                if waiting_bytes >= PIECE_BYTES {
                    close(&mut waiting)?;
                    waiting_bytes = 0;
                    progress(bytes);
                    if stop.load(Ordering::Relaxed) {
                        return Err(CorpusError::Interrupted);
                    }
                }
            }
        }
    }
    if !waiting.is_empty() {
        close(&mut waiting)?;
    }
    let mut hash = blake3::Hasher::new();
    for piece in &pieces {
        hash.update(&piece.hash);
    }
    let tokens = pieces.iter().map(|piece| piece.tokens).sum::<u64>();
    let (train_rows, validation_rows) = assemble(dir, &pieces, tokens, seq_len)?;
    let manifest = PackManifest {
        seq_len,
        train_rows,
        validation_rows,
        documents,
        bytes,
        tokens,
        end_of_text,
        hash: hash.finalize().to_hex().to_string(),
        pieces_kept: kept,
        pieces: pieces.len(),
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|e| CorpusError::io("write", dir, e.into()))?;
    phi_model::write_whole(&dir.join(MANIFEST), &text)?;
    Ok(manifest)
}

struct Piece {
    path: PathBuf,
    hash: [u8; 32],
    tokens: u64,
}

struct Encoder<'a> {
    tokenizer: &'a Tokenizer,
    end_of_text: u32,
    identity: [u8; 32],
}

impl Encoder<'_> {
    /// The piece of these documents: the one that lies there if it is theirs, or else a new one. A piece is the hash of
    /// texts and tokenizer, the hash of its tokens, and the tokens.
    fn piece(&self, path: &Path, documents: &[Document]) -> Result<(Piece, bool), CorpusError> {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.identity);
        for document in documents {
            hash.update(&(document.text.len() as u64).to_le_bytes()).update(document.text.as_bytes());
        }
        let hash = *hash.finalize().as_bytes();
        if let Some(tokens) = earlier_piece(path, &hash) {
            return Ok((Piece { path: path.to_path_buf(), hash, tokens }, true));
        }
        let encoded: Vec<Vec<u32>> =
            documents.par_iter().map(|document| encode(self.tokenizer, &document.text)).collect::<Result<_, _>>()?;
        let mut body: Vec<u8> = vec![];
        for tokens in &encoded {
            body.extend(tokens.iter().chain([&self.end_of_text]).flat_map(|token| token.to_le_bytes()));
        }
        let failed = |source| CorpusError::io("write", path, source);
        let part = part_path(path);
        let mut file = File::create(&part).map_err(failed)?;
        let checksum = blake3::hash(&body);
        for bytes in [&hash[..], checksum.as_bytes(), &body] {
            file.write_all(bytes).map_err(failed)?;
        }
        file.sync_all().and_then(|()| std::fs::rename(&part, path)).map_err(failed)?;
        Ok((Piece { path: path.to_path_buf(), hash, tokens: body.len() as u64 / 4 }, false))
    }
}

/// How many tokens the piece holds, if it is whole and of these texts.
fn earlier_piece(path: &Path, hash: &[u8; 32]) -> Option<u64> {
    let file = std::fs::read(path).ok()?;
    let (theirs, rest) = file.split_at_checked(32)?;
    let (checksum, body) = rest.split_at_checked(32)?;
    let is_whole = theirs == hash && blake3::hash(body).as_bytes() == checksum;
    is_whole.then_some(body.len() as u64 / 4)
}

/// Cuts the stream of all tokens into rows that overlap by one token, and keeps rows at equal distances apart.
fn assemble(dir: &Path, pieces: &[Piece], tokens: u64, seq_len: usize) -> Result<(usize, usize), CorpusError> {
    let rows = (tokens.saturating_sub(1) / seq_len as u64) as usize;
    if rows < 2 {
        return Err(CorpusError::TooLittle { path: dir.to_path_buf(), seq_len });
    }
    let validation_rows = VALIDATION_ROWS.min(rows / 4).max(1);
    let is_validation = |row: usize| row * validation_rows / rows != (row + 1) * validation_rows / rows;
    let mut train = PackedWriter::create(&dir.join("train.tokens"), seq_len, rows - validation_rows)?;
    let mut validation = PackedWriter::create(&dir.join("validation.tokens"), seq_len, validation_rows)?;
    let mut window: Vec<u32> = vec![];
    let mut row = 0;
    for piece in pieces {
        let failed = |source| CorpusError::io("read", &piece.path, source);
        let mut reader = BufReader::new(File::open(&piece.path).map_err(failed)?);
        let mut bytes = vec![];
        reader.read_to_end(&mut bytes).map_err(failed)?;
        let body = bytes.get(64..).unwrap_or_default();
        window.extend(body.as_chunks::<4>().0.iter().map(|token| u32::from_le_bytes(*token)));
        let mut at = 0;
        while row < rows && window.len() - at > seq_len {
            let out = if is_validation(row) { &mut validation } else { &mut train };
            out.push(&window[at..=at + seq_len])?;
            at += seq_len;
            row += 1;
        }
        window.drain(..at);
    }
    train.finish()?;
    validation.finish()?;
    Ok((rows - validation_rows, validation_rows))
}
