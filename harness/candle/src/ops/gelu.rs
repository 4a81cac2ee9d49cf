//! GELU by the tanh formula (`gelu_new`): `x s`, `s = sigmoid(2 u)`, `u = sqrt(2/pi) (x + 0.044715 x^3)`.

use candle_core::{Result, Tensor};

const C: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// GELU of every element.
pub(crate) fn forward(x: &Tensor) -> Result<Tensor> {
    x.gelu()
}

/// The gradient of the input `x`, from that of the output.
pub(crate) fn backward(dy: &Tensor, x: &Tensor) -> Result<Tensor> {
    let square = x.sqr()?;
    let s = candle_nn::ops::sigmoid(&(square.affine(2.0 * C * CUBIC, 2.0 * C)? * x)?)?;
    let slope = (square.affine(6.0 * C * CUBIC, 2.0 * C)? * x)?;
    // d(x s)/dx = s + x s (1 - s) d(2u)/dx
    let derivative = ((&s * s.affine(-1.0, 1.0)?)? * slope)?;
    dy * (derivative + s)?
}
