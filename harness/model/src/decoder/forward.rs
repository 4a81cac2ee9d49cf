//! The forward pass.

use super::{Batch, Decoder, Workspace};
use crate::math::matmul::{linear, linear_add};
use crate::math::{attention, gelu, layer_norm, rotary::Turn};
use std::ops::Range;

impl Decoder {
    /// Fills the workspace up to the logits.
    pub(super) fn forward(&self, params: &[f32], batch: &Batch<'_>, ws: &mut Workspace) {
        self.trunk(params, batch.tokens, batch.segments, ws);
        ws.logits.resize(batch.tokens.len() * self.config.vocab_size, 0.0);
        self.head(params, &ws.last_norm, &mut ws.logits);
    }

    /// Fills the workspace up to the last LayerNorm.
    pub(crate) fn trunk(&self, params: &[f32], tokens: &[u32], segments: &[Range<usize>], ws: &mut Workspace) {
        let c = &self.config;
        let (n, d, m) = (tokens.len(), c.hidden_size, c.intermediate_size);
        let eps = c.layer_norm_eps as f32;
        ws.resize_forward(c, n);
        self.embed(params, tokens, &mut ws.layers[0].x);
        for (l, ranges) in self.layout.layers.iter().enumerate() {
            let (before, after) = ws.layers.split_at_mut(l + 1);
            let s = &mut before[l];
            let next = after.first_mut().map_or(&mut ws.last, |s| &mut s.x);
            let p = |r: &Range<usize>| &params[r.clone()];
            layer_norm::forward(&mut s.norm, &mut s.stats, &s.x, p(&ranges.norm_weight), p(&ranges.norm_bias), eps);
            linear(&mut s.qkv, &s.norm, p(&ranges.qkv_weight), p(&ranges.qkv_bias), n, d, 3 * d);
            self.turn(&mut s.qkv, segments, Turn::Forward);
            attention::forward(&mut s.attended, &mut s.lse, &s.qkv, segments, self.attention_shape());
            linear(&mut s.inner, &s.norm, p(&ranges.fc1_weight), p(&ranges.fc1_bias), n, d, m);
            gelu::forward(&mut s.active, &s.inner);
            next.copy_from_slice(&s.x);
            linear_add(next, &s.attended, p(&ranges.dense_weight), p(&ranges.dense_bias), n, d, d);
            linear_add(next, &s.active, p(&ranges.fc2_weight), p(&ranges.fc2_bias), n, m, d);
        }
        let weight = &params[self.layout.final_norm_weight.clone()];
        let bias = &params[self.layout.final_norm_bias.clone()];
        layer_norm::forward(&mut ws.last_norm, &mut ws.last_stats, &ws.last, weight, bias, eps);
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
