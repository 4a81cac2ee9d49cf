//! Duplicates: of the same text, and nearly the same by MinHash with locality-sensitive hashing.
//!
//! A document is compared with those kept before it, in the order of the corpus, so one pass over the stream does and
//! its result doesn't depend on threads. What is held is in proportion to the documents kept, not to their text: see
//! [`Deduplicator::bytes_per_document`].

mod measure;
mod minhash;

pub use measure::{Measured, MeasuredBin, measure_dedup};
pub use minhash::{MinHash, Signature};

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

use crate::document::Document;

/// What near-duplicates are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DedupOptions {
    /// Words and signs of a shingle.
    pub shingle: usize,
    /// Bands of the signature; two documents are compared where one band is the same.
    pub bands: usize,
    /// Minima of a band.
    pub rows: usize,
    /// Estimated Jaccard similarity of the sets of shingles from which a document counts as a near-duplicate.
    pub threshold: f64,
    /// Whether only the same text counts.
    pub exact_only: bool,
}

impl Default for DedupOptions {
    /// 5-word shingles, 21 bands of 6 (126 permutations), threshold 0.8. A pair of similarity 0.8 shares a band with
    /// probability 1 - (1 - 0.8^6)^21 = 0.998, one of 0.5 with 0.28.
    fn default() -> Self {
        DedupOptions { shingle: 5, bands: 21, rows: 6, threshold: 0.8, exact_only: false }
    }
}

/// Why a document is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Duplicate {
    /// The document that is left out.
    pub id: String,
    /// The kept one that it repeats.
    pub of: String,
    /// Estimated Jaccard similarity; 1 where the text is the same.
    pub similarity: f64,
    /// Whether the text is the same to the byte.
    pub exact: bool,
}

/// What is computed of a document without looking at others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    hash: u128,
    signature: Option<Signature>,
}

/// Finds duplicates among documents that come one by one.
#[derive(Debug)]
pub struct Deduplicator {
    options: DedupOptions,
    minhash: MinHash,
    by_hash: HashMap<u128, u32>,
    ids: Vec<String>,
    /// [kept, bands * rows]
    signatures: Vec<u16>,
    /// By band and its minima: the last kept document that has them.
    latest: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    /// [kept, bands]: the kept document before with the same band.
    before: Vec<u32>,
}

/// No document.
const NONE: u32 = u32::MAX;
/// Documents of one band that are looked at; boilerplate that more share tells nothing.
const MAX_CHAIN: usize = 256;

impl Deduplicator {
    /// One that has seen nothing.
    pub fn new(options: DedupOptions) -> Deduplicator {
        Deduplicator {
            options,
            minhash: MinHash::new(options.bands * options.rows, options.shingle),
            by_hash: HashMap::new(),
            ids: vec![],
            signatures: vec![],
            latest: HashMap::default(),
            before: vec![],
        }
    }

    /// What is to be computed of a document, on any thread.
    pub fn fingerprinter(&self) -> impl Fn(&Document) -> Fingerprint + Sync + use<> {
        let minhash = self.minhash.clone();
        let exact_only = self.options.exact_only;
        move |document| {
            let hash = blake3::hash(document.text.as_bytes());
            let hash = u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"));
            Fingerprint { hash, signature: (!exact_only).then(|| minhash.signature(&document.text)) }
        }
    }

    /// Says whether a document repeats one that was kept; if it doesn't, it is kept.
    pub fn add(&mut self, id: &str, fingerprint: &Fingerprint) -> Option<Duplicate> {
        let duplicate =
            |of: &str, similarity, exact| Some(Duplicate { id: id.to_owned(), of: of.to_owned(), similarity, exact });
        if let Some(of) = self.by_hash.get(&fingerprint.hash) {
            return duplicate(&self.ids[*of as usize], 1.0, true);
        }
        let number = self.ids.len() as u32;
        if let Some(signature) = &fingerprint.signature {
            let keys = self.band_keys(signature);
            if let Some((of, similarity)) = self.nearest(signature, &keys) {
                return duplicate(&self.ids[of as usize], similarity, false);
            }
            for key in keys {
                self.before.push(self.latest.insert(key, number).unwrap_or(NONE));
            }
            self.signatures.extend_from_slice(&signature.0);
        }
        self.by_hash.insert(fingerprint.hash, number);
        self.ids.push(id.to_owned());
        None
    }

    /// Documents kept.
    pub fn kept(&self) -> usize {
        self.ids.len()
    }

    /// Bytes that are held for each kept document, tables and all.
    pub fn bytes_per_document(&self) -> f64 {
        let per_entry = |value: usize| value + 1;
        let bytes = self.by_hash.capacity() * per_entry(32)
            + self.latest.capacity() * per_entry(16)
            + self.signatures.capacity() * 2
            + self.before.capacity() * 4
            + self.ids.iter().map(|id| id.capacity() + size_of::<String>()).sum::<usize>();
        bytes as f64 / self.kept().max(1) as f64
    }

    fn band_keys(&self, signature: &Signature) -> Vec<u64> {
        let bands = signature.0.chunks_exact(self.options.rows).enumerate();
        bands
            .map(|(band, minima)| {
                minima.iter().fold(crate::lexer::spread(band as u64 + 1), |key, minimum| {
                    crate::lexer::spread(key ^ u64::from(*minimum))
                })
            })
            .collect()
    }

    /// The most similar kept document at or above the threshold; the earliest among equals.
    fn nearest(&self, signature: &Signature, keys: &[u64]) -> Option<(u32, f64)> {
        let width = self.options.bands * self.options.rows;
        let mut seen = vec![];
        let mut best: Option<(u32, f64)> = None;
        for (band, key) in keys.iter().enumerate() {
            let mut next = self.latest.get(key).copied().unwrap_or(NONE);
            for _ in 0..MAX_CHAIN {
                if next == NONE {
                    break;
                }
                if !seen.contains(&next) {
                    seen.push(next);
                    let at = next as usize * width;
                    let similarity = signature.similarity(&self.signatures[at..at + width]);
                    let is_better = best.is_none_or(|(of, most)| (similarity, of) > (most, next) && similarity >= most);
                    if similarity >= self.options.threshold && is_better {
                        best = Some((next, similarity));
                    }
                }
                next = self.before[next as usize * self.options.bands + band];
            }
        }
        best
    }
}

/// Keys that are hashes already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = crate::lexer::hash(bytes);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
