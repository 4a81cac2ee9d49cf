//! Causal attention of new rows over their sequences' keys and values.
//!
//! A query's scores stand side by side by position, whatever nodes and blocks the keys lie in; the sum over positions
//! goes in order of position. So the bits of a row's answer depend on its sequence alone: not on how the sequences were
//! cut into nodes, nor on which rows are computed together.

use super::elementwise::soft_cap;
use super::kv::{KvCache, POSITIONS, Piece};
use crate::math::{exp, max, sum, vectorised};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of one span that see the same pieces, up to their own position.
#[derive(Debug)]
pub(super) struct Rows {
    /// Of the batch.
    pub rows: Range<usize>,
    /// Position of the first row; the others follow.
    pub position: usize,
    pub pieces: Vec<Piece>,
}

/// What the heads of a layer look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    pub head_dim: usize,
    /// Where each query head begins in a row of `qkv`.
    pub queries: &'a [usize],
    pub kv_heads: usize,
    pub width: usize,
    pub scale: f32,
    pub soft_cap: Option<f32>,
    pub window: Option<usize>,
}

/// Queries that are computed side by side.
const QUERIES: usize = 4;

/// Rows of one task.
const TASK_ROWS: usize = 16;

/// `out[rows, heads * head_dim]` for queries in `qkv[rows, width]`.
pub(super) fn attend(out: &mut [f32], qkv: &[f32], cache: &KvCache, layer: usize, spans: &[Rows], shape: Shape<'_>) {
    let out_width = shape.queries.len() * shape.head_dim;
    let mut tasks = Vec::new();
    let mut rest = out;
    for span in spans {
        for start in span.rows.clone().step_by(TASK_ROWS) {
            let rows = start..(start + TASK_ROWS).min(span.rows.end);
            let (part, after) = rest.split_at_mut(rows.len() * out_width);
            tasks.push((span, rows, part));
            rest = after;
        }
    }
    let per_head = |(span, rows, out): (&Rows, Range<usize>, &mut [f32])| {
        vectorised(
            #[inline(always)]
            || task(out, qkv, cache, layer, span, rows, shape),
        );
    };
    tasks.into_par_iter().for_each(per_head);
}

#[inline(always)]
fn task(
    out: &mut [f32],
    qkv: &[f32],
    cache: &KvCache,
    layer: usize,
    span: &Rows,
    rows: Range<usize>,
    shape: Shape<'_>,
) {
    let group = shape.queries.len() / shape.kv_heads;
    let last = span.position + rows.end - 1 - span.rows.start;
    let stride = last + 1 + POSITIONS;
    let mut scores = vec![0.0; QUERIES * stride];
    let mut queries: Vec<(usize, usize)> = Vec::with_capacity(group * rows.len());
    for kv_head in 0..shape.kv_heads {
        queries.clear();
        let heads = kv_head * group..(kv_head + 1) * group;
        queries.extend(heads.flat_map(|head| rows.clone().map(move |row| (head, row))));
        for several in queries.chunks(QUERIES) {
            // A chunk that isn't full computes its last query again.
            let chunk: [(usize, usize); QUERIES] =
                std::array::from_fn(|i| several.get(i).copied().unwrap_or(several[several.len() - 1]));
            let query = |i: usize| {
                let (head, row) = chunk[i];
                &qkv[row * shape.width + shape.queries[head]..][..shape.head_dim]
            };
            let visible = |i: usize| {
                let position = span.position + chunk[i].1 - span.rows.start;
                shape.window.map_or(0, |w| (position + 1).saturating_sub(w))..position + 1
            };
            let from = (0..QUERIES).map(|i| visible(i).start).min().unwrap_or(0);
            let to = (0..QUERIES).map(|i| visible(i).end).max().unwrap_or(0);
            let first = span.pieces.partition_point(|p| p.position + p.count <= from);
            let end = span.pieces.partition_point(|p| p.position < to);
            let pieces = &span.pieces[first..end];
            if several.len() == 1 {
                products::<1>(&mut scores, stride, pieces, cache, layer, kv_head, |_| query(0));
            } else {
                products::<QUERIES>(&mut scores, stride, pieces, cache, layer, kv_head, query);
            }
            for i in 0..several.len() {
                let scores = &mut scores[i * stride..(i + 1) * stride];
                soft_max(scores, visible(i), pieces, shape.scale, shape.soft_cap);
            }
            let place = |i: usize| {
                let (head, row) = chunk[i];
                (row - rows.start) * shape.queries.len() * shape.head_dim + head * shape.head_dim
            };
            if several.len() == 1 {
                mix::<1>(out, |_| place(0), &scores, stride, pieces, cache, layer, kv_head, shape.head_dim);
            } else {
                // Scores of a query that is computed again are those of the query itself.
                for i in several.len()..QUERIES {
                    scores.copy_within((several.len() - 1) * stride..several.len() * stride, i * stride);
                }
                mix::<QUERIES>(out, place, &scores, stride, pieces, cache, layer, kv_head, shape.head_dim);
            }
        }
    }
}

