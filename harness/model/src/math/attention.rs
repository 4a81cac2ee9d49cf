//! Causal attention over ragged sequences, in blocks of queries, without keeping the probabilities: the backward pass
//! computes them again from the saved log-sum-exp (Dao et al. 2022, FlashAttention, algorithm 2).

use super::dropout::Drop;
use super::matmul::{Into, Mat, MatMut, matmul};
use super::{dot, exp, max, sum, vectorised};
use std::ops::Range;

/// Queries that are handled together. Small, so that little of the masked half is computed and the scores stay in cache.
const BLOCK: usize = 64;

/// The shape of an attention layer's input: `qkv` is `[tokens, 3 * heads * head_dim]`.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub heads: usize,
    pub head_dim: usize,
}

impl Shape {
    fn width(self) -> usize {
        self.heads * self.head_dim
    }

    fn scale(self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }
}

/// What a layer attends over.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'a> {
    /// The sequences.
    pub segments: &'a [Range<usize>],
    pub shape: Shape,
    /// What is dropped of each head's probabilities; empty where nothing is.
    pub drops: &'a [Drop],
}

/// A block of queries and the keys that it may see.
struct Block {
    queries: Range<usize>,
    start: usize,
}

impl Block {
    fn keys(&self) -> usize {
        self.queries.end - self.start
    }
}

fn blocks(segment: &Range<usize>) -> impl Iterator<Item = Block> + use<> {
    let segment = segment.clone();
    segment
        .clone()
        .step_by(BLOCK)
        .map(move |at| Block { queries: at..(at + BLOCK).min(segment.end), start: segment.start })
}

/// One head's query, key or value rows.
fn head<'a>(qkv: &'a [f32], shape: Shape, part: usize, h: usize, rows: Range<usize>) -> Mat<'a> {
    let stride = 3 * shape.width();
    let at = rows.start * stride + part * shape.width() + h * shape.head_dim;
    Mat::strided(&qkv[at..], rows.len(), shape.head_dim, stride)
}

fn head_mut<'a>(qkv: &'a mut [f32], shape: Shape, part: usize, h: usize, rows: Range<usize>) -> MatMut<'a> {
    let stride = 3 * shape.width();
    let at = rows.start * stride + part * shape.width() + h * shape.head_dim;
    MatMut::strided(&mut qkv[at..], rows.len(), shape.head_dim, stride)
}

fn head_out<'a>(out: &'a [f32], shape: Shape, h: usize, rows: Range<usize>) -> Mat<'a> {
    Mat::strided(&out[rows.start * shape.width() + h * shape.head_dim..], rows.len(), shape.head_dim, shape.width())
}

/// Attends within each segment: `out[tokens, width]`, and `lse[tokens, heads]`, the log-sum-exp ofeach row of scores.
pub(crate) fn forward(out: &mut [f32], lse: &mut [f32], qkv: &[f32], pass: &Pass<'_>) {
    let Pass { segments, shape, drops } = *pass;
    let mut scores = Vec::new();
    for segment in segments {
        for h in 0..shape.heads {
            for block in blocks(segment) {
                let (rows, keys) = (block.queries.len(), block.keys());
                scores.resize(rows * keys, 0.0);
                let (q, k, v) = (
                    head(qkv, shape, 0, h, block.queries.clone()),
                    head(qkv, shape, 1, h, block.start..block.queries.end),
                    head(qkv, shape, 2, h, block.start..block.queries.end),
                );
                matmul(MatMut::new(&mut scores, rows, keys), Into::Set, shape.scale(), q, k.t());
                for (i, row) in scores.chunks_exact_mut(keys).enumerate() {
                    let visible = keys - rows + i + 1;
                    let token = block.queries.start + i;
                    lse[token * shape.heads + h] = soft_max(row, visible);
                    if let Some(drop) = drops.get(h) {
                        drop.apply(&mut row[..visible], token);
                    }
                }
                let at = block.queries.start * shape.width() + h * shape.head_dim;
                let o = MatMut::strided(&mut out[at..], rows, shape.head_dim, shape.width());
                matmul(o, Into::Set, 1.0, Mat::new(&scores, rows, keys), v);
            }
        }
    }
}

