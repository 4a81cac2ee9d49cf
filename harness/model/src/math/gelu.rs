//! GELU by the tanh formula (`gelu_new`): `x / (1 + exp(-2 u))`, `u = sqrt(2/pi) (x + 0.044715 x^3)`.

use super::{exp, vectorised};

const C: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

/// `out = gelu(x)`.
pub(crate) fn forward(out: &mut [f32], x: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (o, &x) in out.iter_mut().zip(x) {
                *o = x * sigmoid_2u(x);
            }
        },
    );
}

/// Turns the gradient of the output into that of the input, in place.
pub(crate) fn backward(grad: &mut [f32], x: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (g, &x) in grad.iter_mut().zip(x) {
                let s = sigmoid_2u(x);
                let du = C * (3.0 * CUBIC * x).mul_add(x, 1.0);
                *g *= (2.0 * x * s * (1.0 - s)).mul_add(du, s);
            }
        },
    );
}

#[inline(always)]
fn sigmoid_2u(x: f32) -> f32 {
    let u = C * x * (CUBIC * x).mul_add(x, 1.0);
    1.0 / (1.0 + exp(-2.0 * u))
}
