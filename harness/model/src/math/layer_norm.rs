//! LayerNorm over rows, with scale and shift.

use super::{dot, sum, vectorised};

/// Normalises each row of `x` to mean 0 and variance 1, scales and shifts it. `stats` receives mean and reciprocal
/// standard deviation of each row, for the backward pass.
pub(crate) fn forward(out: &mut [f32], stats: &mut [[f32; 2]], x: &[f32], weight: &[f32], bias: &[f32], eps: f32) {
    let d = weight.len();
    vectorised(
        #[inline(always)]
        || {
            for ((o, x), s) in out.chunks_exact_mut(d).zip(x.chunks_exact(d)).zip(stats) {
                let mean = sum(x) / d as f32;
                for (o, x) in o.iter_mut().zip(x) {
                    *o = x - mean;
                }
                let rstd = 1.0 / (dot(o, o) / d as f32 + eps).sqrt();
                for ((o, w), b) in o.iter_mut().zip(weight).zip(bias) {
                    *o = (*o * rstd).mul_add(*w, *b);
                }
                *s = [mean, rstd];
            }
        },
    );
}

/// Adds the gradients to `dx`, `dweight` and `dbias`.
pub(crate) fn backward(
    dx: &mut [f32],
    dweight: &mut [f32],
    dbias: &mut [f32],
    dout: &[f32],
    x: &[f32],
    weight: &[f32],
    stats: &[[f32; 2]],
) {
    let d = weight.len();
    let mut normal = vec![0.0f32; d];
    let mut scaled = vec![0.0f32; d];
    vectorised(
        #[inline(always)]
        || {
            let rows = dx.chunks_exact_mut(d).zip(dout.chunks_exact(d)).zip(x.chunks_exact(d)).zip(stats);
            for (((dx, dout), x), &[mean, rstd]) in rows {
                for i in 0..d {
                    normal[i] = (x[i] - mean) * rstd;
                    scaled[i] = dout[i] * weight[i];
                    dweight[i] = dout[i].mul_add(normal[i], dweight[i]);
                    dbias[i] += dout[i];
                }
                let mean_scaled = sum(&scaled) / d as f32;
                let mean_product = dot(&scaled, &normal) / d as f32;
                for i in 0..d {
                    dx[i] += rstd * (scaled[i] - mean_scaled - normal[i] * mean_product);
                }
            }
        },
    );
}