/// Soft-max over the first `visible` scores, 0 for the rest; returns the log-sum-exp.
fn soft_max(row: &mut [f32], visible: usize) -> f32 {
    let (seen, hidden) = row.split_at_mut(visible);
    hidden.fill(0.0);
    vectorised(
        #[inline(always)]
        || {
            let top = max(seen);
            for x in seen.iter_mut() {
                *x = exp(*x - top);
            }
            let norm = sum(seen);
            let by = 1.0 / norm;
            for x in seen.iter_mut() {
                *x *= by;
            }
            top + norm.ln()
        },
    )
}

/// Sets `dqkv` to the gradient of [`forward`]'s input.
pub(crate) fn backward(dqkv: &mut [f32], dout: &[f32], out: &[f32], lse: &[f32], qkv: &[f32], pass: &Pass<'_>) {
    let Pass { segments, shape, drops } = *pass;
    let (width, scale) = (shape.width(), shape.scale());
    dqkv.fill(0.0);
    let (mut probabilities, mut grads) = (Vec::new(), Vec::new());
    for segment in segments {
        for h in 0..shape.heads {
            for block in blocks(segment) {
                let (rows, keys) = (block.queries.len(), block.keys());
                let key_rows = block.start..block.queries.end;
                probabilities.resize(rows * keys, 0.0);
                grads.resize(rows * keys, 0.0);
                let (q, k, v) = (
                    head(qkv, shape, 0, h, block.queries.clone()),
                    head(qkv, shape, 1, h, key_rows.clone()),
                    head(qkv, shape, 2, h, key_rows.clone()),
                );
                let d_o = head_out(dout, shape, h, block.queries.clone());
                matmul(MatMut::new(&mut probabilities, rows, keys), Into::Set, scale, q, k.t());
                matmul(MatMut::new(&mut grads, rows, keys), Into::Set, 1.0, d_o, v.t());
                for i in 0..rows {
                    let token = block.queries.start + i;
                    let at = token * width + h * shape.head_dim..token * width + (h + 1) * shape.head_dim;
                    let (p, g) = (&mut probabilities[i * keys..(i + 1) * keys], &mut grads[i * keys..(i + 1) * keys]);
                    let visible = keys - rows + i + 1;
                    if let Some(drop) = drops.get(h) {
                        drop.apply(&mut g[..visible], token);
                    }
                    soft_max_backward(p, g, visible, lse[token * shape.heads + h], &dout[at.clone()], &out[at]);
                    if let Some(drop) = drops.get(h) {
                        drop.apply(&mut p[..visible], token);
                    }
                }
                let (p, g) = (Mat::new(&probabilities, rows, keys), Mat::new(&grads, rows, keys));
                matmul(head_mut(dqkv, shape, 2, h, key_rows.clone()), Into::Add, 1.0, p.t(), d_o);
                matmul(head_mut(dqkv, shape, 0, h, block.queries.clone()), Into::Set, scale, g, k);
                matmul(head_mut(dqkv, shape, 1, h, key_rows), Into::Add, scale, g.t(), q);
            }
        }
    }
}

/// Turns scores into probabilities and their gradient into the scores' gradient, both in place. The mean of the gradient
/// under the probabilities is `dout . out`, with dropout too, since `out` was made of what was kept.
fn soft_max_backward(scores: &mut [f32], grad: &mut [f32], visible: usize, lse: f32, dout: &[f32], out: &[f32]) {
    scores[visible..].fill(0.0);
    grad[visible..].fill(0.0);
    vectorised(
        #[inline(always)]
        || {
            let mean = dot(dout, out);
            for (s, g) in scores[..visible].iter_mut().zip(&mut grad[..visible]) {
                let p = exp(*s - lse);
                *s = p;
                *g = p * (*g - mean);
            }
        },
    );
}
