//! Sequences that grow together: padded on the left, so that all take their next token in the same column of the cache.

use super::{PhiOnDevice, unavailable};
use crate::ops::attention::{Heads, mix, probabilities, split};
use crate::ops::linear;
use crate::rows::{RowsBuilder, left_padding_mask};
use crate::weights::LayerSlots;
use candle_core::{IndexOp, Result, Tensor};
use phi_model::DeviceDecoding;
use phi_suites::ModelError;

/// Keys and values of one block, `[batch, heads, columns, head_dim]`.
#[derive(Debug)]
struct Cache {
    keys: Tensor,
    values: Tensor,
}

/// The running sequences of one group.
#[derive(Debug)]
pub(super) struct Decoding<'m> {
    model: &'m PhiOnDevice,
    caches: Vec<Cache>,
    /// Columns that are filled.
    columns: usize,
    /// Columns before each sequence's first token.
    padding: Vec<usize>,
    logits: Vec<f32>,
}

impl PhiOnDevice {
    /// Reads prompts, and makes room for so many tokens behind each.
    pub(super) fn prefill(&self, prompts: &[&[u32]], room: usize) -> Result<Decoding<'_>> {
        let len = prompts.iter().map(|p| p.len()).max().unwrap_or(0);
        let padding: Vec<usize> = prompts.iter().map(|p| len - p.len()).collect();
        let mut rows = RowsBuilder::default();
        for (prompt, pad) in prompts.iter().zip(&padding) {
            rows.pad(*pad);
            rows.push(prompt);
        }
        let rows = rows.build(&self.network.config, &self.network.table, len, &self.on.device)?;
        let mut caches = Vec::with_capacity(self.network.config.num_layers);
        let x = self.network.blocks(&self.weights, &rows, &mut |block| {
            let cache = |filled: &Tensor| {
                let (batch, heads, _, head_dim) = filled.dims4()?;
                let whole = Tensor::zeros((batch, heads, len + room, head_dim), filled.dtype(), filled.device())?;
                whole.slice_set(filled, 2, 0)?;
                Ok::<_, candle_core::Error>(whole)
            };
            caches.push(Cache { keys: cache(&block.qkv.k)?, values: cache(&block.qkv.v)? });
            Ok(())
        })?;
        let last: Vec<u32> = (1..=prompts.len()).map(|row| (row * len - 1) as u32).collect();
        let x = x.index_select(&Tensor::from_vec(last, prompts.len(), &self.on.device)?, 0)?;
        let logits = self.logits(&x)?.flatten_all()?.to_vec1()?;
        Ok(Decoding { model: self, caches, columns: len, padding, logits })
    }
}

impl Decoding<'_> {
    fn keep(&mut self, kept: &[usize]) -> Result<()> {
        let device = &self.model.on.device;
        let index = Tensor::from_vec(kept.iter().map(|&i| i as u32).collect::<Vec<_>>(), kept.len(), device)?;
        for cache in &mut self.caches {
            cache.keys = cache.keys.index_select(&index, 0)?;
            cache.values = cache.values.index_select(&index, 0)?;
        }
        self.padding = kept.iter().map(|&i| self.padding[i]).collect();
        Ok(())
    }

    fn advance(&mut self, tokens: &[u32]) -> Result<()> {
        let PhiOnDevice { on, network, weights } = self.model;
        let batch = tokens.len();
        let heads = Heads { batch, len: 1, heads: network.config.num_heads, head_dim: network.config.head_dim() };
        let positions: Vec<u32> = self.padding.iter().map(|pad| (self.columns - pad) as u32).collect();
        let rotary = network.table.at(&Tensor::from_vec(positions, batch, &on.device)?)?;
        let columns = self.columns + 1;
        let mask = left_padding_mask(&self.padding, columns, &on.device)?;
        let mut x = network.embed(weights, &Tensor::new(tokens, &on.device)?)?;
        for (layer, cache) in self.caches.iter().enumerate() {
            let at = LayerSlots::new(layer);
            let (_, norm) = network.norm(weights, at.norm(), &x)?;
            let (weight, bias) = weights.pair(at.qkv());
            let qkv = split(&linear::forward(&norm, weight, bias)?, &rotary, heads, network.dtype)?;
            cache.keys.slice_set(&qkv.k, 2, self.columns)?;
            cache.values.slice_set(&qkv.v, 2, self.columns)?;
            let seen = |whole: &Tensor| whole.i((.., .., ..columns));
            let p = probabilities(&qkv.q, &seen(&cache.keys)?, &mask)?;
            let mixed = mix(&p, &seen(&cache.values)?, heads)?;
            let (_, active) = network.inner(weights, at, &norm)?;
            x = network.join(weights, at, &x, &mixed, &active)?;
        }
        self.columns = columns;
        self.logits = self.model.logits(&x)?.flatten_all()?.to_vec1()?;
        Ok(())
    }
}

impl DeviceDecoding for Decoding<'_> {
    fn logits(&self) -> &[f32] {
        &self.logits
    }

    fn step(&mut self, kept: &[usize], tokens: &[u32]) -> std::result::Result<(), ModelError> {
        if kept.len() < self.padding.len() {
            self.keep(kept).map_err(unavailable)?;
        }
        self.advance(tokens).map_err(unavailable)
    }
}
