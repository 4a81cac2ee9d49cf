//! Rotary position embedding: which dimensions turn, how fast, and how the families stretch their contexts.

use super::ConfigJson;
use super::yarn::Yarn;

/// Rotary position embedding of one model.
#[derive(Debug, Clone)]
pub(crate) struct Rope {
    /// Radians a position, for each pair of dimensions.
    pub inverse_frequencies: Vec<f32>,
    /// Whether dimension `2 i` is paired with `2 i + 1`; else `i` with `i + rotary_dim / 2`.
    pub interleaved: bool,
    /// Multiplies cosines and sines.
    pub attention_factor: f32,
}

impl Rope {
    /// Without any stretching. In f32 as transformers computes it, so that angles at far positions agree.
    pub(crate) fn plain(theta: f64, rotary_dim: usize) -> Rope {
        let frequency = |i: usize| 1.0 / (theta as f32).powf((2 * i) as f32 / rotary_dim as f32);
        let inverse_frequencies = (0..rotary_dim.min(1 << 12) / 2).map(frequency).collect();
        Rope { inverse_frequencies, interleaved: false, attention_factor: 1.0 }
    }

    /// Dimensions of each head that turn.
    pub(crate) fn rotary_dim(&self) -> usize {
        2 * self.inverse_frequencies.len()
    }

    pub(super) fn validate(&self, head_dim: usize) -> Result<(), String> {
        if self.rotary_dim() > head_dim {
            return Err(format!("{} dimensions of a head of {head_dim} are rotated", self.rotary_dim()));
        }
        let all = self.inverse_frequencies.iter().chain([&self.attention_factor]);
        match all.copied().find(|f| !(f.is_finite() && *f > 0.0)) {
            Some(f) => Err(format!("a rotary frequency is {f}; rope_theta or its scaling is not usable")),
            None => Ok(()),
        }
    }

    /// What a configuration says: `rope_parameters` of transformers 5, or `rope_theta` and `rope_scaling` of before.
    /// Returns the positions that the stretching is good for too, where those are fewer than the configuration's.
    pub(crate) fn of(
        config: &ConfigJson,
        head_dim: usize,
        default_factor: f64,
        max_positions: usize,
    ) -> Result<(Rope, usize), String> {
        let parameters = config.object("rope_parameters")?.or(config.object("rope_scaling")?);
        let number = |name: &str, old: &str, default: f64| -> Result<f64, String> {
            let inner = parameters.as_ref().map_or(Ok(None), |p| p.number(name))?;
            Ok(inner.or(config.number(name)?).or(config.number(old)?).unwrap_or(default))
        };
        let theta = number("rope_theta", "rotary_emb_base", 10_000.0)?;
        let factor = number("partial_rotary_factor", "rotary_pct", default_factor)?;
        if !(theta.is_finite() && theta > 1.0) {
            return Err(format!("rope_theta is {theta}; it must be above 1"));
        }
        if !(0.0..=1.0).contains(&factor) {
            return Err(format!("partial_rotary_factor is {factor}; it must lie between 0 and 1"));
        }
        let rotary_dim = (factor * head_dim as f64) as usize;
        if !rotary_dim.is_multiple_of(2) {
            return Err(format!("{rotary_dim} dimensions of each head are rotated; their number must be even"));
        }
        let rope = Rope::plain(theta, rotary_dim);
        let Some(scaling) = parameters else { return Ok((rope, max_positions)) };
        let kind = scaling.text("rope_type")?.or(scaling.text("type")?).unwrap_or_else(|| "default".into());
        rope.scaled(&kind, theta, &scaling, config, max_positions)
    }

    fn scaled(
        mut self,
        kind: &str,
        theta: f64,
        scaling: &ConfigJson,
        config: &ConfigJson,
        max_positions: usize,
    ) -> Result<(Rope, usize), String> {
        let required = |name: &str| -> Result<f32, String> {
            let value = scaling.number(name)?.ok_or_else(|| format!("rope scaling {kind:?} has no {name}"))?;
            Ok(value as f32)
        };
        match kind {
            // "dynamic" changes nothing within the context that the model was made for, and no more is offered.
            "default" | "dynamic" => {}
            "linear" => {
                let factor = required("factor")?;
                self.inverse_frequencies.iter_mut().for_each(|f| *f /= factor);
            }
            "llama3" => {
                let [factor, low, high] =
                    [required("factor")?, required("low_freq_factor")?, required("high_freq_factor")?];
                let original = required("original_max_position_embeddings")?;
                for f in &mut self.inverse_frequencies {
                    *f = llama3(*f, factor, low, high, original);
                }
            }
            "longrope" | "su" => {
                let original = scaling
                    .size("original_max_position_embeddings")?
                    .or(config.size("original_max_position_embeddings")?)
                    .unwrap_or(max_positions);
                let short = scaling.numbers("short_factor")?.unwrap_or_default();
                if short.len() != self.inverse_frequencies.len() {
                    let wanted = self.inverse_frequencies.len();
                    return Err(format!("short_factor has {} numbers instead of {wanted}", short.len()));
                }
                self.inverse_frequencies.iter_mut().zip(short).for_each(|(f, by)| *f /= by as f32);
                let stretch = match scaling.number("factor")? {
                    Some(factor) if original == max_positions => factor,
                    _ => max_positions as f64 / original as f64,
                };
                self.attention_factor = match scaling.number("attention_factor")? {
                    Some(factor) => factor as f32,
                    None if stretch <= 1.0 => 1.0,
                    None => (1.0 + stretch.ln() / (original as f64).ln()).sqrt() as f32,
                };
                return Ok((self, max_positions.min(original)));
            }
            "yarn" => {
                let original = scaling
                    .size("original_max_position_embeddings")?
                    .or(config.size("original_max_position_embeddings")?)
                    .unwrap_or(max_positions);
                Yarn::of(scaling, original as f64, theta)?.apply(&mut self);
            }
            other => {
                return Err(format!(
                    "rope scaling {other:?} is not supported; default, linear, dynamic, llama3, longrope and yarn are"
                ));
            }
        }
        Ok((self, max_positions))
    }
}

/// Llama 3.1's stretching: low frequencies are divided by `factor`, high ones stay, between them it goes over smoothly
/// (`_compute_llama3_parameters` of transformers).
fn llama3(frequency: f32, factor: f32, low: f32, high: f32, original: f32) -> f32 {
    let wavelength = std::f32::consts::TAU / frequency;
    if wavelength > original / low {
        frequency / factor
    } else if wavelength < original / high {
        frequency
    } else {
        let smooth = (original / wavelength - low) / (high - low);
        (1.0 - smooth) * frequency / factor + smooth * frequency
    }
}
