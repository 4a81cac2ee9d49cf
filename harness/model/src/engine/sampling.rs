//! The choice of the next token.

use phi_suites::Sampling;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Chooses the tokens of one completion.
#[derive(Debug)]
pub(super) struct Sampler {
    sampling: Sampling,
    rng: ChaCha8Rng,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Sampler {
        let seed = match sampling {
            Sampling::Greedy => 0,
            Sampling::Nucleus { seed, .. } => seed,
        };
        Sampler { sampling, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The next token after these logits.
    pub(super) fn choose(&mut self, logits: &[f32]) -> u32 {
        match self.sampling {
            Sampling::Greedy => arg_max(logits),
            Sampling::Nucleus { temperature, top_p, .. } if temperature > 0.0 => {
                let draw: f64 = self.rng.random();
                nucleus(logits, temperature, top_p, draw)
            }
            Sampling::Nucleus { .. } => arg_max(logits),
        }
    }
}

fn arg_max(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (i, x) in logits.iter().enumerate() {
        if *x > logits[best] {
            best = i;
        }
    }
    best as u32
}

/// The token at `draw` (in [0, 1)) of the smallest set of most likely tokens whose probabilities reach `top_p`.
fn nucleus(logits: &[f32], temperature: f64, top_p: f64, draw: f64) -> u32 {
    let top = f64::from(logits[arg_max(logits) as usize]);
    let weight = |x: f32| ((f64::from(x) - top) / temperature).exp();
    let total: f64 = logits.iter().map(|x| weight(*x)).sum();
    // Tokens this unlikely can't reach the nucleus, and most of them are.
    let mut kept: Vec<(f64, u32)> =
        logits.iter().zip(0..).map(|(x, i)| (weight(*x) / total, i)).filter(|(p, _)| *p > 1e-12).collect();
    kept.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut mass = 0.0;
    let size = kept.iter().position(|(p, _)| {
        mass += p;
        mass >= top_p
    });
    kept.truncate(size.map_or(kept.len(), |i| i + 1));
    let mut left = draw * kept.iter().map(|(p, _)| p).sum::<f64>();
    for (p, token) in &kept {
        left -= p;
        if left < 0.0 {
            return *token;
        }
    }
    kept.last().map_or(0, |(_, token)| *token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nucleus_leaves_out_the_tail_and_keeps_the_proportions() {
        let logits = [3.0f32.ln(), 6.0f32.ln(), 1.0f32.ln()];
        let at = |draw| nucleus(&logits, 1.0, 0.9, draw);
        assert_eq!([at(0.0), at(0.66), at(0.67), at(0.999)], [1, 1, 0, 0]);
        assert_eq!(nucleus(&logits, 1.0, 1.0, 0.999), 2);
        assert_eq!(nucleus(&logits, 0.01, 1.0, 0.999), 1);
        assert_eq!(arg_max(&[1.0, 2.0, 2.0]), 1);
    }
}
