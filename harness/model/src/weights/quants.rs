//! llama.cpp's quantised blocks (`ggml-common.h`, `ggml-quants.c`, `dequantize_row_*`), widened to f32.
//!
//! A block of 32 has a half-precision scale `d`, for the `_1` kinds a minimum `m`, and codes; number `j` takes the low
//! half of byte `j`, number `j + 16` the high half. A super-block of 256 ("K") has scales of its sub-blocks, coded in 6
//! or 8 bits and scaled themselves.

use super::format::f16_to_f32;

#[inline(always)]
fn half(bytes: &[u8]) -> f32 {
    f16_to_f32(u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// Calls `widen` for each block with its bytes and its place in `out`.
#[inline(always)]
fn blocks<const BYTES: usize, const LEN: usize>(
    bytes: &[u8],
    out: &mut [f32],
    widen: impl Fn(&[u8; BYTES], &mut [f32; LEN]),
) {
    for (block, out) in bytes.as_chunks::<BYTES>().0.iter().zip(out.as_chunks_mut::<LEN>().0) {
        widen(block, out);
    }
}

/// 32 codes of 4 bits: low halves first, then high halves.
#[inline(always)]
fn nibbles(codes: &[u8], out: &mut [f32; 32], number: impl Fn(u8, usize) -> f32) {
    let (low, high) = out.split_at_mut(16);
    for (j, ((l, h), code)) in low.iter_mut().zip(high).zip(codes).enumerate() {
        *l = number(code & 15, j);
        *h = number(code >> 4, j + 16);
    }
}

#[inline(always)]
pub(super) fn q4_0(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 18], out| {
        let d = half(block);
        nibbles(&block[2..], out, |code, _| d * (f32::from(code) - 8.0));
    });
}

#[inline(always)]
pub(super) fn q4_1(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 20], out| {
        let (d, m) = (half(block), half(&block[2..]));
        nibbles(&block[4..], out, |code, _| d * f32::from(code) + m);
    });
}

/// The fifth bit of each of the 32 numbers.
#[inline(always)]
fn fifth_bits(bytes: &[u8]) -> impl Fn(u8, usize) -> u8 + use<> {
    let bits = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    move |code, j| code | (((bits >> j) as u8 & 1) << 4)
}

#[inline(always)]
pub(super) fn q5_0(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 22], out| {
        let (d, with_fifth) = (half(block), fifth_bits(&block[2..]));
        nibbles(&block[6..], out, |code, j| d * (f32::from(with_fifth(code, j)) - 16.0));
    });
}

#[inline(always)]
pub(super) fn q5_1(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 24], out| {
        let (d, m, with_fifth) = (half(block), half(&block[2..]), fifth_bits(&block[4..]));
        nibbles(&block[8..], out, |code, j| d * f32::from(with_fifth(code, j)) + m);
    });
}

#[inline(always)]
pub(super) fn q8_0(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 34], out: &mut [f32; 32]| {
        let d = half(block);
        for (o, code) in out.iter_mut().zip(&block[2..]) {
            *o = d * f32::from(*code as i8);
        }
    });
}

/// Scale and minimum of sub-block `j` of 8, out of the 12 bytes that hold them in 6 bits each.
#[inline(always)]
fn scale_and_min(j: usize, packed: &[u8]) -> (f32, f32) {
    let (scale, min) = if j < 4 {
        (packed[j] & 63, packed[j + 4] & 63)
    } else {
        ((packed[j + 4] & 15) | ((packed[j - 4] >> 6) << 4), (packed[j + 4] >> 4) | ((packed[j] >> 6) << 4))
    };
    (f32::from(scale), f32::from(min))
}

#[inline(always)]
pub(super) fn q4_k(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 144], out: &mut [f32; 256]| {
        let (d, dmin, scales) = (half(block), half(&block[2..]), &block[4..16]);
        for (pair, (codes, out)) in block[16..].chunks_exact(32).zip(out.chunks_exact_mut(64)).enumerate() {
            let ((low_scale, low_min), (high_scale, high_min)) =
                (scale_and_min(2 * pair, scales), scale_and_min(2 * pair + 1, scales));
            for (j, code) in codes.iter().enumerate() {
                out[j] = d * low_scale * f32::from(code & 15) - dmin * low_min;
                out[j + 32] = d * high_scale * f32::from(code >> 4) - dmin * high_min;
            }
        }
    });
}

#[inline(always)]
pub(super) fn q5_k(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 176], out: &mut [f32; 256]| {
        let (d, dmin, scales, fifth) = (half(block), half(&block[2..]), &block[4..16], &block[16..48]);
        for (pair, (codes, out)) in block[48..].chunks_exact(32).zip(out.chunks_exact_mut(64)).enumerate() {
            let ((low_scale, low_min), (high_scale, high_min)) =
                (scale_and_min(2 * pair, scales), scale_and_min(2 * pair + 1, scales));
            for (j, (code, fifth)) in codes.iter().zip(fifth).enumerate() {
                let low = (code & 15) | (((fifth >> (2 * pair)) & 1) << 4);
                let high = (code >> 4) | (((fifth >> (2 * pair + 1)) & 1) << 4);
                out[j] = d * low_scale * f32::from(low) - dmin * low_min;
                out[j + 32] = d * high_scale * f32::from(high) - dmin * high_min;
            }
        }
    });
}

#[inline(always)]
pub(super) fn q6_k(bytes: &[u8], out: &mut [f32]) {
    blocks(bytes, out, |block: &[u8; 210], out: &mut [f32; 256]| {
        let (low, high, scales, d) = (&block[..128], &block[128..192], &block[192..208], half(&block[208..]));
        for (side, out) in out.chunks_exact_mut(128).enumerate() {
            let (low, high, scales) = (&low[64 * side..], &high[32 * side..], &scales[8 * side..]);
            for l in 0..32 {
                let codes = [
                    (low[l] & 15) | ((high[l] & 3) << 4),
                    (low[l + 32] & 15) | (((high[l] >> 2) & 3) << 4),
                    (low[l] >> 4) | (((high[l] >> 4) & 3) << 4),
                    (low[l + 32] >> 4) | (((high[l] >> 6) & 3) << 4),
                ];
                for (part, code) in codes.iter().enumerate() {
                    let scale = f32::from(scales[l / 16 + 2 * part] as i8);
                    out[l + 32 * part] = d * scale * (f32::from(*code) - 32.0);
                }
            }
        }
    });
}
