//! Norms, activations and rotations of rows. Each row is computed by itself, so the threads share the rows out.

use crate::architecture::{Activation, NormKind, Rope};
use crate::math::{dot, exp, sum, vectorised};
use rayon::prelude::*;

/// Numbers that are worth a task of their own.
const TASK_NUMBERS: usize = 1 << 15;

/// Rows of `width` that one task works on.
fn rows_a_task(width: usize) -> usize {
    (TASK_NUMBERS / width.max(1)).max(1)
}

/// The weights of one norm.
#[derive(Debug, Clone)]
pub(super) struct Norm {
    pub kind: NormKind,
    pub eps: f32,
    /// Scales; an offset is added already.
    pub weight: Vec<f32>,
    /// Empty for a norm that doesn't shift.
    pub bias: Vec<f32>,
}

impl Norm {
    /// Normalises rows of the weight's width: `out` from `x`.
    pub(super) fn rows(&self, out: &mut [f32], x: &[f32]) {
        let width = self.weight.len();
        let part = rows_a_task(width) * width;
        out.par_chunks_mut(part).zip(x.par_chunks(part)).for_each(|(out, x)| {
            out.copy_from_slice(x);
            self.in_place(out);
        });
    }

    /// Normalises rows on the calling thread.
    pub(super) fn in_place(&self, rows: &mut [f32]) {
        let (width, eps) = (self.weight.len(), self.eps);
        vectorised(
            #[inline(always)]
            || {
                for row in rows.chunks_exact_mut(width) {
                    if let NormKind::LayerNorm { .. } = self.kind {
                        let mean = sum(row) / width as f32;
                        row.iter_mut().for_each(|x| *x -= mean);
                    }
                    let by = 1.0 / (dot(row, row) / width as f32 + eps).sqrt();
                    if self.bias.is_empty() {
                        row.iter_mut().zip(&self.weight).for_each(|(x, w)| *x = *x * by * *w);
                    } else {
                        let scale_and_shift = self.weight.iter().zip(&self.bias);
                        row.iter_mut().zip(scale_and_shift).for_each(|(x, (w, b))| *x = (*x * by).mul_add(*w, *b));
                    }
                }
            },
        );
    }
}

/// Adds `x` to `to`.
pub(super) fn add(to: &mut [f32], x: &[f32]) {
    to.par_chunks_mut(TASK_NUMBERS).zip(x.par_chunks(TASK_NUMBERS)).for_each(|(to, x)| {
        to.iter_mut().zip(x).for_each(|(a, b)| *a += b);
    });
}

/// `x = cap tanh(x / cap)`.
#[inline(always)]
pub(super) fn soft_cap(x: &mut [f32], cap: f32) {
    for x in x.iter_mut() {
        *x = cap * (1.0 - 2.0 / (1.0 + exp(2.0 * *x / cap)));
    }
}

/// The inner layer's activation, in place for a plain MLP `[rows, inner]`.
pub(super) fn activate(inner: &mut [f32], activation: Activation) {
    inner.par_chunks_mut(TASK_NUMBERS).for_each(|part| {
        vectorised(
            #[inline(always)]
            || apply(part, activation),
        );
    });
}

/// `out[rows, inner] = activation(gate) * up`, from `x[rows, 2 inner]`, gate first.
pub(super) fn activate_gated(out: &mut [f32], x: &[f32], inner: usize, activation: Activation) {
    let rows = rows_a_task(inner);
    out.par_chunks_mut(rows * inner).zip(x.par_chunks(rows * 2 * inner)).for_each(|(out, x)| {
        vectorised(
            #[inline(always)]
            || {
                for (out, x) in out.chunks_exact_mut(inner).zip(x.chunks_exact(2 * inner)) {
                    let (gate, up) = x.split_at(inner);
                    out.copy_from_slice(gate);
                    apply(out, activation);
                    out.iter_mut().zip(up).for_each(|(o, u)| *o *= u);
                }
            },
        );
    });
}

#[inline(always)]
fn apply(x: &mut [f32], activation: Activation) {
    match activation {
        Activation::GeluTanh => {
            const C: f32 = 0.797_884_6;
            for x in x.iter_mut() {
                let u = C * *x * (0.044_715 * *x).mul_add(*x, 1.0);
                *x /= 1.0 + exp(-2.0 * u);
            }
        }
        Activation::GeluErf => {
            for x in x.iter_mut() {
                *x = 0.5 * *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2));
            }
        }
        Activation::Silu => {
            for x in x.iter_mut() {
                *x /= 1.0 + exp(-*x);
            }
        }
        Activation::Relu => {
            for x in x.iter_mut() {
                *x = if *x > 0.0 { *x } else { 0.0 };
            }
        }
    }
}

