//! How varied generated texts are.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::dedup::{DedupOptions, Deduplicator};
use crate::document::Document;
use crate::embedding::{cosine, hashed_ngrams};
use crate::lexer::{hash, rolling, words};

/// Figures of variety.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diversity {
    /// Texts measured.
    pub texts: u64,
    /// Share of n-grams of words and signs that are distinct, for n = 1, 2, 3 (Li et al. 2016). It falls with the amount
    /// of text, so only amounts alike can be compared.
    pub distinct: [f64; 3],
    /// Share of texts that nearly repeat an earlier one: Jaccard similarity of 5-word shingles of 0.8 or more, found by 42
    /// bands of 3, which miss a pair of that similarity once in ten million times.
    pub near_duplicate_share: f64,
    /// Mean cosine distance of hashed n-grams between texts far apart in the set: 0 if all are the same.
    pub embedding_spread: f64,
    /// Topics that came up, and how many there are.
    pub topics: (usize, usize),
    /// Entropy of the topics over its maximum: 1 where all are as frequent.
    pub topic_evenness: f64,
}

/// Measures texts one by one.
pub struct DiversityMeter {
    texts: u64,
    seen: [HashSet<u64>; 3],
    totals: [u64; 3],
    near: Deduplicator,
    near_duplicates: u64,
    sample: Vec<Vec<f32>>,
    topics: BTreeMap<String, u64>,
    all_topics: usize,
}

/// Texts of which the embedding is kept.
const SAMPLE: usize = 2000;

impl DiversityMeter {
    /// One that has seen nothing; `all_topics` is how many topics there could be.
    pub fn new(all_topics: usize) -> DiversityMeter {
        DiversityMeter {
            texts: 0,
            seen: Default::default(),
            totals: [0; 3],
            near: Deduplicator::new(DedupOptions { bands: 42, rows: 3, ..DedupOptions::default() }),
            near_duplicates: 0,
            sample: vec![],
            topics: BTreeMap::new(),
            all_topics,
        }
    }

    /// Measures a text of a topic.
    pub fn add(&mut self, document: &Document, topic: &str) {
        let hashes: Vec<u64> = words(&document.text).map(hash).collect();
        for (n, (seen, total)) in self.seen.iter_mut().zip(&mut self.totals).enumerate() {
            rolling(hashes.iter().copied(), n + 1, |_, ngram| {
                seen.insert(ngram);
                *total += 1;
            });
        }
        let fingerprint = self.near.fingerprinter()(document);
        self.near_duplicates += u64::from(self.near.add(&document.id, &fingerprint).is_some());
        if self.sample.len() < SAMPLE {
            self.sample.push(hashed_ngrams(&document.text));
        }
        *self.topics.entry(topic.to_owned()).or_default() += 1;
        self.texts += 1;
    }

    /// The figures.
    pub fn measure(&self) -> Diversity {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let half = self.sample.len() / 2;
        let distances =
            self.sample[..half].iter().zip(&self.sample[half..]).map(|(a, b)| 1.0 - f64::from(cosine(a, b)));
        let entropy: f64 =
            self.topics.values().map(|count| *count as f64 / self.texts as f64).map(|share| -share * share.ln()).sum();
        Diversity {
            texts: self.texts,
            distinct: std::array::from_fn(|n| share(self.seen[n].len() as f64, self.totals[n] as f64)),
            near_duplicate_share: share(self.near_duplicates as f64, self.texts as f64),
            embedding_spread: share(distances.sum(), half as f64),
            topics: (self.topics.len(), self.all_topics),
            topic_evenness: if self.all_topics > 1 { entropy / (self.all_topics as f64).ln() } else { 1.0 },
        }
    }
}
