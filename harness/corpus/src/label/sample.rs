//! A sample of a corpus that depends on the texts alone.

use std::collections::BTreeSet;

use crate::document::Document;

/// The documents of the smallest hashes: so many, drawn as good as at random, and the same ones whatever the order. A larger
/// sample holds a smaller one. It takes 16 bytes and a tree's share a document of the sample.
#[derive(Debug, Clone)]
pub struct HashSample {
    most: usize,
    smallest: BTreeSet<u128>,
}

impl HashSample {
    /// A sample of at most so many documents.
    pub fn new(most: usize) -> HashSample {
        HashSample { most, smallest: BTreeSet::new() }
    }

    /// Takes a document into account. Copies of one text count once, and are all in the sample or none.
    pub fn add(&mut self, document: &Document) {
        self.smallest.insert(key(document));
        if self.smallest.len() > self.most {
            self.smallest.pop_last();
        }
    }

    /// Whether a document is of the sample, once all were added.
    pub fn holds(&self, document: &Document) -> bool {
        self.smallest.contains(&key(document))
    }
}

fn key(document: &Document) -> u128 {
    let hash = blake3::hash(document.text.as_bytes());
    u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
}
