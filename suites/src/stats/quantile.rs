//! Quantiles and tails of the normal and of Student's t distribution, by statrs.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The point below which a share `p` of a standard normal variable lies.
pub fn normal(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The same for Student's t with `df` degrees of freedom; normal where `df` is infinite or very large.
pub fn student_t(p: f64, df: f64) -> f64 {
    // The symmetric half is the more accurate one.
    if p < 0.5 {
        return -student_t(1.0 - p, df);
    }
    match distribution(df) {
        Some(t) => t.inverse_cdf(p),
        None => normal(p),
    }
}

/// The chance that Student's t lies at least as far from 0 as `t`.
pub fn two_sided_p(t: f64, df: f64) -> f64 {
    let tail = match distribution(df) {
        Some(distribution) => distribution.sf(t.abs()),
        None => Normal::standard().sf(t.abs()),
    };
    (2.0 * tail).min(1.0)
}

fn distribution(df: f64) -> Option<StudentsT> {
    if df < 1e6 { StudentsT::new(0.0, 1.0, df).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_equal_published_tables() {
        for (df, expected) in
            [(1.0, 12.706_204_736), (2.0, 4.302_652_730), (10.0, 2.228_138_852), (120.0, 1.979_930_405)]
        {
            assert!((student_t(0.975, df) - expected).abs() < 1e-6, "{df}");
            assert!((student_t(0.025, df) + expected).abs() < 1e-6, "{df}");
            assert!((two_sided_p(expected, df) - 0.05).abs() < 1e-8, "{df}");
        }
        assert!((normal(0.975) - 1.959_963_985).abs() < 1e-8);
        assert!((student_t(0.975, f64::INFINITY) - 1.959_963_985).abs() < 1e-8);
    }
}
