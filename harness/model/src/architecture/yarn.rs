//! YaRN (Peng et al. 2023, arXiv 2309.00071): fast dimensions turn as before, slow ones `factor` times slower, those between
//! go over linearly; as `_compute_yarn_parameters` of transformers has it.

use super::{ConfigJson, Rope};

/// The settings of one model.
#[derive(Debug)]
pub(super) struct Yarn {
    theta: f64,
    factor: f64,
    /// Positions of the first training.
    original: f64,
    /// Turns within these positions above which a dimension is fast, and below which it is slow.
    turns: (f64, f64),
    /// Whether the bounds between fast and slow are whole dimensions.
    truncate: bool,
    attention_factor: f64,
}

impl Yarn {
    /// What `rope_parameters` or `rope_scaling` says.
    ///
    /// # Errors
    /// A sentence that names the number which is missing or not usable.
    pub(super) fn of(scaling: &ConfigJson, original: f64, theta: f64) -> Result<Yarn, String> {
        let factor = scaling.number("factor")?.ok_or("rope scaling \"yarn\" has no factor")?;
        if !(factor.is_finite() && factor >= 1.0 && original >= 1.0) {
            return Err(format!("rope scaling \"yarn\" has the factor {factor}; it must be 1 or more"));
        }
        let given = |name: &str| scaling.number(name).map(|number| number.filter(|x| *x != 0.0));
        let scale = |weight: f64| if factor <= 1.0 { 1.0 } else { 0.1 * weight * factor.ln() + 1.0 };
        let attention_factor = match (scaling.number("attention_factor")?, given("mscale")?, given("mscale_all_dim")?) {
            (Some(own), ..) => own,
            (None, Some(one), Some(all)) => scale(one) / scale(all),
            (None, ..) => scale(1.0),
        };
        let turns = (given("beta_fast")?.unwrap_or(32.0), given("beta_slow")?.unwrap_or(1.0));
        if !(turns.0 > 0.0 && turns.1 > 0.0) {
            return Err("rope scaling \"yarn\": beta_fast and beta_slow must be above 0".into());
        }
        let truncate = scaling.flag("truncate", true)?;
        Ok(Yarn { theta, factor, original, turns, truncate, attention_factor })
    }

    /// Slows the dimensions down.
    pub(super) fn apply(&self, rope: &mut Rope) {
        let dim = rope.rotary_dim() as f64;
        // The dimension that turns so often within the original positions.
        let turning =
            |turns: f64| dim * (self.original / (turns * std::f64::consts::TAU)).ln() / (2.0 * self.theta.ln());
        let (low, high) = (turning(self.turns.0), turning(self.turns.1));
        let (low, high) = if self.truncate { (low.floor(), high.ceil()) } else { (low, high) };
        let (low, mut high) = (low.max(0.0), high.min(dim - 1.0));
        if low == high {
            high += 0.001;
        }
        for (i, frequency) in rope.inverse_frequencies.iter_mut().enumerate() {
            let slow = ((i as f64 - low) / (high - low)).clamp(0.0, 1.0) as f32;
            *frequency = *frequency / self.factor as f32 * slow + *frequency * (1.0 - slow);
        }
        rope.attention_factor = self.attention_factor as f32;
    }
}
