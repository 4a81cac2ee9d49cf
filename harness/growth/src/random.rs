//! Random numbers that belong to a row: the same whichever row is asked for first, and by whichever thread.

use phi_model::fill_normal;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random numbers of one tensor.
#[derive(Debug, Clone)]
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    /// The numbers of a stream.
    pub fn new(seed: u64, stream: u64) -> Draws {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Draws(rng)
    }

    fn at(&self, word: usize) -> ChaCha8Rng {
        let mut rng = self.0.clone();
        rng.set_word_pos(word as u128);
        rng
    }

    /// Fills the `index`-th of several stretches of equal length with normal deviates.
    pub fn normals(&self, index: usize, std: f32, out: &mut [f32]) {
        // Two words a pair.
        fill_normal(out, std, &mut self.at(index * out.len().next_multiple_of(2)));
    }

    /// Fills the `index`-th of several stretches of equal length with shares between 0 and 1 that sum to 1: `(1 + u) / sum`,
    /// `u` uniform between -1/2 and 1/2.
    pub fn shares(&self, index: usize, out: &mut [f32]) {
        let mut rng = self.at(index * out.len());
        out.iter_mut().for_each(|x| *x = 0.5 + rng.next_u32() as f32 / 4_294_967_296.0);
        let sum: f32 = out.iter().sum();
        out.iter_mut().for_each(|x| *x /= sum);
    }
}
