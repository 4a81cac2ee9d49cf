//! The backward pass.

use super::{Batch, Decoder, Workspace};
use crate::math::matmul::{Into, linear_backward};
use crate::math::{attention, gelu, layer_norm, rotary::Turn};
use std::ops::Range;

/// Two neighbouring ranges of the gradient buffer, both to be written.
fn pair<'g>(grads: &'g mut [f32], first: &Range<usize>, second: &Range<usize>) -> (&'g mut [f32], &'g mut [f32]) {
    let (head, tail) = grads[first.start..second.end].split_at_mut(second.start - first.start);
    (&mut head[..first.len()], tail)
}

impl Decoder {
    /// Adds the gradients to `grads`, starting from the gradient of the logits in `ws.logits`.
    pub(super) fn backward(&self, params: &[f32], batch: &Batch<'_>, grads: &mut [f32], ws: &mut Workspace) {
        let c = &self.config;
        let layout = &self.layout;
        let (n, d, m) = (batch.tokens.len(), c.hidden_size, c.intermediate_size);
        ws.resize_backward(c, n);
        let p = |r: &Range<usize>| &params[r.clone()];

        let (dw, db) = pair(grads, &layout.head_weight, &layout.head_bias);
        let head = p(&layout.head_weight);
        linear_backward(&mut ws.dnorm, Into::Set, dw, db, &ws.logits, &ws.last_norm, head, n, d, c.vocab_size);
        let (dw, db) = pair(grads, &layout.final_norm_weight, &layout.final_norm_bias);
        ws.dx.fill(0.0);
        let weight = p(&layout.final_norm_weight);
        layer_norm::backward(&mut ws.dx, dw, db, &ws.dnorm, &ws.last, weight, &ws.last_stats);

        for (s, r) in ws.layers.iter().zip(&layout.layers).rev() {
            let (dw, db) = pair(grads, &r.fc2_weight, &r.fc2_bias);
            linear_backward(&mut ws.dinner, Into::Set, dw, db, &ws.dx, &s.active, p(&r.fc2_weight), n, m, d);
            gelu::backward(&mut ws.dinner, &s.inner);
            let (dw, db) = pair(grads, &r.fc1_weight, &r.fc1_bias);
            linear_backward(&mut ws.dnorm, Into::Set, dw, db, &ws.dinner, &s.norm, p(&r.fc1_weight), n, d, m);

            // The inner gradient is done with; its memory takes the attention output's.
            let dattended = &mut ws.dinner[..n * d];
            let (dw, db) = pair(grads, &r.dense_weight, &r.dense_bias);
            linear_backward(dattended, Into::Set, dw, db, &ws.dx, &s.attended, p(&r.dense_weight), n, d, d);
            let shape = self.attention_shape();
            attention::backward(&mut ws.dqkv, dattended, &s.attended, &s.lse, &s.qkv, batch.segments, shape);
            self.turn(&mut ws.dqkv, batch.segments, Turn::Back);
            let (dw, db) = pair(grads, &r.qkv_weight, &r.qkv_bias);
            linear_backward(&mut ws.dnorm, Into::Add, dw, db, &ws.dqkv, &s.norm, p(&r.qkv_weight), n, d, 3 * d);

            let (dw, db) = pair(grads, &r.norm_weight, &r.norm_bias);
            layer_norm::backward(&mut ws.dx, dw, db, &ws.dnorm, &s.x, p(&r.norm_weight), &s.stats);
        }

        let table = &mut grads[layout.embed.clone()];
        for (row, &token) in ws.dx.chunks_exact(d).zip(batch.tokens) {
            let at = token as usize * d;
            for (g, x) in table[at..at + d].iter_mut().zip(row) {
                *g += x;
            }
        }
    }
}
