//! The inner loop: a few rows of `x` against four rows of `w`, over one block of the inner dimension.
//!
//! The vectors lie along the inner dimension: output `(i, j)` is a vector of `N` partial sums, each over every `N`th
//! product in order, summed by halving at the block's end. So an output's bits depend on its row of `x`, its row of
//! `w` and the block length, and on nothing else: not on how many rows there are, nor on who computes them.

use super::lanes::Lanes;

/// Rows of `w` in one call.
pub(super) const COLS: usize = 4;

/// Rows of `x` in one call at most, of any kernel.
pub(super) const MOST_ROWS: usize = 6;

/// A block of `rows` rows of `x`, packed `[step][row][lane]`.
#[derive(Clone, Copy)]
pub(super) struct XTile<'a> {
    pub data: &'a [f32],
    pub rows: usize,
}

/// Four rows of `w`: in each, `steps * lanes` numbers from `4` starts, `stride` apart.
#[derive(Clone, Copy)]
pub(super) struct WTile<'a> {
    pub data: &'a [f32],
    pub stride: usize,
}

/// The inner loop for this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    /// Numbers of a vector.
    pub lanes: usize,
    /// Rows of `x` in one call at most.
    pub rows: usize,
    run: unsafe fn(XTile<'_>, WTile<'_>, usize, &mut [[f32; COLS]]),
}

impl Kernel {
    /// The widest that this processor runs.
    pub(super) fn of_this_machine() -> Kernel {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("fma") {
                return Kernel { lanes: 16, rows: 6, run: avx512 };
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Kernel { lanes: 8, rows: 3, run: avx2 };
            }
        }
        Kernel::portable()
    }

    /// For any processor.
    pub(super) fn portable() -> Kernel {
        Kernel { lanes: 8, rows: 3, run: plain }
    }

    /// `out[row][col]` = inner product of row `row` of `x` and row `col` of `w`, over `steps` vectors.
    #[inline]
    pub(super) fn products(self, x: XTile<'_>, w: WTile<'_>, steps: usize, out: &mut [[f32; COLS]]) {
        let len = steps * self.lanes;
        assert!(x.rows <= self.rows && x.rows <= out.len() && x.data.len() >= len * x.rows, "x and out hold the rows");
        assert!(w.data.len() >= (COLS - 1) * w.stride + len, "w holds four rows");
        // SAFETY: the function was chosen after asking the processor for its features, and the assertions above keep
        // its reads inside the slices.
        unsafe { (self.run)(x, w, steps, out) }
    }
}

/// Bytes of a cache line.
pub(super) const LINE: usize = 64;

/// Asks for a cache line that will be read soon. Whatever the address, this reads nothing and can't fail.
#[inline(always)]
pub(super) fn fetch_ahead(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch is a hint; the processor ignores an address that it can't read.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// One call for a fixed number of rows, so that all partial sums stay in registers.
#[inline(always)]
unsafe fn tile<L: Lanes, const ROWS: usize>(x: *const f32, w: WTile<'_>, steps: usize, out: &mut [[f32; COLS]]) {
    // SAFETY: `Kernel::products` checked the sizes: `x` has `ROWS * steps` vectors, and each of the four rows of `w`
    // `steps` of them.
    unsafe {
        let w: [*const f32; COLS] = std::array::from_fn(|c| w.data.as_ptr().add(c * w.stride));
        let mut acc = [[L::zero(); COLS]; ROWS];
        for step in 0..steps {
            let x: [L; ROWS] = std::array::from_fn(|r| L::load(x.add((step * ROWS + r) * L::N)));
            for c in 0..COLS {
                let w = L::load(w[c].add(step * L::N));
                for r in 0..ROWS {
                    acc[r][c] = acc[r][c].fma(x[r], w);
                }
            }
        }
        for (out, acc) in out.iter_mut().zip(acc) {
            *out = L::sums(acc);
        }
    }
}

#[inline(always)]
unsafe fn any<L: Lanes>(x: XTile<'_>, w: WTile<'_>, steps: usize, out: &mut [[f32; COLS]]) {
    let data = x.data.as_ptr();
    // SAFETY: as `tile`'s.
    unsafe {
        match x.rows {
            1 => tile::<L, 1>(data, w, steps, out),
            2 => tile::<L, 2>(data, w, steps, out),
            3 => tile::<L, 3>(data, w, steps, out),
            4 => tile::<L, 4>(data, w, steps, out),
            5 => tile::<L, 5>(data, w, steps, out),
            _ => tile::<L, 6>(data, w, steps, out),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,fma")]
unsafe fn avx512(x: XTile<'_>, w: WTile<'_>, steps: usize, out: &mut [[f32; COLS]]) {
    // SAFETY: this function's features are what the type needs.
    unsafe { any::<std::arch::x86_64::__m512>(x, w, steps, out) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(x: XTile<'_>, w: WTile<'_>, steps: usize, out: &mut [[f32; COLS]]) {
    // SAFETY: this function's features are what the type needs.
    unsafe { any::<std::arch::x86_64::__m256>(x, w, steps, out) }
}

unsafe fn plain(x: XTile<'_>, w: WTile<'_>, steps: usize, out: &mut [[f32; COLS]]) {
    // SAFETY: the type needs nothing.
    unsafe { any::<[f32; 8]>(x, w, steps, out) }
}
