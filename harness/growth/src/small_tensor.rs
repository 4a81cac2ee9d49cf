//! A tensor of the small model, as growth reads it.

use phi_model::FloatFormat;

/// Numbers of a small tensor, in memory or as its file has them.
#[derive(Debug)]
pub(crate) enum Numbers<'a> {
    Floats(&'a [f32]),
    Bytes(FloatFormat, Vec<u8>),
}

/// A tensor of the small model; a vector is one column.
#[derive(Debug)]
pub(crate) struct SmallTensor<'a> {
    pub cols: usize,
    pub numbers: Numbers<'a>,
}

impl SmallTensor<'_> {
    fn len(&self) -> usize {
        match &self.numbers {
            Numbers::Floats(all) => all.len(),
            Numbers::Bytes(format, bytes) => bytes.len() / format.bytes(),
        }
    }

    pub fn row(&self, row: usize, out: &mut [f32]) {
        let range = row * self.cols..(row + 1) * self.cols;
        match &self.numbers {
            Numbers::Floats(all) => out.copy_from_slice(&all[range]),
            Numbers::Bytes(format, bytes) => {
                let width = format.bytes();
                format.widen(&bytes[range.start * width..range.end * width], out);
            }
        }
    }

    fn rows(&self, mut each: impl FnMut(&[f32])) {
        let mut row = vec![0.0; self.cols];
        for r in 0..self.len() / self.cols {
            self.row(r, &mut row);
            each(&row);
        }
    }

    pub fn mean_row(&self) -> Vec<f32> {
        let mut sums = vec![0.0_f64; self.cols];
        self.rows(|row| sums.iter_mut().zip(row).for_each(|(s, x)| *s += f64::from(*x)));
        let count = (self.len() / self.cols) as f64;
        sums.iter().map(|s| (s / count) as f32).collect()
    }

    /// Mean of the squares.
    pub fn power(&self) -> f64 {
        let mut sum = 0.0;
        self.rows(|row| sum += row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>());
        sum / self.len().max(1) as f64
    }
}
