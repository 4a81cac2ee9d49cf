//! MinHash (Broder 1997): the share of equal minima of two texts estimates the Jaccard similarity of their shingles.

use crate::lexer::{hash, rolling, spread, words};

/// Permutations of shingles, and how long a shingle is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinHash {
    /// Multiplier (odd) and addend of each permutation.
    permutations: Vec<(u64, u64)>,
    shingle: usize,
}

/// The minimum under each permutation, of which 16 bits are kept: two that differ look alike once in 65,536 times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(pub(super) Vec<u16>);

impl MinHash {
    /// `permutations` minima of shingles of `shingle` words and signs.
    pub fn new(permutations: usize, shingle: usize) -> MinHash {
        let draw = |i: u64| spread(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6d69_6e68_6173_6821);
        let permutations = (0..permutations as u64).map(|i| (draw(2 * i) | 1, draw(2 * i + 1))).collect();
        MinHash { permutations, shingle: shingle.max(1) }
    }

    /// The signature of a text.
    pub fn signature(&self, text: &str) -> Signature {
        let mut minima = vec![u32::MAX; self.permutations.len()];
        rolling(words(text).map(hash), self.shingle, |_, shingle| {
            for (minimum, (multiplier, addend)) in minima.iter_mut().zip(&self.permutations) {
                // Multiply-shift (Dietzfelbinger et al. 1997).
                let value = (shingle.wrapping_mul(*multiplier).wrapping_add(*addend) >> 32) as u32;
                *minimum = value.min(*minimum);
            }
        });
        Signature(minima.into_iter().map(|minimum| minimum as u16).collect())
    }

    /// The set of shingles themselves, sorted.
    pub(super) fn shingles(&self, text: &str) -> Vec<u64> {
        let mut shingles = vec![];
        rolling(words(text).map(hash), self.shingle, |_, shingle| shingles.push(shingle));
        shingles.sort_unstable();
        shingles.dedup();
        shingles
    }
}

impl Signature {
    /// The estimated Jaccard similarity to another signature.
    pub(super) fn similarity(&self, other: &[u16]) -> f64 {
        let equal = self.0.iter().zip(other).filter(|(a, b)| a == b).count();
        equal as f64 / self.0.len() as f64
    }
}

/// The Jaccard similarity of two sorted sets.
pub(super) fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let union = a.len() + b.len() - common;
    if union == 0 { 1.0 } else { common as f64 / union as f64 }
}
