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
    /// Its usual name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::F32 => "float32",
            Format::F16 => "float16",
            Format::Bf16 => "bfloat16",
            Format::Q4_0 => "q4_0",
            Format::Q4_1 => "q4_1",
            Format::Q5_0 => "q5_0",
            Format::Q5_1 => "q5_1",
            Format::Q8_0 => "q8_0",
            Format::Q4K => "q4_k",
            Format::Q5K => "q5_k",
            Format::Q6K => "q6_k",
        }
    }

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
    #[inline(always)]
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
    fn random_blocks_of_every_quantised_format_widen_to_what_gguf_py_gives() {
        let fixture = include_str!("../../tests/fixtures/quants.json");
        let fixture: serde_json::Value = serde_json::from_str(fixture).expect("the fixture is JSON");
        let formats = [
            ("Q4_0", Format::Q4_0),
            ("Q4_1", Format::Q4_1),
            ("Q5_0", Format::Q5_0),
            ("Q5_1", Format::Q5_1),
            ("Q8_0", Format::Q8_0),
            ("Q4_K", Format::Q4K),
            ("Q5_K", Format::Q5K),
            ("Q6_K", Format::Q6K),
        ];
        for (name, format) in formats {
            let hex = fixture[name]["bytes"].as_str().expect("a text");
            let bytes: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("two digits"))
                .collect();
            let expected: Vec<f64> =
                fixture[name]["numbers"].as_array().expect("a list").iter().filter_map(|x| x.as_f64()).collect();
            let mut got = vec![0.0; expected.len()];
            format.widen(&bytes, &mut got);
            for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
                let allowed = 1e-6 * expected.abs().max(1.0);
                assert!((f64::from(*got) - expected).abs() < allowed, "{name} {i}: {got} instead of {expected}");
            }
        }
    }

    #[test]
    fn every_half_precision_number_is_widened_exactly() {
        for bits in 0..=u16::MAX {
            let exact = half::f16::from_bits(bits).to_f32();
            let got = f16_to_f32(bits);
            assert!(got == exact || (got.is_nan() && exact.is_nan()), "{bits:#x}: {got} instead of {exact}");
        }
    }
}
