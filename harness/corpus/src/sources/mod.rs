//! Where raw code comes from: the embedded standard library, a folder of the user's, or JSON lines.

mod stdlib;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::documents::{Input, Read, ReadOptions, Reader, Skip, SkipReason};
use crate::error::CorpusError;
use crate::grammar::Dice;

pub use stdlib::stdlib_sources;

/// Files above this size are generated data rather than code.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// What was passed over while reading a corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Files or lines that are not UTF-8.
    pub not_utf8: usize,
    /// Files or texts above [`MAX_FILE_BYTES`].
    pub too_large: usize,
    /// Files or texts without a character.
    pub empty: usize,
}

/// Documents and what was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// In a stable order: by path, or by line.
    pub documents: Vec<Document>,
    /// What was passed over.
    pub skipped: Skipped,
}

/// Reads the whole of a folder or file of documents ([`Reader`]) into memory. A line that isn't a record is an error here.
///
/// # Errors
/// [`CorpusError::NoPython`] where nothing usable is found, and errors that name the file and the line.
pub fn load_corpus(path: &Path) -> Result<Loaded, CorpusError> {
    let mut loaded = Loaded { documents: vec![], skipped: Skipped::default() };
    let reader = Reader::open(&Input::Path(path.to_path_buf()), ReadOptions::default())?;
    for read in reader {
        match read {
            Ok(Read::Record(record)) => loaded.documents.push(record.document),
            Ok(Read::Skipped(Skip { path, line, reason })) => match reason {
                SkipReason::NotUtf8 => loaded.skipped.not_utf8 += 1,
                SkipReason::TooLong { .. } => loaded.skipped.too_large += 1,
                SkipReason::Empty => loaded.skipped.empty += 1,
                SkipReason::NotJson(source) => return Err(CorpusError::Line { path, line, source }),
                SkipReason::NoText => return Err(CorpusError::NoText { path, line }),
            },
            Err(CorpusError::NoDocuments { .. }) => return Err(CorpusError::NoPython { path: path.to_path_buf() }),
            Err(error) => return Err(error),
        }
    }
    Ok(loaded)
}

/// A random selection of at most `max_bytes` of text, in random order; the same for the same seed.
pub fn sample_documents(mut documents: Vec<Document>, max_bytes: usize, seed: u64) -> Vec<Document> {
    Dice::new(seed, "sample of documents").shuffle(&mut documents);
    let mut left = max_bytes;
    documents.retain(|document| {
        let fits = document.text.len() <= left;
        if fits {
            left -= document.text.len();
        }
        fits
    });
    documents
}
