//! The backward pass.

use super::{Batch, Decoder, Op, Workspace};
use crate::math::attention::{self, Pass};
use crate::math::dropout::{Drop, Dropout, Site};
use crate::math::matmul::{Into, linear_backward};
use crate::math::{gelu, layer_norm, rotary::Turn};
use std::ops::Range;

/// Two neighbouring ranges of the gradient buffer, both to be written.
fn pair<'g>(grads: &'g mut [f32], first: &Range<usize>, second: &Range<usize>) -> (&'g mut [f32], &'g mut [f32]) {
    let (head, tail) = grads[first.start..second.end].split_at_mut(second.start - first.start);
    (&mut head[..first.len()], tail)
}

/// The gradient of a branch that some numbers of were dropped: that of the residual stream where nothing was.
fn dropped<'b>(dx: &'b [f32], drop: Option<Drop>, width: usize, branch: &'b mut Vec<f32>) -> &'b [f32] {
    let Some(drop) = drop else { return dx };
    branch.clear();
    branch.extend_from_slice(dx);
    drop.apply_rows(branch, width);
    branch
}

impl Decoder {
    /// Adds the gradients to `grads`, starting from the gradient of the logits in `ws.logits`.
    pub(super) fn backward(
        &self,
        params: &[f32],
        batch: &Batch<'_>,
        dropout: Option<&Dropout>,
        grads: &mut [f32],
        ws: &mut Workspace,
    ) {
        let c = &self.config;
        let layout = &self.layout;
        let (n, d, m) = (batch.tokens.len(), c.hidden_size, c.intermediate_size);
        ws.resize_backward(c, n);
        let drop_at = |site| dropout.and_then(|dropout| dropout.at(site));
        let p = |r: &Range<usize>| &params[r.clone()];

        let (dw, db) = pair(grads, &layout.head_weight, &layout.head_bias);
        let head = p(&layout.head_weight);
        let times = &mut ws.times;
        linear_backward(&mut ws.dnorm, Into::Set, dw, db, &ws.logits, &ws.last_norm, head, n, d, c.vocab_size);
        times.lap(Op::Head);
        let (dw, db) = pair(grads, &layout.final_norm_weight, &layout.final_norm_bias);
        ws.dx.fill(0.0);
        let weight = p(&layout.final_norm_weight);
        layer_norm::backward(&mut ws.dx, dw, db, &ws.dnorm, &ws.last, weight, &ws.last_stats);
        times.lap(Op::LayerNorm);

        for (l, (s, r)) in ws.layers.iter().zip(&layout.layers).enumerate().rev() {
            let (dw, db) = pair(grads, &r.fc2_weight, &r.fc2_bias);
            let dbranch = dropped(&ws.dx, drop_at(Site::Mlp { layer: l }), d, &mut ws.branch);
            linear_backward(&mut ws.dinner, Into::Set, dw, db, dbranch, &s.active, p(&r.fc2_weight), n, m, d);
            times.lap(Op::MlpDown);
            gelu::backward(&mut ws.dinner, &s.inner);
            times.lap(Op::Gelu);
            let (dw, db) = pair(grads, &r.fc1_weight, &r.fc1_bias);
            linear_backward(&mut ws.dnorm, Into::Set, dw, db, &ws.dinner, &s.norm, p(&r.fc1_weight), n, d, m);
            times.lap(Op::MlpUp);

            // The inner gradient is done with; its memory takes the attention output's.
            let dattended = &mut ws.dinner[..n * d];
            let (dw, db) = pair(grads, &r.dense_weight, &r.dense_bias);
            let dbranch = dropped(&ws.dx, drop_at(Site::AttentionOutput { layer: l }), d, &mut ws.branch);
            linear_backward(dattended, Into::Set, dw, db, dbranch, &s.attended, p(&r.dense_weight), n, d, d);
            times.lap(Op::Dense);
            let drops = self.attention_drops(dropout, l);
            let pass = Pass { segments: batch.segments, shape: self.attention_shape(), drops: &drops };
            attention::backward(&mut ws.dqkv, dattended, &s.attended, &s.lse, &s.qkv, &pass);
            times.lap(Op::Attention);
            self.turn(&mut ws.dqkv, batch.segments, Turn::Back);
            times.lap(Op::Rotary);
            let (dw, db) = pair(grads, &r.qkv_weight, &r.qkv_bias);
            linear_backward(&mut ws.dnorm, Into::Add, dw, db, &ws.dqkv, &s.norm, p(&r.qkv_weight), n, d, 3 * d);
            times.lap(Op::Qkv);

            let (dw, db) = pair(grads, &r.norm_weight, &r.norm_bias);
            layer_norm::backward(&mut ws.dx, dw, db, &ws.dnorm, &s.x, p(&r.norm_weight), &s.stats);
            times.lap(Op::LayerNorm);
        }

        if let Some(drop) = drop_at(Site::Embedding) {
            drop.apply_rows(&mut ws.dx, d);
        }
        let table = &mut grads[layout.embed.clone()];
        for (row, &token) in ws.dx.chunks_exact(d).zip(batch.tokens) {
            let at = token as usize * d;
            for (g, x) in table[at..at + d].iter_mut().zip(row) {
                *g += x;
            }
        }
        times.lap(Op::Embedding);
    }
}
