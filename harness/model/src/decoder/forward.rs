//! The forward pass.

use super::{Batch, Decoder, Op, Workspace};
use crate::math::attention::{self, Pass};
use crate::math::dropout::{Drop, Dropout, Site};
use crate::math::elementwise::add_rows;
use crate::math::matmul::{linear, linear_add};
use crate::math::{gelu, layer_norm, rotary::Turn};
use std::ops::Range;

impl Decoder {
    /// Fills the workspace up to the logits.
    pub(super) fn forward(&self, params: &[f32], batch: &Batch<'_>, dropout: Option<&Dropout>, ws: &mut Workspace) {
        self.trunk(params, batch.tokens, batch.segments, dropout, ws);
        ws.logits.resize(batch.tokens.len() * self.config.vocab_size, 0.0);
        self.head(params, &ws.last_norm, &mut ws.logits);
        ws.times.lap(Op::Head);
    }

    /// Fills the workspace up to the last LayerNorm.
    pub(super) fn trunk(
        &self,
        params: &[f32],
        tokens: &[u32],
        segments: &[Range<usize>],
        dropout: Option<&Dropout>,
        ws: &mut Workspace,
    ) {
        let drop_at = |site| dropout.and_then(|dropout| dropout.at(site));
        let c = &self.config;
        let (n, d, m) = (tokens.len(), c.hidden_size, c.intermediate_size);
        let eps = c.layer_norm_eps as f32;
        ws.resize_forward(c, n);
        let times = &mut ws.times;
        times.begin();
        self.embed(params, tokens, &mut ws.layers[0].x);
        if let Some(drop) = drop_at(Site::Embedding) {
            drop.apply_rows(&mut ws.layers[0].x, d);
        }
        times.lap(Op::Embedding);
        for (l, ranges) in self.layout.layers.iter().enumerate() {
            let (before, after) = ws.layers.split_at_mut(l + 1);
            let s = &mut before[l];
            let next = after.first_mut().map_or(&mut ws.last, |s| &mut s.x);
            let p = |r: &Range<usize>| &params[r.clone()];
            layer_norm::forward(&mut s.norm, &mut s.stats, &s.x, p(&ranges.norm_weight), p(&ranges.norm_bias), eps);
            times.lap(Op::LayerNorm);
            linear(&mut s.qkv, &s.norm, p(&ranges.qkv_weight), p(&ranges.qkv_bias), n, d, 3 * d);
            times.lap(Op::Qkv);
            self.turn(&mut s.qkv, segments, Turn::Forward);
            times.lap(Op::Rotary);
            let (shape, drops) = (self.attention_shape(), self.attention_drops(dropout, l));
            attention::forward(&mut s.attended, &mut s.lse, &s.qkv, &Pass { segments, shape, drops: &drops });
            times.lap(Op::Attention);
            linear(&mut s.inner, &s.norm, p(&ranges.fc1_weight), p(&ranges.fc1_bias), n, d, m);
            times.lap(Op::MlpUp);
            gelu::forward(&mut s.active, &s.inner);
            times.lap(Op::Gelu);
            next.copy_from_slice(&s.x);
            let dense = (p(&ranges.dense_weight), p(&ranges.dense_bias));
            let sum = &mut ws.branch;
            linear_add_dropped(next, &s.attended, dense, (n, d, d), drop_at(Site::AttentionOutput { layer: l }), sum);
            times.lap(Op::Dense);
            let fc2 = (p(&ranges.fc2_weight), p(&ranges.fc2_bias));
            linear_add_dropped(next, &s.active, fc2, (n, m, d), drop_at(Site::Mlp { layer: l }), sum);
            times.lap(Op::MlpDown);
        }
        let weight = &params[self.layout.final_norm_weight.clone()];
        let bias = &params[self.layout.final_norm_bias.clone()];
        layer_norm::forward(&mut ws.last_norm, &mut ws.last_stats, &ws.last, weight, bias, eps);
        ws.times.lap(Op::LayerNorm);
    }

    /// The logits of normalised rows: `logits[rows, vocab]` from `norm[rows, hidden]`.
    pub(crate) fn head(&self, params: &[f32], norm: &[f32], logits: &mut [f32]) {
        let (d, v) = (self.config.hidden_size, self.config.vocab_size);
        let (weight, bias) = (&params[self.layout.head_weight.clone()], &params[self.layout.head_bias.clone()]);
        linear(logits, norm, weight, bias, norm.len() / d, d, v);
    }

    /// Looks the tokens up: `x[tokens, hidden]`.
    pub(crate) fn embed(&self, params: &[f32], tokens: &[u32], x: &mut [f32]) {
        let d = self.config.hidden_size;
        let table = &params[self.layout.embed.clone()];
        for (row, &token) in x.chunks_exact_mut(d).zip(tokens) {
            row.copy_from_slice(&table[token as usize * d..(token as usize + 1) * d]);
        }
    }

    /// Turns queries and keys by their position within their segment.
    pub(super) fn turn(&self, qkv: &mut [f32], segments: &[Range<usize>], turn: Turn) {
        let d = self.config.hidden_size;
        for segment in segments {
            for token in segment.clone() {
                let row = &mut qkv[token * 3 * d..token * 3 * d + 2 * d];
                self.rotary.turn(row, token - segment.start, turn);
            }
        }
    }
}

/// Adds what a branch makes to the residual stream, some of it dropped: `out[n, o] += drop(x[n, i] w[o, i]^T + bias[o])`.
/// `branch` is memory for it where something is dropped.
fn linear_add_dropped(
    out: &mut [f32],
    x: &[f32],
    (weight, bias): (&[f32], &[f32]),
    (n, i, o): (usize, usize, usize),
    drop: Option<Drop>,
    branch: &mut Vec<f32>,
) {
    let Some(drop) = drop else { return linear_add(out, x, weight, bias, n, i, o) };
    branch.resize(n * o, 0.0);
    linear(branch, x, weight, bias, n, i, o);
    drop.apply_rows(branch, o);
    add_rows(out, branch);
}
