//! Which rows a step trains on.

use crate::TrainSpec;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rows in a seeded order, shuffled anew each epoch. A step's rows follow from its number alone.
#[derive(Debug, Clone)]
pub(crate) struct Batches {
    num_rows: usize,
    batch_rows: usize,
    seed: u64,
    epoch: u64,
    order: Vec<u32>,
}

impl Batches {
    pub(crate) fn new(num_rows: usize, batch_rows: usize, seed: u64) -> Batches {
        let mut batches = Batches { num_rows, batch_rows, seed, epoch: 0, order: Vec::new() };
        batches.shuffle(0);
        batches
    }

    /// The rows of a step. An epoch's last batch runs on into the next epoch.
    pub(crate) fn rows(&mut self, step: u64) -> Vec<usize> {
        let first = step * self.batch_rows as u64;
        (first..first + self.batch_rows as u64)
            .map(|i| {
                let epoch = i / self.num_rows as u64;
                if epoch != self.epoch {
                    self.shuffle(epoch);
                }
                self.order[(i % self.num_rows as u64) as usize] as usize
            })
            .collect()
    }

    fn shuffle(&mut self, epoch: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(epoch);
        self.epoch = epoch;
        self.order = (0..self.num_rows as u32).collect();
        for i in (1..self.order.len()).rev() {
            self.order.swap(i, rng.random_range(0..=i));
        }
    }
}

/// The rows that a step of a training run takes, out of so many. `step` counts from 0.
pub fn rows_of_step(spec: &TrainSpec, num_rows: usize, step: u64) -> Vec<usize> {
    Batches::new(num_rows, spec.batch_rows, spec.seed).rows(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_visits_every_row_once_and_a_step_can_be_asked_for_alone() {
        let mut batches = Batches::new(10, 4, 3);
        let all: Vec<usize> = (0..5).flat_map(|s| batches.rows(s)).collect();
        let sorted = |part: &[usize]| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part
        };
        assert_eq!(sorted(&all[..10]), (0..10).collect::<Vec<_>>());
        assert_eq!(sorted(&all[10..]), (0..10).collect::<Vec<_>>());
        assert_ne!(all[..10], all[10..]);
        assert_eq!(Batches::new(10, 4, 3).rows(3), all[12..16]);
    }
}
