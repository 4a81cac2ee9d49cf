//! Dropout with masks that are functions of where a number stands, so that nothing needs to be kept for the backward pass.
//!
//! A number is dropped or not by a hash of (seed, step, place in the network, row of the batch, token, index): a counter-based
//! generator as Salmon et al. 2011 ("Parallel random numbers: as easy as 1, 2, 3"), with the finaliser of MurmurHash3. How a
//! batch is split among threads, and whether a run was interrupted, doesn't change it. What is kept is divided by the share
//! that is kept (inverted dropout), so that nothing is to be done when the model is used.

use super::vectorised;
use serde::{Deserialize, Serialize};

/// Shares of numbers that are dropped in training, by the names that Hugging Face's configuration of Phi has for them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DropoutRates {
    /// Of what attention and MLP add to the residual stream (`resid_pdrop`).
    pub residual: f32,
    /// Of the embedded tokens (`embd_pdrop`).
    pub embedding: f32,
    /// Of the attention's probabilities (`attention_dropout`).
    pub attention: f32,
}

impl DropoutRates {
    /// Checks that the shares are shares.
    ///
    /// # Errors
    /// A sentence that names the field.
    pub fn validate(&self) -> Result<(), String> {
        for (name, rate) in [("residual", self.residual), ("embedding", self.embedding), ("attention", self.attention)]
        {
            if !(0.0..1.0).contains(&rate) {
                return Err(format!("dropout.{name} is {rate}; it must be at least 0 and below 1"));
            }
        }
        Ok(())
    }

    /// Whether nothing is dropped.
    pub fn is_none(&self) -> bool {
        *self == DropoutRates::default()
    }
}

/// The dropout of one pass over a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// How much is dropped.
    pub rates: DropoutRates,
    /// Seed of the run.
    pub seed: u64,
    /// The step, so that each has masks of its own.
    pub step: u64,
    /// Which row of the step's batch the first token begins.
    pub first_row: u64,
    /// Tokens of a row.
    pub row_tokens: usize,
}

/// Where in the network something is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Embedding,
    Attention { layer: usize, head: usize },
    AttentionOutput { layer: usize },
    Mlp { layer: usize },
}

impl Site {
    fn code(self) -> u64 {
        let (kind, layer, head) = match self {
            Site::Embedding => (0, 0, 0),
            Site::Attention { layer, head } => (1, layer, head),
            Site::AttentionOutput { layer } => (2, layer, 0),
            Site::Mlp { layer } => (3, layer, 0),
        };
        kind | (layer as u64) << 2 | (head as u64) << 32
    }
}

/// One site of a pass: drops numbers of the rows of a buffer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drop {
    key: u64,
    threshold: u32,
    factor: f32,
    first_row: u64,
    row_tokens: usize,
}

impl Dropout {
    /// What is dropped at a site; `None` where nothing is.
    pub(crate) fn at(&self, site: Site) -> Option<Drop> {
        let rate = match site {
            Site::Embedding => self.rates.embedding,
            Site::Attention { .. } => self.rates.attention,
            Site::AttentionOutput { .. } | Site::Mlp { .. } => self.rates.residual,
        };
        (rate > 0.0).then(|| Drop {
            key: mix(mix(mix(self.seed) ^ self.step) ^ site.code()),
            threshold: (f64::from(rate) * 4_294_967_296.0) as u32,
            factor: 1.0 / (1.0 - rate),
            first_row: self.first_row,
            row_tokens: self.row_tokens.max(1),
        })
    }
}

impl Drop {
    /// Drops among the numbers that belong to the batch's token number `token`, and scales the others.
    pub(crate) fn apply(&self, numbers: &mut [f32], token: usize) {
        let place = (self.first_row + (token / self.row_tokens) as u64) << 32 | (token % self.row_tokens) as u64;
        let key = mix(self.key ^ mix(place));
        let (a, b) = (key as u32, (key >> 32) as u32);
        let (threshold, factor) = (self.threshold, self.factor);
        vectorised(
            #[inline(always)]
            || {
                for (i, x) in numbers.iter_mut().enumerate() {
                    let kept = finalise((i as u32).wrapping_mul(0x9e37_79b9) ^ a, b) >= threshold;
                    *x = if kept { *x * factor } else { 0.0 };
                }
            },
        );
    }

    /// [`apply`](Self::apply) to rows of `width` numbers, one a token.
    pub(crate) fn apply_rows(&self, x: &mut [f32], width: usize) {
        x.chunks_exact_mut(width).enumerate().for_each(|(token, row)| self.apply(row, token));
    }
}

/// MurmurHash3's finaliser for 32 bits, with a second key in its middle.
#[inline(always)]
fn finalise(mut h: u32, key: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b) ^ key;
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ h >> 16
}

/// SplitMix64's finaliser.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(rate: f32, seed: u64, step: u64, first_row: u64) -> Vec<f32> {
        let rates = DropoutRates { residual: rate, ..DropoutRates::default() };
        let dropout = Dropout { rates, seed, step, first_row, row_tokens: 50 };
        let mut x = vec![1.0; 100 * 256];
        dropout.at(Site::Mlp { layer: 3 }).expect("the rate is above 0").apply_rows(&mut x, 256);
        x
    }

    #[test]
    fn the_share_that_is_dropped_is_the_rate_and_the_mean_stays() {
        for rate in [0.1, 0.5] {
            let x = ones(rate, 1, 2, 0);
            let dropped = x.iter().filter(|x| **x == 0.0).count() as f32 / x.len() as f32;
            assert!((dropped - rate).abs() < 0.012, "{dropped} of {rate}");
            assert!((x.iter().sum::<f32>() / x.len() as f32 - 1.0).abs() < 0.02);
        }
    }

    #[test]
    fn masks_of_another_seed_step_or_row_agree_no_more_often_than_by_chance() {
        let base = ones(0.5, 1, 2, 0);
        for other in [ones(0.5, 9, 2, 0), ones(0.5, 1, 3, 0), ones(0.5, 1, 2, 7)] {
            let same = base.iter().zip(&other).filter(|(a, b)| a == b).count() as f32 / base.len() as f32;
            assert!((same - 0.5).abs() < 0.012, "{same}");
        }
        // A token's mask is one of its row, wherever the batch was cut.
        assert_eq!(base[50 * 256..], ones(0.5, 1, 2, 1)[..50 * 256]);
    }
}
