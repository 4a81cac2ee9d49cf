//! What the machine can do: the speed of a large product.

use super::matmul::{Into, Mat, MatMut, matmul};
use std::time::{Duration, Instant};

/// Rows and columns of the product: large enough for full speed, small enough to take some hundredths of a second.
const SIZE: usize = 768;

/// Floating-point operations a second of an f32 product that every one of `threads` threads computes for itself: the best of
/// what about `time` allows. What a training step reaches is held against it.
pub fn product_peak(threads: usize, time: Duration) -> f64 {
    let begun = Instant::now();
    let mut best = 0f64;
    while best == 0.0 || begun.elapsed() < time {
        let seconds = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(one_product)).collect();
            handles.into_iter().map(|h| h.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).fold(0.0, f64::max)
        });
        best = best.max(2.0 * (SIZE * SIZE * SIZE) as f64 * threads.max(1) as f64 / seconds);
    }
    best
}

/// Seconds of one product, the second of two.
fn one_product() -> f64 {
    let (a, b, mut c) = (vec![1.0; SIZE * SIZE], vec![0.5; SIZE * SIZE], vec![0.0; SIZE * SIZE]);
    let mut product = || {
        let begun = Instant::now();
        let c = MatMut::new(&mut c, SIZE, SIZE);
        matmul(c, Into::Set, 1.0, Mat::new(&a, SIZE, SIZE), Mat::new(&b, SIZE, SIZE).t());
        begun.elapsed().as_secs_f64()
    };
    product();
    let seconds = product();
    std::hint::black_box(&c);
    seconds.max(1e-9)
}
