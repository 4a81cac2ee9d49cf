//! Partial rotary position embedding: the first `rotary_dim` dimensions of each head turn with the position, dimension
//! `i` paired with `i + rotary_dim / 2`.

use candle_core::{D, Device, Result, Tensor};
use phi_model::PhiConfig;

/// Cosines and sines of every position, `[position, rotary_dim / 2]`; none where nothing is turned.
#[derive(Debug, Clone)]
pub(crate) struct RotaryTable(Option<(Tensor, Tensor)>);

/// Those of some tokens, `[n, 1, rotary_dim / 2]`.
#[derive(Debug, Clone)]
pub(crate) struct Rotary(Option<(Tensor, Tensor)>);

impl RotaryTable {
    pub(crate) fn new(config: &PhiConfig, device: &Device) -> Result<RotaryTable> {
        let half = config.rotary_dim / 2;
        if half == 0 {
            return Ok(RotaryTable(None));
        }
        let (mut cos, mut sin) = (Vec::new(), Vec::new());
        for position in 0..config.max_positions {
            for i in 0..half {
                // In f32 as transformers computes it, so that angles at far positions agree.
                let exponent = (2 * i) as f32 / config.rotary_dim as f32;
                let angle = position as f32 * (1.0 / (config.rope_theta as f32).powf(exponent));
                cos.push(angle.cos());
                sin.push(angle.sin());
            }
        }
        let table = |values| Tensor::from_vec(values, (config.max_positions, half), device);
        Ok(RotaryTable(Some((table(cos)?, table(sin)?))))
    }

    /// The turns of tokens at these positions, `[n]`.
    pub(crate) fn at(&self, positions: &Tensor) -> Result<Rotary> {
        let of = |table: &Tensor| table.index_select(positions, 0)?.unsqueeze(1);
        Ok(Rotary(self.0.as_ref().map(|(cos, sin)| Ok::<_, candle_core::Error>((of(cos)?, of(sin)?))).transpose()?))
    }
}

impl Rotary {
    /// Turns `x[n, heads, head_dim]` forwards.
    pub(crate) fn turn(&self, x: &Tensor) -> Result<Tensor> {
        match &self.0 {
            Some((cos, sin)) => turn(x, cos, sin),
            None => Ok(x.clone()),
        }
    }

    /// Turns a gradient back: the inverse of a rotation is its transpose.
    pub(crate) fn turn_back(&self, dx: &Tensor) -> Result<Tensor> {
        match &self.0 {
            Some((cos, sin)) => turn(dx, cos, &sin.neg()?),
            None => Ok(dx.clone()),
        }
    }
}

fn turn(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    let half = cos.dim(D::Minus1)?;
    let rest = x.dim(D::Minus1)? - 2 * half;
    let (a, b) = (x.narrow(D::Minus1, 0, half)?, x.narrow(D::Minus1, half, half)?);
    let turned_a = (a.broadcast_mul(cos)? - b.broadcast_mul(sin)?)?;
    let turned_b = (b.broadcast_mul(cos)? + a.broadcast_mul(sin)?)?;
    let mut parts = vec![turned_a, turned_b];
    if rest > 0 {
        parts.push(x.narrow(D::Minus1, 2 * half, rest)?);
    }
    Tensor::cat(&parts, D::Minus1)
}
