//! Rows of tokens on a device.

use crate::ops::attention::Heads;
use crate::ops::rotary::{Rotary, RotaryTable};
use candle_core::{Device, Result, Tensor};
use phi_model::PhiConfig;

/// What stands in a mask for "doesn't see": its soft-max is 0, and no arithmetic on it gives NaN, as infinity's would.
const UNSEEN: f32 = -1e30;

/// Rows that are computed together: `batch` rows of `len` tokens.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub heads: Heads,
    /// `[batch * len]`, u32.
    pub tokens: Tensor,
    pub rotary: Rotary,
    /// 0 where a token sees another, [`UNSEEN`] where it doesn't: `[batch, 1, len, len]`.
    pub mask: Tensor,
}

/// Rows on their way to the device. A token sees those of the same sequence that don't come after it.
#[derive(Debug, Default)]
pub(crate) struct RowsBuilder {
    tokens: Vec<u32>,
    positions: Vec<u32>,
    sequences: Vec<u32>,
}

impl RowsBuilder {
    /// Adds a sequence behind what is there; its positions count from 0.
    pub(crate) fn push(&mut self, sequence: &[u32]) {
        let number = self.sequences.last().map_or(0, |last| last + 1);
        self.tokens.extend_from_slice(sequence);
        self.positions.extend(0..sequence.len() as u32);
        self.sequences.extend(std::iter::repeat_n(number, sequence.len()));
    }

    /// Adds tokens that no other sees, and whose results nobody asks for.
    pub(crate) fn pad(&mut self, count: usize) {
        self.push(&vec![0; count]);
    }

    /// The rows, each of `len` tokens, on the device.
    pub(crate) fn build(self, config: &PhiConfig, table: &RotaryTable, len: usize, device: &Device) -> Result<Rows> {
        let n = self.tokens.len();
        let batch = n / len;
        let rotary = table.at(&Tensor::from_vec(self.positions, n, device)?)?;
        let sequences = Tensor::from_vec(self.sequences, (batch, len), device)?;
        let mask = mask(&sequences, device)?;
        let heads = Heads { batch, len, heads: config.num_heads, head_dim: config.head_dim() };
        Ok(Rows { heads, tokens: Tensor::from_vec(self.tokens, n, device)?, rotary, mask })
    }
}

/// `[batch, 1, len, len]` from the sequences' numbers, `[batch, len]`; made on the device, since it is the largest input.
fn mask(sequences: &Tensor, device: &Device) -> Result<Tensor> {
    let (batch, len) = sequences.dims2()?;
    let same = sequences.unsqueeze(2)?.broadcast_eq(&sequences.unsqueeze(1)?)?;
    let index = Tensor::arange(0u32, len as u32, device)?;
    let before = index.unsqueeze(1)?.broadcast_ge(&index.unsqueeze(0)?)?;
    let seen = same.broadcast_mul(&before)?.reshape((batch, 1, len, len))?;
    let [yes, no] = [0.0, UNSEEN].map(|x| Tensor::new(x, device)?.broadcast_as((batch, 1, len, len)));
    seen.where_cond(&yes?, &no?)
}

/// `[batch, 1, 1, keys]`: the first `padding[row]` keys of each row are unseen.
pub(crate) fn left_padding_mask(padding: &[usize], keys: usize, device: &Device) -> Result<Tensor> {
    let row = |pad: &usize| (0..keys).map(|key| if key < *pad { UNSEEN } else { 0.0 }).collect::<Vec<f32>>();
    let values: Vec<f32> = padding.iter().flat_map(row).collect();
    Tensor::from_vec(values, (padding.len(), 1, 1, keys), device)
}
