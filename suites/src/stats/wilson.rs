//! The score interval of a share.
//!
//! Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927). Its coverage
//! holds for few items and near 0 and 1, where mean plus and minus two standard errors fails (Brown, Cai and DasGupta,
//! "Interval Estimation for a Binomial Proportion", Statistical Science 16(2), 2001; Bowyer et al., arXiv 2503.01747).

use super::quantile::normal;

/// The interval for a share of `successes` among `n`; both may be fractional (an effective number of items).
#[must_use]
pub fn wilson(successes: f64, n: f64, alpha: f64) -> (f64, f64) {
    if n <= 0.0 {
        return (0.0, 1.0);
    }
    let z = normal(1.0 - alpha / 2.0);
    let share = successes / n;
    let z2 = z * z / n;
    let centre = (share + z2 / 2.0) / (1.0 + z2);
    let half = z / (1.0 + z2) * (share * (1.0 - share) / n + z2 / (4.0 * n)).sqrt();
    // At 0 and n one end is exactly 0 or 1, but for rounding.
    let low = if successes <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if successes >= n { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}
