//! What a corpus holds, in numbers and pictures, in one pass over the stream.

mod histogram;
mod language;
mod picture;

pub use histogram::LogHistogram;
pub use language::language;
pub use picture::bars;

use std::collections::BTreeMap;

use serde::Serialize;
use tokenizers::Tokenizer;

use crate::dedup::{DedupOptions, Deduplicator};
use crate::document::{Document, Kind};
use crate::documents::{Read, Record, SkipLog, Skips, for_each};
use crate::error::CorpusError;
use crate::lexer::words;
use crate::tokenizer::encode;

/// What is counted of a group of documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Documents.
    pub documents: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// Tokens of the given tokenizer; none without one.
    pub tokens: Option<u64>,
}

impl Amount {
    fn add(&mut self, bytes: u64, tokens: Option<u64>) {
        self.documents += 1;
        self.bytes += bytes;
        self.tokens = tokens.map(|tokens| self.tokens.unwrap_or(0) + tokens);
    }
}

/// Everything that `corpus stats` says.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Survey {
    /// All documents.
    pub total: Amount,
    /// Words and signs.
    pub words: u64,
    /// Lines of text.
    pub lines: u64,
    /// By what they are.
    pub by_kind: BTreeMap<Kind, Amount>,
    /// By language, as the file's ending or the text tells it.
    pub by_language: BTreeMap<&'static str, Amount>,
    /// By collection ([`Document::origin`]).
    pub by_origin: BTreeMap<String, Amount>,
    /// Bytes of a document.
    pub document_bytes: LogHistogram,
    /// Tokens of a document; empty without a tokenizer.
    pub document_tokens: LogHistogram,
    /// Lines of a document.
    pub document_lines: LogHistogram,
    /// Documents that repeat an earlier one to the byte.
    pub exact_duplicates: u64,
    /// Documents that nearly repeat an earlier one ([`DedupOptions`]).
    pub near_duplicates: u64,
    /// Bytes of both sorts of duplicates.
    pub duplicate_bytes: u64,
    /// What was passed over.
    pub skipped: Skips,
}

/// What is computed of each document on its own.
struct Counts {
    words: u64,
    lines: u64,
    tokens: Option<Result<u64, CorpusError>>,
    language: &'static str,
    fingerprint: crate::dedup::Fingerprint,
}

/// Counts everything about the documents of a stream.
///
/// # Errors
/// The stream's, or the tokenizer's.
pub fn survey(
    reads: impl Iterator<Item = Result<Read, CorpusError>> + Send,
    tokenizer: Option<&Tokenizer>,
    dedup: DedupOptions,
    mut log: Option<&mut SkipLog>,
) -> Result<Survey, CorpusError> {
    let mut survey = Survey::default();
    let mut dedup = Deduplicator::new(dedup);
    let fingerprint = dedup.fingerprinter();
    let work = |record: &Record| {
        let document = &record.document;
        Counts {
            words: words(&document.text).count() as u64,
            lines: document.text.lines().count() as u64,
            tokens: tokenizer.map(|it| encode(it, &document.text).map(|tokens| tokens.len() as u64)),
            language: language(document),
            fingerprint: fingerprint(document),
        }
    };
    for_each(reads, work, |result| {
        let (record, counts) = match result {
            Ok(counted) => counted,
            Err(skip) => {
                survey.skipped.add(&skip.reason);
                return log.as_mut().map_or(Ok(()), |log| log.add(&skip));
            }
        };
        let tokens = counts.tokens.transpose()?;
        survey.add(&record.document, counts.words, counts.lines, tokens, counts.language);
        if let Some(duplicate) = dedup.add(&record.document.id, &counts.fingerprint) {
            let count = if duplicate.exact { &mut survey.exact_duplicates } else { &mut survey.near_duplicates };
            *count += 1;
            survey.duplicate_bytes += record.document.text.len() as u64;
        }
        Ok(())
    })?;
    Ok(survey)
}

impl Survey {
    fn add(&mut self, document: &Document, words: u64, lines: u64, tokens: Option<u64>, language: &'static str) {
        let bytes = document.text.len() as u64;
        self.words += words;
        self.lines += lines;
        self.total.add(bytes, tokens);
        self.by_kind.entry(document.kind).or_default().add(bytes, tokens);
        self.by_language.entry(language).or_default().add(bytes, tokens);
        self.by_origin.entry(document.origin().to_owned()).or_default().add(bytes, tokens);
        self.document_bytes.add(bytes);
        self.document_lines.add(lines);
        if let Some(tokens) = tokens {
            self.document_tokens.add(tokens);
        }
    }

    /// Histograms as SVG, each with a name for its file.
    pub fn pictures(&self) -> Vec<(&'static str, String)> {
        let mut pictures = vec![
            ("bytes", bars("Documents by size", "bytes", &self.document_bytes.octaves())),
            ("lines", bars("Documents by length", "lines", &self.document_lines.octaves())),
        ];
        if self.total.tokens.is_some() {
            pictures.push(("tokens", bars("Documents by length", "tokens", &self.document_tokens.octaves())));
        }
        let languages: Vec<(String, u64)> =
            self.by_language.iter().map(|(name, amount)| ((*name).to_owned(), amount.documents)).collect();
        pictures.push(("languages", bars("Documents by language", "language", &languages)));
        pictures
    }
}
