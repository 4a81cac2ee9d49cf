//! The number formats that checkpoints are trained and grown in.

use super::Format;
use safetensors::tensor::Dtype;

/// How the numbers of a tensor are stored, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatFormat {
    /// IEEE 754, 32 bits.
    F32,
    /// IEEE 754, 16 bits.
    F16,
    /// The upper half of an f32.
    Bf16,
}

impl FloatFormat {
    /// Bytes of a number.
    pub fn bytes(self) -> usize {
        match self {
            FloatFormat::F32 => 4,
            FloatFormat::F16 | FloatFormat::Bf16 => 2,
        }
    }

    /// The format that safetensors calls so; none for whole numbers and the rest.
    pub(super) fn of(dtype: Dtype) -> Option<FloatFormat> {
        match dtype {
            Dtype::F32 => Some(FloatFormat::F32),
            Dtype::F16 => Some(FloatFormat::F16),
            Dtype::BF16 => Some(FloatFormat::Bf16),
            _ => None,
        }
    }

    /// Its name in the header of a safetensors file.
    pub(super) fn name(self) -> &'static str {
        match self {
            FloatFormat::F32 => "F32",
            FloatFormat::F16 => "F16",
            FloatFormat::Bf16 => "BF16",
        }
    }

    /// Widens `out.len()` numbers, exactly.
    ///
    /// # Panics
    /// There are more or fewer bytes than those numbers take.
    pub fn widen(self, bytes: &[u8], out: &mut [f32]) {
        assert_eq!(bytes.len(), out.len() * self.bytes(), "the bytes hold the numbers");
        let format = match self {
            FloatFormat::F32 => Format::F32,
            FloatFormat::F16 => Format::F16,
            FloatFormat::Bf16 => Format::Bf16,
        };
        format.widen(bytes, out);
    }

    /// Appends numbers, rounded to the nearest that the format has.
    pub fn narrow(self, numbers: &[f32], bytes: &mut Vec<u8>) {
        match self {
            FloatFormat::F32 if cfg!(target_endian = "little") => {
                bytes.extend_from_slice(bytemuck::cast_slice(numbers))
            }
            FloatFormat::F32 => numbers.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes())),
            FloatFormat::F16 => {
                numbers.iter().for_each(|x| bytes.extend_from_slice(&half::f16::from_f32(*x).to_le_bytes()));
            }
            FloatFormat::Bf16 => {
                numbers.iter().for_each(|x| bytes.extend_from_slice(&half::bf16::from_f32(*x).to_le_bytes()));
            }
        }
    }
}
