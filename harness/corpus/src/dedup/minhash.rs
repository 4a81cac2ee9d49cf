//! MinHash (Broder 1997): the share of equal minima of two texts estimates the Jaccard similarity of their shingles.

use pulp::Arch;

use crate::lexer::{hash, rolling, spread, words};

/// Permutations of shingles, and how long a shingle is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinHash {
    /// In lanes, the last ones filled up.
    permutations: Vec<Lanes>,
    count: usize,
    shingle: usize,
}

/// Permutations that are computed side by side: x -> multiplier x + addend modulo 2^32, of odd multipliers. The shingles are
/// hashes already, so a permutation needs no more than to order them anew.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lanes {
    multipliers: [u32; WIDTH],
    addends: [u32; WIDTH],
}

/// Two of AVX2's vectors.
const WIDTH: usize = 16;

/// The minimum under each permutation, of which 16 bits are kept: two that differ look alike once in 65,536 times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(pub(super) Vec<u16>);

impl MinHash {
    /// `permutations` minima of shingles of `shingle` words and signs.
    pub fn new(permutations: usize, shingle: usize) -> MinHash {
        let draw =
            |i: usize| (spread((i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6d69_6e68_6173_6821) >> 32) as u32;
        let lanes = (0..permutations).step_by(WIDTH).map(|first| Lanes {
            multipliers: std::array::from_fn(|lane| draw(2 * (first + lane)) | 1),
            addends: std::array::from_fn(|lane| draw(2 * (first + lane) + 1)),
        });
        MinHash { permutations: lanes.collect(), count: permutations, shingle: shingle.max(1) }
    }

    /// The signature of a text.
    pub fn signature(&self, text: &str) -> Signature {
        let mut shingles: Vec<u32> = vec![];
        rolling(words(text).map(hash), self.shingle, |_, shingle| shingles.push((shingle >> 32) as u32));
        let minima = Arch::new().dispatch(|| self.minima(&shingles));
        Signature(minima.into_iter().take(self.count).map(|minimum| minimum as u16).collect())
    }

    /// The minimum of each permutation, in a form that the compiler makes vectors of.
    #[inline(always)]
    fn minima(&self, shingles: &[u32]) -> Vec<u32> {
        let mut minima = Vec::with_capacity(self.permutations.len() * WIDTH);
        for Lanes { multipliers, addends } in &self.permutations {
            let mut least = [u32::MAX; WIDTH];
            for shingle in shingles {
                for lane in 0..WIDTH {
                    let value = shingle.wrapping_mul(multipliers[lane]).wrapping_add(addends[lane]);
                    least[lane] = value.min(least[lane]);
                }
            }
            minima.extend_from_slice(&least);
        }
        minima
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
