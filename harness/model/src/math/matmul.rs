//! Matrix products on strided views, by the crate `gemm`.

/// A read-only matrix inside a slice.
#[derive(Clone, Copy)]
pub(crate) struct Mat<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Mat<'a> {
    /// A row-major matrix whose rows begin `row_stride` numbers apart.
    pub(crate) fn strided(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Mat<'a> {
        assert!(rows == 0 || cols == 0 || (rows - 1) * row_stride + cols <= data.len(), "a view must lie in its slice");
        Mat { data, rows, cols, row_stride, col_stride: 1 }
    }

    /// A dense row-major matrix.
    pub(crate) fn new(data: &'a [f32], rows: usize, cols: usize) -> Mat<'a> {
        Mat::strided(data, rows, cols, cols)
    }

    /// The transpose, without moving anything.
    pub(crate) fn t(self) -> Mat<'a> {
        let Mat { data, rows, cols, row_stride, col_stride } = self;
        Mat { data, rows: cols, cols: rows, row_stride: col_stride, col_stride: row_stride }
    }
}

/// A matrix to be written.
pub(crate) struct MatMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

impl<'a> MatMut<'a> {
    /// A row-major matrix whose rows begin `row_stride` numbers apart.
    pub(crate) fn strided(data: &'a mut [f32], rows: usize, cols: usize, row_stride: usize) -> MatMut<'a> {
        assert!(rows == 0 || cols == 0 || (rows - 1) * row_stride + cols <= data.len(), "a view must lie in its slice");
        MatMut { data, rows, cols, row_stride }
    }

    /// A dense row-major matrix.
    pub(crate) fn new(data: &'a mut [f32], rows: usize, cols: usize) -> MatMut<'a> {
        MatMut::strided(data, rows, cols, cols)
    }
}

/// What happens to the old contents of the destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Into {
    /// They are replaced.
    Set,
    /// The product is added to them.
    Add,
}

/// `dst = scale * a b`, or `dst += scale * a b`. Runs on the calling thread.
pub(crate) fn matmul(dst: MatMut<'_>, into: Into, scale: f32, a: Mat<'_>, b: Mat<'_>) {
    assert!(a.cols == b.rows && dst.rows == a.rows && dst.cols == b.cols, "the shapes of a product must fit");
    if dst.rows == 0 || dst.cols == 0 {
        return;
    }
    // SAFETY: the views' constructors checked that every index lies inside its slice, the shapes fit, and `dst` is
    // borrowed mutably, so it overlaps neither operand.
    unsafe {
        gemm::gemm(
            dst.rows,
            dst.cols,
            a.cols,
            dst.data.as_mut_ptr(),
            1,
            dst.row_stride as isize,
            into == Into::Add,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            1.0,
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// `out[n, o] = x[n, i] w[o, i]^T + bias[o]`.
pub(crate) fn linear(out: &mut [f32], x: &[f32], w: &[f32], bias: &[f32], n: usize, i: usize, o: usize) {
    for row in out[..n * o].chunks_exact_mut(o) {
        row.copy_from_slice(bias);
    }
    matmul(MatMut::new(out, n, o), Into::Add, 1.0, Mat::new(x, n, i), Mat::new(w, o, i).t());
}

/// Adds `x[n, i] w[o, i]^T + bias[o]` to `out[n, o]`.
pub(crate) fn linear_add(out: &mut [f32], x: &[f32], w: &[f32], bias: &[f32], n: usize, i: usize, o: usize) {
    super::elementwise::add_rows(&mut out[..n * o], bias);
    matmul(MatMut::new(out, n, o), Into::Add, 1.0, Mat::new(x, n, i), Mat::new(w, o, i).t());
}

/// Gradients of [`linear`]: adds to `dw` and `db`; sets or adds to `dx`.
#[allow(clippy::too_many_arguments)]
pub(crate) fn linear_backward(
    dx: &mut [f32],
    dx_into: Into,
    dw: &mut [f32],
    db: &mut [f32],
    dout: &[f32],
    x: &[f32],
    w: &[f32],
    n: usize,
    i: usize,
    o: usize,
) {
    matmul(MatMut::new(dx, n, i), dx_into, 1.0, Mat::new(dout, n, o), Mat::new(w, o, i));
    matmul(MatMut::new(dw, o, i), Into::Add, 1.0, Mat::new(dout, n, o).t(), Mat::new(x, n, i));
    super::elementwise::sum_rows(db, &dout[..n * o]);
}
