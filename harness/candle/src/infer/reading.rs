//! Log-probabilities of sequences of like length, padded on the right.

use super::PhiOnDevice;
use crate::ops::cross_entropy::{log_probabilities, rows_at_once};
use crate::rows::RowsBuilder;
use candle_core::{IndexOp, Result, Tensor};
use phi_model::Reading;

impl PhiOnDevice {
    /// The answers to each sequence's wants.
    pub(super) fn read_all(&self, readings: &[Reading]) -> Result<Vec<Vec<(f64, bool)>>> {
        let len = readings.iter().map(|r| r.tokens.len()).max().unwrap_or(0);
        let (mut rows, mut places, mut targets) = (RowsBuilder::default(), Vec::new(), Vec::new());
        for (row, reading) in readings.iter().enumerate() {
            rows.push(&reading.tokens);
            rows.pad(len - reading.tokens.len());
            for (offset, target) in &reading.wants {
                places.push((row * len + offset) as u32);
                targets.push(*target);
            }
        }
        let mut answers = self.answers(rows, len, places, targets)?.into_iter();
        Ok(readings.iter().map(|r| answers.by_ref().take(r.wants.len()).collect()).collect())
    }

    /// The answer at each place, a bounded number of logits at a time.
    fn answers(&self, rows: RowsBuilder, len: usize, places: Vec<u32>, targets: Vec<u32>) -> Result<Vec<(f64, bool)>> {
        let (n, device) = (places.len(), &self.on.device);
        if n == 0 {
            return Ok(Vec::new());
        }
        let rows = rows.build(&self.network.config, &self.network.table, len, device)?;
        let x = self.network.blocks(&self.weights, &rows, &mut |_| Ok(()))?;
        let x = x.index_select(&Tensor::from_vec(places, n, device)?, 0)?;
        let targets = Tensor::from_vec(targets, n, device)?;
        let mut answers = Vec::with_capacity(n);
        let step = rows_at_once(self.network.config.vocab_size);
        for from in (0..n).step_by(step) {
            let some = from..(from + step).min(n);
            let logits = self.logits(&x.i(some.clone())?)?;
            let (values, first) = log_probabilities(&logits, &targets.i(some)?)?;
            let values = values.to_vec1::<f32>()?.into_iter().map(f64::from);
            answers.extend(values.zip(first.to_vec1::<u8>()?.into_iter().map(|x| x != 0)));
        }
        Ok(answers)
    }
}