/// Inner products of `N` queries with all keys of the pieces, by position.
#[inline(always)]
fn products<'q, const N: usize>(
    scores: &mut [f32],
    stride: usize,
    pieces: &[Piece],
    cache: &KvCache,
    layer: usize,
    kv_head: usize,
    query: impl Fn(usize) -> &'q [f32],
) {
    let queries: [&[f32]; N] = std::array::from_fn(query);
    for piece in pieces {
        let keys = cache.keys(layer, piece.block, kv_head).as_chunks::<POSITIONS>().0;
        let mut acc = [[0.0f32; POSITIONS]; N];
        for (d, keys) in keys.iter().enumerate() {
            for i in 0..N {
                let q = queries[i][d];
                for j in 0..POSITIONS {
                    acc[i][j] = q.mul_add(keys[j], acc[i][j]);
                }
            }
        }
        for i in 0..N {
            scores[i * stride + piece.position..][..POSITIONS].copy_from_slice(&acc[i]);
        }
    }
}

/// Scores to probabilities over the positions that are visible; 0 for all others of the pieces.
#[inline(always)]
fn soft_max(scores: &mut [f32], visible: Range<usize>, pieces: &[Piece], scale: f32, cap: Option<f32>) {
    let seen = &mut scores[visible.clone()];
    seen.iter_mut().for_each(|x| *x *= scale);
    if let Some(cap) = cap {
        soft_cap(seen, cap);
    }
    let top = max(seen);
    seen.iter_mut().for_each(|x| *x = exp(*x - top));
    let by = 1.0 / sum(seen);
    seen.iter_mut().for_each(|x| *x *= by);
    if let (Some(first), Some(last)) = (pieces.first(), pieces.last()) {
        scores[first.position.min(visible.start)..visible.start].fill(0.0);
        scores[visible.end..last.position + POSITIONS].fill(0.0);
    }
}

/// Dimensions that are summed side by side.
const DIMS: usize = 16;

/// Adds the values, weighted by the probabilities, to `N` rows of the output.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn mix<const N: usize>(
    out: &mut [f32],
    place: impl Fn(usize) -> usize,
    probabilities: &[f32],
    stride: usize,
    pieces: &[Piece],
    cache: &KvCache,
    layer: usize,
    kv_head: usize,
    head_dim: usize,
) {
    let whole = head_dim / DIMS * DIMS;
    for at in (0..whole).step_by(DIMS) {
        let mut acc = [[0.0f32; DIMS]; N];
        for piece in pieces {
            let values = cache.values(layer, piece.block, kv_head);
            for slot in 0..piece.count {
                let values: &[f32; DIMS] =
                    values[slot * head_dim + at..][..DIMS].try_into().expect("a slice of this length");
                for i in 0..N {
                    let p = probabilities[i * stride + piece.position + slot];
                    for j in 0..DIMS {
                        acc[i][j] = p.mul_add(values[j], acc[i][j]);
                    }
                }
            }
        }
        for i in 0..N {
            out[place(i) + at..][..DIMS].copy_from_slice(&acc[i]);
        }
    }
    for at in whole..head_dim {
        for i in 0..N {
            let mut acc = 0.0f32;
            for piece in pieces {
                let values = cache.values(layer, piece.block, kv_head);
                for slot in 0..piece.count {
                    let p = probabilities[i * stride + piece.position + slot];
                    acc = p.mul_add(values[slot * head_dim + at], acc);
                }
            }
            out[place(i) + at] = acc;
        }
    }
}
