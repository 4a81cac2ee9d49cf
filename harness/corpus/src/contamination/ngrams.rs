//! N-grams of words that a benchmark and a document share.
//!
//! Words are those of Cosmopedia: accents stripped (NFD), lower case, runs of letters, digits and underscores.

use std::borrow::Cow;
use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::BenchmarkItem;
use crate::lexer::{hash, rolling};

/// The n-grams of a benchmark, by the items that hold them.
#[derive(Debug, Clone)]
pub(super) struct NgramIndex {
    n: usize,
    items: HashMap<u64, Vec<u32>>,
    /// A bit for each hash's low bits: most n-grams of a document are in no item, and this says so at once.
    sieve: Vec<u64>,
}

const SIEVE_BITS: u64 = 1 << 23;

/// An n-gram of a document that an item holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub item: u32,
    /// Bytes of the folded text at which the n-gram ends.
    pub end: usize,
}

impl NgramIndex {
    pub fn new(items: &[BenchmarkItem], n: usize) -> NgramIndex {
        let mut index = NgramIndex { n, items: HashMap::new(), sieve: vec![0; (SIEVE_BITS / 64) as usize] };
        for (number, item) in items.iter().enumerate() {
            let text = fold(&item.text);
            let ends = word_ends(&text);
            // An item shorter than an n-gram would be found in every document that holds its few words.
            rolling(ends.iter().map(|(hash, _)| *hash), n, |seen, ngram| {
                if seen >= n {
                    let holders = index.items.entry(ngram).or_default();
                    if holders.last() != Some(&(number as u32)) {
                        holders.push(number as u32);
                    }
                    index.sieve[(ngram % SIEVE_BITS / 64) as usize] |= 1 << (ngram % 64);
                }
            });
        }
        index
    }

    /// The first n-gram in common with each item, by item.
    pub fn hits(&self, folded: &str) -> Vec<Hit> {
        let mut hits: Vec<Hit> = vec![];
        let ends = word_ends(folded);
        rolling(ends.iter().map(|(hash, _)| *hash), self.n, |seen, ngram| {
            if self.sieve[(ngram % SIEVE_BITS / 64) as usize] >> (ngram % 64) & 1 == 0 {
                return;
            }
            for &item in self.items.get(&ngram).into_iter().flatten() {
                if !hits.iter().any(|hit| hit.item == item) {
                    hits.push(Hit { item, end: ends[seen - 1].1 });
                }
            }
        });
        hits.sort_by_key(|hit| hit.item);
        hits
    }

    /// The `n` words that end at a byte of the folded text.
    pub fn ngram_at<'t>(&self, folded: &'t str, end: usize) -> &'t str {
        let before = folded.get(..end).unwrap_or_default();
        let mut starts = before
            .char_indices()
            .rev()
            .filter(|(at, c)| is_word(*c) && !before[..*at].chars().next_back().is_some_and(is_word))
            .map(|(at, _)| at);
        before.get(starts.nth(self.n - 1).unwrap_or(0)..).unwrap_or_default()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A text without accents and capitals.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    Cow::Owned(text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect())
}

/// The hash of each word, and where it ends.
fn word_ends(folded: &str) -> Vec<(u64, usize)> {
    let mut words = Vec::with_capacity(folded.len() / 6);
    let mut start = None;
    let mut close = |start: &mut Option<usize>, end: usize| {
        if let Some(start) = start.take() {
            words.push((hash(&folded.as_bytes()[start..end]), end));
        }
    };
    if folded.is_ascii() {
        for (at, byte) in folded.bytes().enumerate() {
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                start.get_or_insert(at);
            } else {
                close(&mut start, at);
            }
        }
    } else {
        for (at, c) in folded.char_indices() {
            if is_word(c) {
                start.get_or_insert(at);
            } else {
                close(&mut start, at);
            }
        }
    }
    close(&mut start, folded.len());
    words
}
