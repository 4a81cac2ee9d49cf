//! The number formats that weights are stored in, and how a stretch of them becomes f32.

use super::quants;

/// How the numbers of a matrix are stored. The quantised ones are llama.cpp's (`ggml-common.h`): blocks of 32 or 256
/// numbers along a row, each with its own scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    F32,
    F16,
    Bf16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q4K,
    Q5K,
    Q6K,
}

impl Format {
    /// Numbers in one block; a row holds whole blocks.
    pub(crate) fn block_len(self) -> usize {
        match self {
            Format::F32 | Format::F16 | Format::Bf16 => 1,
            Format::Q4_0 | Format::Q4_1 | Format::Q5_0 | Format::Q5_1 | Format::Q8_0 => 32,
            Format::Q4K | Format::Q5K | Format::Q6K => 256,
        }
    }

    /// Bytes of one block.
    pub(crate) fn block_bytes(self) -> usize {
        match self {
            Format::F32 => 4,
            Format::F16 | Format::Bf16 => 2,
            Format::Q4_0 => 18,
            Format::Q4_1 => 20,
            Format::Q5_0 => 22,
            Format::Q5_1 => 24,
            Format::Q8_0 => 34,
            Format::Q4K => 144,
            Format::Q5K => 176,
            Format::Q6K => 210,
        }
    }

    /// Bytes of `len` numbers, which are whole blocks.
    pub(crate) fn bytes(self, len: usize) -> usize {
        len / self.block_len() * self.block_bytes()
    }

    /// Widens whole blocks: `out.len()` numbers out of `bytes`.
    pub(crate) fn widen(self, bytes: &[u8], out: &mut [f32]) {
        debug_assert_eq!(bytes.len(), self.bytes(out.len()), "the bytes must hold the numbers asked for");
        match self {
            Format::F32 => {
                for (o, b) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *o = f32::from_le_bytes(*b);
                }
            }
            Format::Bf16 => {
                for (o, b) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *o = f32::from_bits(u32::from(u16::from_le_bytes(*b)) << 16);
                }
            }
            Format::F16 => {
                for (o, b) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *o = f16_to_f32(u16::from_le_bytes(*b));
                }
            }
            Format::Q4_0 => quants::q4_0(bytes, out),
            Format::Q4_1 => quants::q4_1(bytes, out),
            Format::Q5_0 => quants::q5_0(bytes, out),
            Format::Q5_1 => quants::q5_1(bytes, out),
            Format::Q8_0 => quants::q8_0(bytes, out),
            Format::Q4K => quants::q4_k(bytes, out),
            Format::Q5K => quants::q5_k(bytes, out),
            Format::Q6K => quants::q6_k(bytes, out),
        }
    }
}

/// A half-precision number, without branches, so that loops over it become vector code (Giesen's conversion: shift the
/// exponent by a multiplication, which makes subnormal numbers right too).
#[inline(always)]
pub(crate) fn f16_to_f32(bits: u16) -> f32 {
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
    let magnitude = if bits & 0x7c00 == 0x7c00 { magnitude.to_bits() | 0x7f80_0000 } else { magnitude.to_bits() };
    f32::from_bits(magnitude | (u32::from(bits & 0x8000) << 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_precision_number_is_widened_exactly() {
        for bits in 0..=u16::MAX {
            let exact = half::f16::from_bits(bits).to_f32();
            let got = f16_to_f32(bits);
            assert!(got == exact || (got.is_nan() && exact.is_nan()), "{bits:#x}: {got} instead of {exact}");
        }
    }
}
