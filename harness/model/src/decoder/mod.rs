//! The trainable Phi decoder: forward and hand-written backward over ragged batches of tokens.
//!
//! A block is `x + attention(norm(x)) + mlp(norm(x))` with one LayerNorm, biases everywhere, partial rotary position
//! embedding, and an untied head with a bias (Gunasekar et al. 2023, section 2.3).

mod backward;
mod forward;
mod op_times;
mod workspace;

pub use op_times::{Op, OpTimes};
pub use workspace::Workspace;

use crate::math::dropout::{Drop, Dropout, Site};
use crate::math::{attention::Shape, cross_entropy::cross_entropy, rotary::Rotary};
use crate::{ParamLayout, PhiConfig};
use std::ops::Range;

/// Tokens to train on or to be scored.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Input tokens of all sequences, one after the other, `[tokens]`.
    pub tokens: &'a [u32],
    /// The token that should come next at each place, `[tokens]`.
    pub targets: &'a [u32],
    /// How much each target counts, `[tokens]`; 0 leaves it out.
    pub weights: &'a [f32],
    /// The sequences: each attends within itself only, its positions from 0. They cover the tokens in order.
    pub segments: &'a [Range<usize>],
}

/// The Phi decoder of one shape; parameters and memory are passed in.
#[derive(Debug, Clone)]
pub struct Decoder {
    config: PhiConfig,
    layout: ParamLayout,
    rotary: Rotary,
}

impl Decoder {
    /// A decoder of this shape.
    pub fn new(config: &PhiConfig) -> Decoder {
        Decoder { config: config.clone(), layout: ParamLayout::new(config), rotary: Rotary::new(config) }
    }

    /// The shape of the model.
    pub fn config(&self) -> &PhiConfig {
        &self.config
    }

    /// Where each parameter lies in the flat buffer.
    pub fn layout(&self) -> &ParamLayout {
        &self.layout
    }

    fn attention_shape(&self) -> Shape {
        Shape { heads: self.config.num_heads, head_dim: self.config.head_dim() }
    }

    /// What is dropped of each head's attention in a layer; empty where nothing is.
    fn attention_drops(&self, dropout: Option<&Dropout>, layer: usize) -> Vec<Drop> {
        let heads = 0..self.config.num_heads;
        heads.filter_map(|head| dropout?.at(Site::Attention { layer, head })).collect()
    }

    /// The sum of the weighted losses, in nats.
    pub fn loss(&self, params: &[f32], batch: &Batch<'_>, ws: &mut Workspace) -> f64 {
        self.loss_dropped(params, batch, None, ws)
    }

    /// [`loss`](Self::loss) with dropout.
    pub fn loss_dropped(
        &self,
        params: &[f32],
        batch: &Batch<'_>,
        dropout: Option<&Dropout>,
        ws: &mut Workspace,
    ) -> f64 {
        self.check(params, batch);
        self.forward(params, batch, dropout, ws);
        let loss = cross_entropy(&mut ws.logits, batch.targets, batch.weights, self.config.vocab_size, None);
        ws.times.lap(Op::CrossEntropy);
        loss
    }

    /// The sum of the weighted losses, in nats; adds the gradient of `scale` times that sum to `grads`.
    pub fn loss_and_gradients(
        &self,
        params: &[f32],
        batch: &Batch<'_>,
        scale: f32,
        grads: &mut [f32],
        ws: &mut Workspace,
    ) -> f64 {
        self.loss_and_gradients_dropped(params, batch, None, scale, grads, ws)
    }

    /// [`loss_and_gradients`](Self::loss_and_gradients) with dropout.
    pub fn loss_and_gradients_dropped(
        &self,
        params: &[f32],
        batch: &Batch<'_>,
        dropout: Option<&Dropout>,
        scale: f32,
        grads: &mut [f32],
        ws: &mut Workspace,
    ) -> f64 {
        self.check(params, batch);
        assert_eq!(grads.len(), params.len(), "gradients lie as the parameters do");
        self.forward(params, batch, dropout, ws);
        let loss = cross_entropy(&mut ws.logits, batch.targets, batch.weights, self.config.vocab_size, Some(scale));
        ws.times.lap(Op::CrossEntropy);
        self.backward(params, batch, dropout, grads, ws);
        loss
    }

    /// The logits of a batch, `[tokens, vocab]`.
    pub fn logits<'w>(
        &self,
        params: &[f32],
        tokens: &[u32],
        segments: &[Range<usize>],
        ws: &'w mut Workspace,
    ) -> &'w [f32] {
        let batch = Batch { tokens, targets: tokens, weights: &[], segments };
        self.forward(params, &batch, None, ws);
        &ws.logits
    }

    /// The normalised output of the last block, `[tokens, hidden]`: what the model makes of each token in its context.
    pub fn hidden<'w>(
        &self,
        params: &[f32],
        tokens: &[u32],
        segments: &[Range<usize>],
        ws: &'w mut Workspace,
    ) -> &'w [f32] {
        self.trunk(params, tokens, segments, None, ws);
        &ws.last_norm
    }

    fn check(&self, params: &[f32], batch: &Batch<'_>) {
        assert_eq!(params.len(), self.layout.len(), "the buffer must hold the model's parameters");
        let n = batch.tokens.len();
        assert!(batch.targets.len() == n && batch.weights.len() == n, "every token has a target and a weight");
        assert_eq!(batch.segments.last().map_or(0, |s| s.end), n, "the segments must cover the tokens");
    }
}
