//! The forward pass of a Phi: `x + attention(norm(x)) + mlp(norm(x))` in each block, with one LayerNorm, biases
//! everywhere, partial rotary embedding, and an untied head with a bias (Gunasekar et al. 2023, section 2.3).

use crate::Accelerator;
use crate::ops::attention::{Qkv, mix, probabilities, split};
use crate::ops::layer_norm::Stats;
use crate::ops::rotary::RotaryTable;
use crate::ops::{gelu, layer_norm, linear};
use crate::rows::Rows;
use crate::weights::{EMBEDDING, LayerSlots, Weights, final_norm, head};
use candle_core::{DType, Result, Tensor};
use phi_model::PhiConfig;

/// The forward pass of one shape on one device; weights are passed in.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub config: PhiConfig,
    pub dtype: DType,
    pub table: RotaryTable,
}

/// What a block keeps for its gradient. `[n, ...]`; factors are in the products' format.
#[derive(Debug)]
pub(crate) struct BlockState {
    pub x: Tensor,
    pub stats: Stats,
    pub norm: Tensor,
    pub qkv: Qkv,
    pub p: Tensor,
    pub mixed: Tensor,
    pub inner: Tensor,
    pub active: Tensor,
}

/// The last LayerNorm's input, its statistics and its output in the products' format.
#[derive(Debug)]
pub(crate) struct Trunk {
    pub x: Tensor,
    pub stats: Stats,
    pub norm: Tensor,
}

impl Network {
    pub(crate) fn new(config: &PhiConfig, on: &Accelerator) -> Result<Network> {
        let table = RotaryTable::new(config, &on.device)?;
        Ok(Network { config: config.clone(), dtype: on.factor_dtype(), table })
    }

    /// All blocks and the last LayerNorm.
    pub(crate) fn trunk(&self, w: &Weights, rows: &Rows, keep: &mut dyn FnMut(BlockState)) -> Result<Trunk> {
        let x = self.blocks(w, rows, &mut |block| {
            keep(block);
            Ok(())
        })?;
        let (stats, norm) = self.norm(w, final_norm(self.config.num_layers), &x)?;
        Ok(Trunk { x, stats, norm })
    }

    /// The residual stream behind all blocks, `[n, hidden]`. Each block's state is handed to `keep`, for the gradient or the
    /// cache, and dropped where it isn't kept.
    pub(crate) fn blocks(
        &self,
        w: &Weights,
        rows: &Rows,
        keep: &mut dyn FnMut(BlockState) -> Result<()>,
    ) -> Result<Tensor> {
        let mut x = self.embed(w, &rows.tokens)?;
        for layer in 0..self.config.num_layers {
            let at = LayerSlots::new(layer);
            let (stats, norm) = self.norm(w, at.norm(), &x)?;
            let (weight, bias) = w.pair(at.qkv());
            let qkv = split(&linear::forward(&norm, weight, bias)?, &rows.rotary, rows.heads, self.dtype)?;
            let p = probabilities(&qkv.q, &qkv.k, &rows.mask)?;
            let mixed = mix(&p, &qkv.v, rows.heads)?;
            let (inner, active) = self.inner(w, at, &norm)?;
            let next = self.join(w, at, &x, &mixed, &active)?;
            keep(BlockState { x, stats, norm, qkv, p, mixed, inner, active })?;
            x = next;
        }
        Ok(x)
    }

    /// `[n, hidden]` of `tokens[n]`.
    pub(crate) fn embed(&self, w: &Weights, tokens: &Tensor) -> Result<Tensor> {
        w.get(EMBEDDING).index_select(tokens, 0)
    }

    /// A LayerNorm's statistics, and its output in the products' format.
    pub(crate) fn norm(&self, w: &Weights, at: (usize, usize), x: &Tensor) -> Result<(Stats, Tensor)> {
        let (weight, bias) = w.pair(at);
        let (y, stats) = layer_norm::forward(x, weight, bias, self.config.layer_norm_eps)?;
        Ok((stats, y.to_dtype(self.dtype)?))
    }

    /// The MLP's inner layer before and after its activation, in the products' format.
    pub(crate) fn inner(&self, w: &Weights, at: LayerSlots, norm: &Tensor) -> Result<(Tensor, Tensor)> {
        let (weight, bias) = w.pair(at.fc1());
        let inner = linear::forward(norm, weight, bias)?;
        let active = gelu::forward(&inner)?.to_dtype(self.dtype)?;
        Ok((inner.to_dtype(self.dtype)?, active))
    }

    /// The residual stream behind a block.
    pub(crate) fn join(
        &self,
        w: &Weights,
        at: LayerSlots,
        x: &Tensor,
        mixed: &Tensor,
        active: &Tensor,
    ) -> Result<Tensor> {
        let (dense, dense_bias) = w.pair(at.dense());
        let (fc2, fc2_bias) = w.pair(at.fc2());
        (x + linear::forward(mixed, dense, dense_bias)?)? + linear::forward(active, fc2, fc2_bias)?
    }

    /// The head's weight and bias.
    pub(crate) fn head<'w>(&self, w: &'w Weights) -> (&'w Tensor, &'w Tensor) {
        w.pair(head(self.config.num_layers))
    }
}