/// The error function within 2e-7 (Abramowitz and Stegun, 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let a = x.abs();
    let t = 1.0 / 0.327_591_1f32.mul_add(a, 1.0);
    let mut p = 1.061_405_4f32;
    p = p.mul_add(t, -1.453_152);
    p = p.mul_add(t, 1.421_413_8);
    p = p.mul_add(t, -0.284_496_74);
    p = p.mul_add(t, 0.254_829_6);
    let y = 1.0 - p * t * exp(-a * a);
    if x < 0.0 { -y } else { y }
}

/// Cosines and sines of some positions, `[rows, pairs]`.
pub(super) struct Turns {
    cos: Vec<f32>,
    sin: Vec<f32>,
    pairs: usize,
    interleaved: bool,
}

impl Turns {
    pub(super) fn new(rope: &Rope, positions: &[usize]) -> Turns {
        let pairs = rope.inverse_frequencies.len();
        let angle = |position: usize, frequency: &f32| position as f32 * frequency;
        let (mut cos, mut sin) = (vec![0.0; positions.len() * pairs], vec![0.0; positions.len() * pairs]);
        if pairs > 0 {
            let rows = rows_a_task(pairs).div_ceil(16);
            let parts = cos.par_chunks_mut(rows * pairs).zip(sin.par_chunks_mut(rows * pairs));
            parts.zip(positions.par_chunks(rows)).for_each(|((cos, sin), positions)| {
                let rows = cos.chunks_exact_mut(pairs).zip(sin.chunks_exact_mut(pairs));
                for ((cos, sin), position) in rows.zip(positions) {
                    for ((c, s), frequency) in cos.iter_mut().zip(sin).zip(&rope.inverse_frequencies) {
                        let (sin, cos) = angle(*position, frequency).sin_cos();
                        (*c, *s) = (cos * rope.attention_factor, sin * rope.attention_factor);
                    }
                }
            });
        }
        Turns { cos, sin, pairs, interleaved: rope.interleaved }
    }

    /// Turns one head of a row.
    #[inline(always)]
    pub(super) fn turn(&self, head: &mut [f32], row: usize) {
        let at = row * self.pairs..(row + 1) * self.pairs;
        let (cos, sin) = (&self.cos[at.clone()], &self.sin[at]);
        if self.interleaved {
            for ((pair, c), s) in head.chunks_exact_mut(2).zip(cos).zip(sin) {
                let (x, y) = (pair[0], pair[1]);
                pair[0] = x * c - y * s;
                pair[1] = y * c + x * s;
            }
        } else {
            let (a, b) = head[..2 * self.pairs].split_at_mut(self.pairs);
            for (((a, b), c), s) in a.iter_mut().zip(b).zip(cos).zip(sin) {
                let (x, y) = (*a, *b);
                *a = x * c - y * s;
                *b = y * c + x * s;
            }
        }
    }
}

/// Prepares queries and keys: each head is normalised where the family does so, and turned by its row's position.
pub(super) struct HeadWork<'a> {
    /// Where each query head begins in a row, then the norm of queries.
    pub queries: (&'a [usize], Option<&'a Norm>),
    /// The same of keys.
    pub keys: (&'a [usize], Option<&'a Norm>),
    pub head_dim: usize,
    pub turns: Option<&'a Turns>,
}

impl HeadWork<'_> {
    /// Works on `qkv[rows, width]`.
    pub(super) fn run(&self, qkv: &mut [f32], width: usize) {
        let rows = rows_a_task(width);
        qkv.par_chunks_mut(rows * width).enumerate().for_each(|(part, chunk)| {
            for (r, row) in chunk.chunks_exact_mut(width).enumerate() {
                for (heads, norm) in [self.queries, self.keys] {
                    for at in heads {
                        let head = &mut row[*at..at + self.head_dim];
                        if let Some(norm) = norm {
                            norm.in_place(head);
                        }
                        if let Some(turns) = self.turns {
                            turns.turn(head, part * rows + r);
                        }
                    }
                }
            }
        });
    }
}
