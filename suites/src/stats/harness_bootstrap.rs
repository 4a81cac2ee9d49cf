//! Standard errors as lm-evaluation-harness makes them for what isn't a mean.
//!
//! Source: lm-evaluation-harness 0.4.13, `lm_eval/api/metrics.py`, `bootstrap_stderr`: the standard deviation of the statistic
//! over 100000 resamples, drawn in chunks by CPython's `random.Random(chunk).choices`.

use super::mean;
use crate::python::Random;

/// Resamples of one generator.
const CHUNK: u64 = 1000;
/// Generators, seeded with 0 and up.
const CHUNKS: u64 = 100;

/// The standard deviation of a statistic of `n` documents over 100000 resamples, given the positions that were drawn; 0
/// below two documents.
#[must_use]
pub fn harness_bootstrap_error(n: usize, statistic: &(dyn Fn(&[usize]) -> f64 + Sync)) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let resampled: Vec<f64> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let chunks = (CHUNKS * worker / threads)..(CHUNKS * (worker + 1) / threads);
                scope.spawn(move || chunks.flat_map(|chunk| resamples(n, statistic, chunk)).collect::<Vec<f64>>())
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("resampling doesn't panic")).collect()
    });
    let centre = mean(&resampled);
    let squares: f64 = resampled.iter().map(|x| (x - centre).powi(2)).sum();
    (squares / (resampled.len() as f64 - 1.0)).sqrt()
}

/// The statistics of one chunk.
fn resamples(n: usize, statistic: &dyn Fn(&[usize]) -> f64, chunk: u64) -> Vec<f64> {
    let mut random = Random::new(chunk);
    let mut drawn = vec![0; n];
    (0..CHUNK)
        .map(|_| {
            drawn.iter_mut().for_each(|place| *place = (random.random() * n as f64) as usize);
            statistic(&drawn)
        })
        .collect()
}
