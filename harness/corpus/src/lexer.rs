//! Text cut into words and signs, and hashes of them that are the same on every machine.

/// Runs of letters, digits, underscores and anything beyond ASCII are words; every other character that isn't white
/// space stands alone. White space only separates, so that reformatting changes nothing.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &[u8]> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let start = at;
        at += 1;
        if is_word(*bytes.get(start)?) {
            while bytes.get(at).is_some_and(|byte| is_word(*byte)) {
                at += 1;
            }
        }
        Some(&bytes[start..at])
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Spreads the bits of a number: the end of MurmurHash3.
pub(crate) fn spread(mut x: u64) -> u64 {
    x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// A hash of bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut state = bytes.len() as u64;
    for chunk in chunks {
        state = (state ^ u64::from_le_bytes(*chunk)).wrapping_mul(ODD).rotate_left(29);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    spread((state ^ u64::from_le_bytes(last)).wrapping_mul(ODD))
}

/// A hash of every `n` hashes that follow each other, and how many of them were seen at its end. Fewer than `n` hashes
/// make one of all, so that short texts can be told apart too; none make none.
pub(crate) fn rolling(hashes: impl Iterator<Item = u64>, n: usize, mut take: impl FnMut(usize, u64)) {
    let mut window = vec![0u64; n];
    let oldest_weight = (0..n).fold(1u64, |weight, _| weight.wrapping_mul(ODD));
    let (mut state, mut seen) = (0u64, 0usize);
    for hash in hashes {
        let oldest = std::mem::replace(&mut window[seen % n], hash);
        state = state.wrapping_mul(ODD).wrapping_add(hash).wrapping_sub(oldest.wrapping_mul(oldest_weight));
        seen += 1;
        if seen >= n {
            take(seen, spread(state));
        }
    }
    if seen > 0 && seen < n {
        take(seen, spread(state));
    }
}
