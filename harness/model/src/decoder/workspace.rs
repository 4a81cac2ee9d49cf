//! Memory that one forward and backward pass works in, kept between steps.

use super::OpTimes;
use crate::PhiConfig;

/// What a block keeps of its forward pass for the backward one.
#[derive(Debug, Default)]
pub(super) struct LayerState {
    /// Input of the block, `[tokens, hidden]`.
    pub x: Vec<f32>,
    /// Mean and reciprocal standard deviation of each row.
    pub stats: Vec<[f32; 2]>,
    /// The normalised input, `[tokens, hidden]`.
    pub norm: Vec<f32>,
    /// Rotated queries and keys, and values, `[tokens, 3 hidden]`.
    pub qkv: Vec<f32>,
    /// Log-sum-exp of the attention scores, `[tokens, heads]`.
    pub lse: Vec<f32>,
    /// Output of the attention before its projection, `[tokens, hidden]`.
    pub attended: Vec<f32>,
    /// Inner layer before the activation, `[tokens, intermediate]`.
    pub inner: Vec<f32>,
    /// Inner layer after it, `[tokens, intermediate]`.
    pub active: Vec<f32>,
}

/// Memory for passes over up to as many tokens as it has seen; grows when needed.
#[derive(Debug, Default)]
pub struct Workspace {
    pub(super) layers: Vec<LayerState>,
    pub(super) last: Vec<f32>,
    pub(super) last_stats: Vec<[f32; 2]>,
    pub(super) last_norm: Vec<f32>,
    pub(super) logits: Vec<f32>,
    pub(super) dx: Vec<f32>,
    pub(super) dnorm: Vec<f32>,
    pub(super) dqkv: Vec<f32>,
    pub(super) dinner: Vec<f32>,
    /// What a branch adds to the residual stream, or its gradient, where some of it is dropped.
    pub(super) branch: Vec<f32>,
    pub(super) times: OpTimes,
}

impl Workspace {
    /// An empty workspace.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// Bytes that a pass over so many tokens will take, forward and backward, without dropout.
    pub fn forecast_bytes(config: &PhiConfig, tokens: usize) -> usize {
        let (d, m, v) = (config.hidden_size, config.intermediate_size, config.vocab_size);
        let layer = 6 * d + 2 * m + config.num_heads + 2;
        let own = 7 * d + m + v + 2;
        tokens * (config.num_layers * layer + own) * size_of::<f32>()
    }

    /// Where the time of its passes went.
    pub fn times(&self) -> &OpTimes {
        &self.times
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        let layers: usize = self
            .layers
            .iter()
            .map(|l| {
                let floats = [&l.x, &l.norm, &l.qkv, &l.lse, &l.attended, &l.inner, &l.active];
                floats.iter().map(|v| v.capacity() * 4).sum::<usize>() + l.stats.capacity() * 8
            })
            .sum();
        let own =
            [&self.last, &self.last_norm, &self.logits, &self.dx, &self.dnorm, &self.dqkv, &self.dinner, &self.branch];
        layers + own.iter().map(|v| v.capacity() * 4).sum::<usize>() + self.last_stats.capacity() * 8
    }

    /// Makes every buffer of the forward pass as long as `n` tokens need.
    pub(super) fn resize_forward(&mut self, config: &PhiConfig, n: usize) {
        let (d, m) = (config.hidden_size, config.intermediate_size);
        self.layers.resize_with(config.num_layers, LayerState::default);
        for layer in &mut self.layers {
            layer.x.resize(n * d, 0.0);
            layer.stats.resize(n, [0.0; 2]);
            layer.norm.resize(n * d, 0.0);
            layer.qkv.resize(n * 3 * d, 0.0);
            layer.lse.resize(n * config.num_heads, 0.0);
            layer.attended.resize(n * d, 0.0);
            layer.inner.resize(n * m, 0.0);
            layer.active.resize(n * m, 0.0);
        }
        self.last.resize(n * d, 0.0);
        self.last_stats.resize(n, [0.0; 2]);
        self.last_norm.resize(n * d, 0.0);
    }

    /// Makes every buffer of the backward pass as long as `n` tokens need.
    pub(super) fn resize_backward(&mut self, config: &PhiConfig, n: usize) {
        let (d, m) = (config.hidden_size, config.intermediate_size);
        self.dx.resize(n * d, 0.0);
        self.dnorm.resize(n * d, 0.0);
        self.dqkv.resize(n * 3 * d, 0.0);
        self.dinner.resize(n * m, 0.0);
    }
}
