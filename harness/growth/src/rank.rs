//! The effective rank of a matrix.

use phi_model::Tensor;

/// `exp(H(p))`, where `p` are the singular values divided by their sum and `H` is Shannon's entropy in nats (Roy and
/// Vetterli 2007, "The effective rank: a measure of effective dimensionality"). It lies between 1 and the rank, and
/// copies of rows or columns don't raise it. 0 for a matrix of zeros.
///
/// Takes the order of `m * n * min(m, n)` operations for `[m, n]`; the singular values are roots of the smaller Gram
/// matrix's eigenvalues, in f64.
pub fn effective_rank(matrix: &Tensor) -> f64 {
    let mut singular: Vec<f64> = eigenvalues(&mut gram(matrix)).iter().map(|x| x.max(0.0).sqrt()).collect();
    // What the root makes of rounding errors is no singular value.
    let largest = singular.iter().fold(0.0_f64, |a, x| a.max(*x));
    singular.retain(|x| *x > 1e-7 * largest);
    let sum: f64 = singular.iter().sum();
    if sum == 0.0 {
        return 0.0;
    }
    singular.iter().map(|x| x / sum).map(|p| -p * p.ln()).sum::<f64>().exp()
}

/// Rows that are taken of a matrix of more rows and columns than this.
const MOST_ROWS: usize = 512;

/// Rows of the small matrix that are taken where all would take too long.
const SAMPLED_ROWS: usize = 256;

/// Of a large matrix the rows that stand for every so many of the small one's, which has `period` rows, and those of each
/// further period at the same places: copies of what is taken are taken, too. A matrix that is quick to do stays whole.
pub(crate) fn sample_rows(matrix: Tensor, period: usize) -> Tensor {
    let (rows, cols) = matrix.rows_cols();
    if rows.min(cols) <= MOST_ROWS {
        return matrix;
    }
    let step = period.div_ceil(SAMPLED_ROWS).max(1);
    let taken: Vec<usize> = (0..rows).filter(|r| (r % period).is_multiple_of(step)).take(4 * SAMPLED_ROWS).collect();
    let data = taken.iter().flat_map(|r| &matrix.data()[r * cols..(r + 1) * cols]).copied().collect();
    Tensor::new(vec![taken.len(), cols], data)
}

/// `A A'` or `A' A`, whichever is smaller, as rows.
fn gram(matrix: &Tensor) -> Vec<Vec<f64>> {
    let (rows, cols) = matrix.rows_cols();
    let n = rows.min(cols);
    let at = |i: usize, k: usize| if rows <= cols { i * cols + k } else { k * cols + i };
    let vectors: Vec<Vec<f64>> =
        (0..n).map(|i| (0..rows.max(cols)).map(|k| f64::from(matrix.data()[at(i, k)])).collect()).collect();
    let mut gram = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let dot = dot(&vectors[i], &vectors[j]);
            (gram[i][j], gram[j][i]) = (dot, dot);
        }
    }
    gram
}

/// In eight sums, so that one addition needn't wait for another.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (x, y) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

/// The eigenvalues of a symmetric matrix, in no order, which is overwritten.
fn eigenvalues(a: &mut [Vec<f64>]) -> Vec<f64> {
    let (mut diagonal, mut beside) = tridiagonal(a);
    implicit_ql(&mut diagonal, &mut beside);
    diagonal
}

