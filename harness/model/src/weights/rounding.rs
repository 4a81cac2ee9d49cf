//! The number format that weights are taken in.

use super::{Format, Matrix, Storage};
use std::sync::Arc;

/// Which number format the matrices of a model are used in. Arithmetic is in f32 whatever is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DtypeChoice {
    /// As the file has them.
    #[default]
    Auto,
    /// As f32. Every stored format widens to it exactly, so this gives the numbers that `Auto` gives.
    Float32,
    /// Rounded to bfloat16, to the nearest even.
    Bfloat16,
    /// Rounded to half precision, to the nearest even.
    Float16,
}

impl std::str::FromStr for DtypeChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<DtypeChoice, String> {
        let all = [DtypeChoice::Auto, DtypeChoice::Float32, DtypeChoice::Bfloat16, DtypeChoice::Float16];
        all.into_iter()
            .find(|d| d.name() == text)
            .ok_or_else(|| format!("give one of {}", all.map(DtypeChoice::name).join(", ")))
    }
}

impl DtypeChoice {
    /// The name that `--dtype` has for it.
    pub fn name(self) -> &'static str {
        match self {
            DtypeChoice::Auto => "auto",
            DtypeChoice::Float32 => "float32",
            DtypeChoice::Bfloat16 => "bfloat16",
            DtypeChoice::Float16 => "float16",
        }
    }

    /// A matrix in this format: itself where nothing changes, else a rounded copy in memory.
    pub(crate) fn apply(self, matrix: Matrix) -> Matrix {
        let format = match self {
            DtypeChoice::Auto | DtypeChoice::Float32 => return matrix,
            DtypeChoice::Bfloat16 => Format::Bf16,
            DtypeChoice::Float16 => Format::F16,
        };
        if matrix.format() == format {
            return matrix;
        }
        let mut bytes = Vec::with_capacity(2 * matrix.rows() * matrix.cols());
        let mut row = vec![0.0; matrix.cols()];
        for r in 0..matrix.rows() {
            matrix.widen(r, 0..matrix.cols(), &mut row);
            for x in &row {
                let bits = match format {
                    Format::Bf16 => half::bf16::from_f32(*x).to_bits(),
                    _ => half::f16::from_f32(*x).to_bits(),
                };
                bytes.extend_from_slice(&bits.to_le_bytes());
            }
        }
        let len = bytes.len();
        Matrix::stored(Storage::Bytes(Arc::new(bytes)), 0..len, format, matrix.rows(), matrix.cols())
            .expect("the copy holds all rows")
    }

    /// A vector of weights in this format.
    pub(crate) fn apply_to_vector(self, mut vector: Vec<f32>) -> Vec<f32> {
        for x in &mut vector {
            match self {
                DtypeChoice::Auto | DtypeChoice::Float32 => {}
                DtypeChoice::Bfloat16 => *x = half::bf16::from_f32(*x).to_f32(),
                DtypeChoice::Float16 => *x = half::f16::from_f32(*x).to_f32(),
            }
        }
        vector
    }
}
