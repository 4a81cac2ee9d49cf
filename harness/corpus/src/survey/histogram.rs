//! Counts by size, on a logarithmic scale, in constant memory.

use serde::{Serialize, Serializer};

/// Bins of an octave: a bin's ends differ by 4.4 %.
const PER_OCTAVE: u32 = 16;

/// How many values fall into each bin of a logarithmic scale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogHistogram {
    /// Values of 0, then of each bin from 1 on.
    bins: Vec<u64>,
    count: u64,
    sum: u64,
    max: u64,
}

impl LogHistogram {
    /// Counts a value.
    pub fn add(&mut self, value: u64) {
        let bin = if value == 0 { 0 } else { 1 + ((value as f64).log2() * f64::from(PER_OCTAVE)) as usize };
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += 1;
        self.count += 1;
        self.sum += value;
        self.max = self.max.max(value);
    }

    /// The mean of all values; 0 without any.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// The largest value.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// A value that about this share of all lie below, within 4.4 %.
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bin, count) in self.bins.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(bin).min(self.max);
            }
        }
        self.max
    }

    /// How many values lie in each doubling, from the smallest to the largest: its upper end, and the count.
    pub fn octaves(&self) -> Vec<(String, u64)> {
        let mut octaves: Vec<(u64, u64)> = vec![];
        for (bin, count) in self.bins.iter().enumerate() {
            let end = if bin == 0 { 0 } else { 2u64.saturating_pow(1 + (bin as u32 - 1) / PER_OCTAVE) };
            match octaves.last_mut() {
                Some((last, total)) if *last == end => *total += count,
                _ => octaves.push((end, *count)),
            }
        }
        let first = octaves.iter().position(|(_, count)| *count > 0).unwrap_or(octaves.len());
        octaves[first..].iter().map(|(end, count)| (format!("<{}", short(*end)), *count)).collect()
    }
}

/// The upper end of a bin.
fn upper(bin: usize) -> u64 {
    if bin == 0 { 0 } else { 2f64.powf(bin as f64 / f64::from(PER_OCTAVE)) as u64 }
}

fn short(number: u64) -> String {
    match number {
        0..1024 => number.to_string(),
        1024..1_048_576 => format!("{}k", number >> 10),
        _ => format!("{}M", number >> 20),
    }
}

impl Serialize for LogHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Summary {
            mean: f64,
            p10: u64,
            median: u64,
            p90: u64,
            p99: u64,
            max: u64,
        }
        let q = |share| self.quantile(share);
        let (p10, median, p90, p99) = (q(0.1), q(0.5), q(0.9), q(0.99));
        Summary { mean: self.mean(), p10, median, p90, p99, max: self.max }.serialize(serializer)
    }
}
