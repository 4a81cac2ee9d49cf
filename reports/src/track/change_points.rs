//! Where a series of measurements changed its level.
//!
//! Binary segmentation (Vostrikova, Soviet Mathematics Doklady 24, 1981): the split of a segment that parts its means most,
//! by the CUSUM statistic `sqrt(k (n - k) / n) |mean(first k) - mean(last n - k)|`, is a change point if it is significant,
//! and then both halves are searched. Significance is a permutation test's (Antoch and Hušková, "Permutation tests in change
//! point analysis", Statistics & Probability Letters 53, 2001; so also in Matteson and James' E-divisive, JASA 109, 2014,
//! which Daly et al., ICPE 2020, use on benchmark histories): without a change every order of the values is as likely, so
//! the share of orders with a statistic as large is a p-value whatever the noise is like. It asks for no model of the noise,
//! and no guess at its size; noise that hangs together from one commit to the next makes it too ready to see a change.

use phi_suites::python::Random;

/// Values on either side of a change point, at least: one outlier is none.
const SHORTEST: usize = 3;
/// Random orders a test: the smallest p-value is 1 in 1,000.
const ORDERS: usize = 999;
/// Seeds the orders, so that a history has the same change points every time.
const SEED: u64 = 20_260_203;

/// A change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// Position of the first value of the new level.
    pub index: usize,
    /// Mean of the values before it, back to the change point before or the beginning.
    pub before: f64,
    /// Mean of the values from it, up to the next change point or the end.
    pub after: f64,
    /// Share of random orders with a split as clear.
    pub p_value: f64,
}

/// The change points of a series, in order. In a series that doesn't change, one is found with a chance of `alpha`.
pub fn change_points(values: &[f64], alpha: f64) -> Vec<ChangePoint> {
    let mut splits = Vec::new();
    search(values, 0, alpha, &mut Random::new(SEED), &mut splits);
    splits.sort_by_key(|(index, _)| *index);
    let mean = |from: usize, to: usize| values[from..to].iter().sum::<f64>() / (to - from) as f64;
    let edge = |i: usize| splits.get(i).map_or(values.len(), |(index, _)| *index);
    splits
        .iter()
        .enumerate()
        .map(|(i, &(index, p_value))| ChangePoint {
            index,
            before: mean(if i == 0 { 0 } else { edge(i - 1) }, index),
            after: mean(index, edge(i + 1)),
            p_value,
        })
        .collect()
}

fn search(values: &[f64], offset: usize, alpha: f64, random: &mut Random, splits: &mut Vec<(usize, f64)>) {
    let Some((k, clearest)) = clearest_split(values) else { return };
    let mut order = values.to_vec();
    // Orders that are equal but for rounding are equal.
    let as_clear = clearest * (1.0 - 1e-9);
    let n_as_clear = (0..ORDERS)
        .filter(|_| {
            for i in (1..order.len()).rev() {
                order.swap(i, random.below(i + 1));
            }
            clearest_split(&order).is_some_and(|(_, statistic)| statistic >= as_clear)
        })
        .count();
    let p_value = (n_as_clear + 1) as f64 / (ORDERS + 1) as f64;
    if p_value <= alpha {
        splits.push((offset + k, p_value));
        search(&values[..k], offset, alpha, random, splits);
        search(&values[k..], offset + k, alpha, random, splits);
    }
}

/// The length of the first part, and the statistic; `None` of too few values.
fn clearest_split(values: &[f64]) -> Option<(usize, f64)> {
    let n = values.len();
    if n < 2 * SHORTEST {
        return None;
    }
    let total: f64 = values.iter().sum();
    let mut sum: f64 = values[..SHORTEST - 1].iter().sum();
    let mut best = (SHORTEST, f64::NEG_INFINITY);
    for k in SHORTEST..=n - SHORTEST {
        sum += values[k - 1];
        let (first, last) = (k as f64, (n - k) as f64);
        let statistic = (first * last / n as f64).sqrt() * (sum / first - (total - sum) / last).abs();
        if statistic > best.1 {
            best = (k, statistic);
        }
    }
    Some(best)
}
