//! Partial rotary position embedding: the first `rotary_dim` dimensions of each head turn with the position, dimension
//! `i` paired with `i + rotary_dim / 2`.

use crate::PhiConfig;

/// Cosines and sines of every position: `[position, rotary_dim / 2]`.
#[derive(Debug, Clone)]
pub(crate) struct Rotary {
    half: usize,
    head_dim: usize,
    cos: Vec<f32>,
    sin: Vec<f32>,
}

/// Forwards, or back again for the gradient.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Forward,
    Back,
}

impl Rotary {
    pub(crate) fn new(config: &PhiConfig) -> Rotary {
        let half = config.rotary_dim / 2;
        let mut cos = Vec::with_capacity(half * config.max_positions);
        let mut sin = Vec::with_capacity(half * config.max_positions);
        for position in 0..config.max_positions {
            for i in 0..half {
                // In f32 as transformers computes it, so that angles at far positions agree.
                let exponent = (2 * i) as f32 / config.rotary_dim as f32;
                let inverse_frequency = 1.0 / (config.rope_theta as f32).powf(exponent);
                let angle = position as f32 * inverse_frequency;
                cos.push(angle.cos());
                sin.push(angle.sin());
            }
        }
        Rotary { half, head_dim: config.head_dim(), cos, sin }
    }

    /// Turns all heads of one row (`[heads * head_dim]`) by its position.
    #[inline]
    pub(crate) fn turn(&self, row: &mut [f32], position: usize, turn: Turn) {
        let at = position * self.half;
        let (cos, sin) = (&self.cos[at..at + self.half], &self.sin[at..at + self.half]);
        let sign = if turn == Turn::Forward { 1.0 } else { -1.0 };
        for head in row.chunks_exact_mut(self.head_dim) {
            let (a, rest) = head.split_at_mut(self.half);
            for i in 0..self.half {
                let (x, y, s) = (a[i], rest[i], sign * sin[i]);
                a[i] = x * cos[i] - y * s;
                rest[i] = y * cos[i] + x * s;
            }
        }
    }
}