/// Householder's reduction of a symmetric matrix (Golub and Van Loan, algorithm 8.3.1): the diagonal and what lies
/// beside it, of equal length, the last element of which is 0.
fn tridiagonal(a: &mut [Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let n = a.len();
    let mut beside = vec![0.0; n];
    for k in 0..n.saturating_sub(1) {
        let mut v: Vec<f64> = a[k + 1..].iter().map(|row| row[k]).collect();
        let norm = dot(&v, &v).sqrt();
        let alpha = if v[0] > 0.0 { -norm } else { norm };
        beside[k] = alpha;
        v[0] -= alpha;
        let length = dot(&v, &v).sqrt();
        if length <= f64::MIN_POSITIVE {
            continue;
        }
        v.iter_mut().for_each(|x| *x /= length);
        let p: Vec<f64> = a[k + 1..].iter().map(|row| dot(&row[k + 1..], &v)).collect();
        let along = dot(&p, &v);
        let q: Vec<f64> = p.iter().zip(&v).map(|(p, v)| 2.0 * (p - along * v)).collect();
        for (i, row) in a[k + 1..].iter_mut().enumerate() {
            for ((x, v_j), q_j) in row[k + 1..].iter_mut().zip(&v).zip(&q) {
                *x -= v[i] * q_j + q[i] * v_j;
            }
        }
    }
    (a.iter().enumerate().map(|(i, row)| row[i]).collect(), beside)
}

/// The QL method with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson 1968): the eigenvalues of a tridiagonal
/// matrix take its diagonal's place.
fn implicit_ql(d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    for l in 0..n {
        // Two or three rounds an eigenvalue are usual; the bound is there so that a NaN doesn't loop for ever.
        for _ in 0..60 {
            let split = |m: usize| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs());
            let m = (l..n - 1).find(|&m| split(m)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            let slope = (d[l + 1] - d[l]) / (2.0 * e[l]);
            let mut g = d[m] - d[l] + e[l] / (slope + slope.hypot(1.0).copysign(slope));
            let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
            let mut underflow = false;
            for i in (l..m).rev() {
                let (f, b) = (sine * e[i], cosine * e[i]);
                let r = f.hypot(g);
                e[i + 1] = r;
                if r == 0.0 {
                    d[i + 1] -= shift;
                    e[m] = 0.0;
                    underflow = true;
                    break;
                }
                (sine, cosine) = (f / r, g / r);
                g = d[i + 1] - shift;
                let r = (d[i] - g) * sine + 2.0 * cosine * b;
                shift = sine * r;
                d[i + 1] = g + shift;
                g = cosine * r - b;
            }
            if !underflow {
                d[l] -= shift;
                e[l] = g;
                e[m] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(rows: usize, cols: usize, at: impl Fn(usize, usize) -> f32) -> Tensor {
        Tensor::new(vec![rows, cols], (0..rows * cols).map(|i| at(i / cols, i % cols)).collect())
    }

    #[test]
    fn known_spectra_give_the_rank_that_the_definition_says() {
        assert!((effective_rank(&matrix(5, 9, |i, j| f32::from(u8::from(i == j)))) - 5.0).abs() < 1e-9);
        assert!((effective_rank(&matrix(6, 4, |i, j| (i + 1) as f32 * (j + 2) as f32)) - 1.0).abs() < 1e-4);
        assert_eq!(effective_rank(&matrix(3, 3, |_, _| 0.0)), 0.0);
        // Singular values 3 and 1.
        let expected = (-(0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln())).exp();
        let two = matrix(2, 2, |i, j| if i != j { 0.0 } else { [3.0, -1.0][i] });
        assert!((effective_rank(&two) - expected).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn eigenvalues_keep_the_trace_and_the_sum_of_squares(n in 1_usize..24, seed in 0_u32..1000) {
            let entry = |i: usize, j: usize| f64::from((i * 31 + j * 17) as u32 ^ seed).sin();
            let mut a: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| entry(i.min(j), i.max(j))).collect()).collect();
            let trace: f64 = (0..n).map(|i| a[i][i]).sum();
            let squares: f64 = a.iter().flatten().map(|x| x * x).sum();
            let values = eigenvalues(&mut a);
            prop_assert!((values.iter().sum::<f64>() - trace).abs() < 1e-10 * squares.max(1.0));
            prop_assert!((values.iter().map(|x| x * x).sum::<f64>() - squares).abs() < 1e-10 * squares.max(1.0));
        }

        #[test]
        fn tiles_and_a_scale_leave_it_and_a_diagonal_of_copies_doubles_it(seed in 0_u32..500) {
            let entry = |i: usize, j: usize| ((i * 7 + j * 13 + seed as usize * 5) as f32 * 0.7).sin();
            let one = effective_rank(&matrix(6, 4, entry));
            let tiles = effective_rank(&matrix(12, 8, |i, j| 0.5 * entry(i % 6, j % 4)));
            let diagonal = effective_rank(&matrix(12, 8, |i, j| if i / 6 == j / 4 { entry(i % 6, j % 4) } else { 0.0 }));
            prop_assert!((tiles - one).abs() < 1e-5, "{tiles} {one}");
            prop_assert!((diagonal - 2.0 * one).abs() < 1e-5, "{diagonal} {one}");
        }
    }
}
