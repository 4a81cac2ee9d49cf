//! Attention over rows of a batch, with a mask of what each token sees.

use super::product::product;
use super::rotary::Rotary;
use candle_core::{D, DType, Result, Tensor};

/// Shape of the heads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads {
    pub batch: usize,
    pub len: usize,
    pub heads: usize,
    pub head_dim: usize,
}

impl Heads {
    /// `[batch, heads, len, head_dim]`, dense, from `[n, heads, head_dim]`.
    fn split(self, x: &Tensor, dtype: DType) -> Result<Tensor> {
        x.reshape((self.batch, self.len, self.heads, self.head_dim))?.transpose(1, 2)?.to_dtype(dtype)?.contiguous()
    }

    /// `[n, heads, head_dim]` from `[batch, heads, len, head_dim]`.
    fn join(self, x: &Tensor) -> Result<Tensor> {
        x.transpose(1, 2)?.reshape((self.batch * self.len, self.heads, self.head_dim))
    }

    fn width(self) -> usize {
        self.heads * self.head_dim
    }

    /// Part 0, 1 or 2 (query, key, value) of `qkv[n, 3 width]` as `[n, heads, head_dim]`.
    fn part(self, qkv: &Tensor, part: usize) -> Result<Tensor> {
        let x = qkv.narrow(1, part * self.width(), self.width())?;
        x.reshape((self.batch * self.len, self.heads, self.head_dim))
    }
}

/// Turned and scaled queries, turned keys, and values, `[batch, heads, len, head_dim]` in the products' format.
#[derive(Debug, Clone)]
pub(crate) struct Qkv {
    pub q: Tensor,
    pub k: Tensor,
    pub v: Tensor,
}

/// Splits the heads of `qkv[n, 3 width]`, turns them, and puts the soft-max's scale into the queries.
pub(crate) fn split(qkv: &Tensor, rotary: &Rotary, heads: Heads, dtype: DType) -> Result<Qkv> {
    let q = rotary.turn(&heads.part(qkv, 0)?)?.affine(scale(heads), 0.0)?;
    let k = rotary.turn(&heads.part(qkv, 1)?)?;
    let v = heads.part(qkv, 2)?;
    Ok(Qkv { q: heads.split(&q, dtype)?, k: heads.split(&k, dtype)?, v: heads.split(&v, dtype)? })
}

fn scale(heads: Heads) -> f64 {
    1.0 / (heads.head_dim as f64).sqrt()
}

/// The probabilities `[batch, heads, queries, keys]` in the products' format. `mask[batch, 1, queries, keys]` is 0 where a
/// token sees another and hugely negative where it doesn't.
pub(crate) fn probabilities(q: &Tensor, k: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let scores = product(q, &k.transpose(2, 3)?)?.broadcast_add(mask)?;
    candle_nn::ops::softmax_last_dim(&scores)?.to_dtype(q.dtype())
}

/// The mixed values, `[n, width]` in the products' format, from probabilities and `v[batch, heads, keys, head_dim]`.
pub(crate) fn mix(p: &Tensor, v: &Tensor, heads: Heads) -> Result<Tensor> {
    let mixed = heads.join(&product(p, v)?)?;
    mixed.reshape((heads.batch * heads.len, heads.width()))?.to_dtype(v.dtype())
}

/// The gradient of `qkv[n, 3 width]`, from that of the mixed values, `[n, width]`.
pub(crate) fn backward(dmixed: &Tensor, x: &Qkv, p: &Tensor, rotary: &Rotary, heads: Heads) -> Result<Tensor> {
    let n = heads.batch * heads.len;
    let dmixed = heads.split(&dmixed.reshape((n, heads.heads, heads.head_dim))?, p.dtype())?;
    let dv = product(&p.transpose(2, 3)?, &dmixed)?;
    let dp = product(&dmixed, &x.v.transpose(2, 3)?)?;
    let p = p.to_dtype(DType::F32)?;
    let pulled = (&dp * &p)?;
    let dscores = (&pulled - p.broadcast_mul(&pulled.sum_keepdim(D::Minus1)?)?)?.to_dtype(x.q.dtype())?;
    let dq = product(&dscores, &x.k)?.affine(scale(heads), 0.0)?;
    let dk = product(&dscores.transpose(2, 3)?, &x.q)?;
    let parts = [rotary.turn_back(&heads.join(&dq)?)?, rotary.turn_back(&heads.join(&dk)?)?, heads.join(&dv)?];
    Tensor::cat(&parts, 1)?.reshape((n, 3 * heads.width()))
}
