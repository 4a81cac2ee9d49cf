//! CPython's `random.Random` as far as few-shot sampling needs it: the same seed gives the same shots.
//!
//! Sources: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998 (MT19937 with `init_by_array`); CPython
//! 3.11 `Modules/_randommodule.c` (seeding by an integer) and `Lib/random.py` (`_randbelow_with_getrandbits`, `sample`,
//! `shuffle`).

use std::collections::HashSet;

const N: usize = 624;
const M: usize = 397;

/// A generator that gives the same numbers as CPython's `random.Random(seed)`.
#[derive(Clone)]
pub struct Random {
    state: [u32; N],
    index: usize,
}

impl Random {
    /// `random.Random(seed)` for a non-negative integer seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let low = seed as u32;
        let high = (seed >> 32) as u32;
        let key: &[u32] = if high == 0 { &[low] } else { &[low, high] };
        let mut random = Self { state: [0; N], index: N };
        random.init_by_array(key);
        random
    }

    fn init_genrand(&mut self, seed: u32) {
        self.state[0] = seed;
        for i in 1..N {
            let previous = self.state[i - 1];
            self.state[i] = 1_812_433_253u32.wrapping_mul(previous ^ (previous >> 30)).wrapping_add(i as u32);
        }
        self.index = N;
    }

    fn init_by_array(&mut self, key: &[u32]) {
        self.init_genrand(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let previous = self.state[i - 1];
            self.state[i] = (self.state[i] ^ (previous ^ (previous >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i += 1;
            j = (j + 1) % key.len();
            if i >= N {
                self.state[0] = self.state[N - 1];
                i = 1;
            }
        }
        for _ in 0..N - 1 {
            let previous = self.state[i - 1];
            self.state[i] =
                (self.state[i] ^ (previous ^ (previous >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                self.state[0] = self.state[N - 1];
                i = 1;
            }
        }
        self.state[0] = 0x8000_0000;
    }

    fn next_u32(&mut self) -> u32 {
        if self.index >= N {
            for k in 0..N {
                let y = (self.state[k] & 0x8000_0000) | (self.state[(k + 1) % N] & 0x7fff_ffff);
                let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[k] = self.state[(k + M) % N] ^ (y >> 1) ^ twist;
            }
            self.index = 0;
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// `getrandbits(bits)` for 1 to 32 bits.
    pub fn getrandbits(&mut self, bits: u32) -> u32 {
        debug_assert!((1..=32).contains(&bits));
        self.next_u32() >> (32 - bits)
    }

    /// `random()`: a float in [0, 1) with 53 random bits.
    pub fn random(&mut self) -> f64 {
        let a = f64::from(self.next_u32() >> 5);
        let b = f64::from(self.next_u32() >> 6);
        (a * 67_108_864.0 + b) / 9_007_199_254_740_992.0
    }

    /// `_randbelow(n)`: a number below `n`, which is at least 1.
    pub fn below(&mut self, n: usize) -> usize {
        let bits = usize::BITS - n.leading_zeros();
        loop {
            let r = self.getrandbits(bits) as usize;
            if r < n {
                return r;
            }
        }
    }

    /// Positions that `sample(population, k)` would take from a population of `n`.
    ///
    /// # Panics
    /// If `k` is larger than `n`; callers check that first.
    pub fn sample_indices(&mut self, n: usize, k: usize) -> Vec<usize> {
        assert!(k <= n, "a sample of {k} can't be taken from {n}");
        let mut set_size = 21usize;
        if k > 5 {
            // 4 ** ceil(log(3k, 4)): the smallest power of four that isn't below 3k.
            let mut power = 1;
            while power < 3 * k {
                power *= 4;
            }
            set_size += power;
        }
        if n <= set_size {
            let mut pool: Vec<usize> = (0..n).collect();
            return (0..k)
                .map(|i| {
                    let j = self.below(n - i);
                    let taken = pool[j];
                    pool[j] = pool[n - i - 1];
                    taken
                })
                .collect();
        }
        let mut selected = HashSet::new();
        (0..k)
            .map(|_| {
                loop {
                    let j = self.below(n);
                    if selected.insert(j) {
                        return j;
                    }
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_equal_cpythons() {
        let mut random = Random::new(1234);
        let words: Vec<u32> = (0..4).map(|_| random.getrandbits(32)).collect();
        assert_eq!(words, [4_150_886_329, 3_342_196_574, 1_892_932_127, 501_869_158]);
        let mut random = Random::new(42);
        let floats: Vec<f64> = (0..3).map(|_| random.random()).collect();
        assert_eq!(floats, [0.639_426_798_457_883_7, 0.025_010_755_222_666_936, 0.275_029_318_369_119_26]);
    }

    #[test]
    fn samples_equal_cpythons() {
        let mut random = Random::new(1234);
        assert_eq!(random.sample_indices(7473, 5), [6374, 3610, 957, 61, 742]);
        assert_eq!(random.sample_indices(7473, 5), [7462, 6610, 4769, 286, 5501]);
        let mut random = Random::new(1234);
        assert_eq!(random.sample_indices(2251, 5), [1805, 478, 30, 371, 143]);
        let mut random = Random::new(1234);
        assert_eq!(random.sample_indices(39905, 6), [28883, 7657, 490, 5940, 38156, 2288]);
        // Python 3.11: random.Random(1234).sample(range(12), 4), the pool method, and sample(range(80), 7).
        let mut random = Random::new(1234);
        assert_eq!(random.sample_indices(12, 4), PYTHON_SMALL);
        let mut random = Random::new(1234);
        assert_eq!(random.sample_indices(80, 7), PYTHON_POOL);
    }

    const PYTHON_SMALL: [usize; 4] = [7, 1, 0, 10];
    const PYTHON_POOL: [usize; 7] = [56, 14, 0, 11, 74, 4, 10];
}
