//! Vectors of f32, one type for each instruction set.
//!
//! The functions are `unsafe` since a vector type's instructions may run only on a processor that has them: whoever
//! calls a kernel with a type has asked for the processor's features first ([`super::kernel::Kernel::of_this_machine`]).
//! Loads read `N` numbers from a pointer, which the kernel keeps inside its slices.

/// `N` numbers side by side.
pub(super) trait Lanes: Copy {
    /// How many.
    const N: usize;
    /// Zeros.
    unsafe fn zero() -> Self;
    /// `N` numbers from memory, aligned or not.
    unsafe fn load(from: *const f32) -> Self;
    /// `self + a * b`, rounded once.
    unsafe fn fma(self, a: Self, b: Self) -> Self;
    /// The sum of each vector. Each is summed by halving (lane `i` plus lane `i + N/2`, and so on), so a vector's sum
    /// doesn't depend on the others.
    unsafe fn sums(of: [Self; 4]) -> [f32; 4];
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    /// Sums of four vectors of four.
    #[inline(always)]
    unsafe fn sums_of_4(a: __m128, b: __m128, c: __m128, d: __m128) -> [f32; 4] {
        // SAFETY: SSE2 is part of every x86-64 processor; the store fills the array.
        unsafe {
            let ab = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
            let cd = _mm_add_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
            let sums = _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
            let mut out = [0.0; 4];
            _mm_storeu_ps(out.as_mut_ptr(), sums);
            out
        }
    }

    #[inline(always)]
    unsafe fn halved(x: __m256) -> __m128 {
        // SAFETY: the caller runs on a processor with AVX.
        unsafe { _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x)) }
    }

    // SAFETY, of every function below: the trait's contract, see the module.
    impl Lanes for __m256 {
        const N: usize = 8;
        #[inline(always)]
        unsafe fn zero() -> Self {
            unsafe { _mm256_setzero_ps() }
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { _mm256_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn fma(self, a: Self, b: Self) -> Self {
            unsafe { _mm256_fmadd_ps(a, b, self) }
        }
        #[inline(always)]
        unsafe fn sums([a, b, c, d]: [Self; 4]) -> [f32; 4] {
            unsafe { sums_of_4(halved(a), halved(b), halved(c), halved(d)) }
        }
    }

    #[inline(always)]
    unsafe fn quartered(x: __m512) -> __m128 {
        // SAFETY: the caller runs on a processor with AVX-512F.
        unsafe {
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(x)));
            halved(_mm256_add_ps(_mm512_castps512_ps256(x), high))
        }
    }

    // SAFETY, of every function below: the trait's contract, see the module.
    impl Lanes for __m512 {
        const N: usize = 16;
        #[inline(always)]
        unsafe fn zero() -> Self {
            unsafe { _mm512_setzero_ps() }
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { _mm512_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn fma(self, a: Self, b: Self) -> Self {
            unsafe { _mm512_fmadd_ps(a, b, self) }
        }
        #[inline(always)]
        unsafe fn sums([a, b, c, d]: [Self; 4]) -> [f32; 4] {
            unsafe { sums_of_4(quartered(a), quartered(b), quartered(c), quartered(d)) }
        }
    }
}

// SAFETY, of every function below: plain arithmetic on any processor; the load reads what the trait's contract allows.
impl Lanes for [f32; 8] {
    const N: usize = 8;
    #[inline(always)]
    unsafe fn zero() -> Self {
        [0.0; 8]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { from.cast::<[f32; 8]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn fma(mut self, a: Self, b: Self) -> Self {
        for i in 0..8 {
            // Without the instruction a fused product is a call into libm.
            self[i] = if cfg!(target_arch = "aarch64") { a[i].mul_add(b[i], self[i]) } else { self[i] + a[i] * b[i] };
        }
        self
    }
    #[inline(always)]
    unsafe fn sums(of: [Self; 4]) -> [f32; 4] {
        of.map(|x| {
            let four = [x[0] + x[4], x[1] + x[5], x[2] + x[6], x[3] + x[7]];
            (four[0] + four[2]) + (four[1] + four[3])
        })
    }
}
