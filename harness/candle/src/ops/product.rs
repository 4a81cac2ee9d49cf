//! Matrix products, within the layouts that cuBLAS takes.

use candle_core::{DType, Result, Tensor, bail};

/// `a b`, in the format of its factors, as f32.
pub(crate) fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    check(a)?;
    check(b)?;
    a.matmul(b)?.to_dtype(DType::F32)
}

/// The sums of the columns: `[cols]` from f32 `[rows, cols]`. As a product with ones, since candle's sum over the first
/// dimension reads a GPU's memory across the grain.
pub(crate) fn column_sums(x: &Tensor) -> Result<Tensor> {
    let ones = Tensor::ones((1, x.dim(0)?), DType::F32, x.device())?;
    product(&ones, x)?.squeeze(0)
}

/// Refuses a layout that candle's CUDA back end refuses, on every device, so that tests without a GPU find it: rows or
/// columns must lie densely, and batches at one distance.
fn check(x: &Tensor) -> Result<()> {
    let (dims, strides) = (x.dims(), x.stride());
    let at = dims.len() - 2;
    let (rows, cols) = (dims[at], dims[at + 1]);
    let dense = (strides[at + 1] == 1 || cols == 1) && (strides[at] == cols || rows == 1);
    let transposed = (strides[at + 1] == rows || cols == 1) && (strides[at] == 1 || rows == 1);
    let even = match strides[..at] {
        [] | [_] => true,
        [outer, inner] => outer == inner * dims[1] || dims[0] == 1 || dims[1] == 1,
        _ => false,
    };
    if !((dense || transposed) && even) {
        bail!("a product of a tensor of shape {dims:?} and strides {strides:?} can't run on CUDA");
    }
    Ok(())
}
