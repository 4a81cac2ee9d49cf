//! The smallest effect that a comparison could have seen.
//!
//! Sources: Miller, arXiv 2411.00640 (2024), section 5, solved for the effect: `(z_{alpha/2} + z_beta) SE`; with Student's
//! t in place of z, since few seeds give few degrees of freedom (Bloom, "Minimum Detectable Effects", Evaluation Review
//! 19(5), 1995).

use super::quantile::student_t;

/// The true difference that a two-sided test at level `alpha` would find with probability `power`, given the standard
/// error of the difference and its degrees of freedom.
#[must_use]
pub fn minimum_detectable_effect(stderr: f64, df: f64, alpha: f64, power: f64) -> f64 {
    (student_t(1.0 - alpha / 2.0, df) + student_t(power, df)) * stderr
}
