//! Figures of merit that only look at the order of values.

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let ties = order[at..].iter().take_while(|i| values[**i] == values[order[at]]).count();
        let rank = at as f64 + (ties + 1) as f64 / 2.0;
        order[at..at + ties].iter().for_each(|i| ranks[*i] = rank);
        at += ties;
    }
    ranks
}

/// The probability that a positive has a higher score than a negative, ties half (area under the ROC curve); `None`
/// without one of both.
pub fn auc(scores: &[f64], is_positive: &[bool]) -> Option<f64> {
    let positives = is_positive.iter().filter(|it| **it).count() as f64;
    let negatives = is_positive.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let ranks = ranks(scores);
    let sum: f64 = ranks.iter().zip(is_positive).filter(|(_, is)| **is).map(|(rank, _)| rank).sum();
    Some((sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

/// Spearman's rank correlation; `None` where one of both doesn't vary.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    (scale > 0.0).then(|| product(&a, &b) / scale)
}
