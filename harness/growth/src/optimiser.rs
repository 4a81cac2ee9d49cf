//! What becomes of AdamW's state and settings when a model grows by symmetric tiling.
//!
//! Let a matrix `W` become copies of `W / c`, where `c` is the ratio by which its inputs grow. In the large model the
//! gradient at each copy of a unit is the small one's divided by the unit's number of copies `f`: the first moment is
//! divided by `f`, the second by `f * f`, and with epsilon divided by `f` too, AdamW's step is the small model's. What
//! has been divided by `c` needs a step `c` times as small: the learning rate is divided by `c`, and weight decay, which
//! is multiplied by the learning rate, grows by `c`. The head's gradient isn't shared among copies (`f` is 1), but its
//! weight is divided. Then the large model is the small one at every step (mu-transfer for width growth; staged training,
//! Shen et al. 2022, states it for its own operator), as long as nothing clips the gradient's norm, which
//! is another in the large model.

use crate::axis::Axis;
use crate::{Growth, GrowthError, Method, check, grow};
use phi_model::{Checkpoint, ParamKind, ParamLayout, ParamSpec, PhiConfig};

/// AdamW's moments, each in [`ParamLayout`] order.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Means of the gradient.
    pub first: Vec<f32>,
    /// Means of the gradient's square.
    pub second: Vec<f32>,
}

/// What AdamW's settings are to be multiplied by for one parameter of the large model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UpdateScale {
    /// The learning rate.
    pub learning_rate: f64,
    /// The weight decay, which the learning rate multiplies.
    pub weight_decay: f64,
    /// What is added to the root of the second moment.
    pub epsilon: f64,
}

/// The law for growth from one shape to another. With paired noise it is where training starts from, not exact.
#[derive(Debug, Clone)]
pub struct OptimiserGrowth {
    small: PhiConfig,
    large: PhiConfig,
}

impl OptimiserGrowth {
    /// The law for this growth.
    ///
    /// # Errors
    /// As [`check`]'s; the method isn't `tiling-preserving`, or the depth grows: no law is known then.
    pub fn new(small: &PhiConfig, large: &PhiConfig, growth: &Growth) -> Result<OptimiserGrowth, GrowthError> {
        check(small, large, growth)?;
        let method = growth.method;
        if method != Method::TilingPreserving {
            return Err(GrowthError::Optimiser { method, reason: "the law is known for tiling-preserving only" });
        }
        if small.num_layers != large.num_layers {
            return Err(GrowthError::Optimiser { method, reason: "new layers have no moments to grow from" });
        }
        Ok(OptimiserGrowth { small: small.clone(), large: large.clone() })
    }

    /// By how much an axis grows.
    fn ratio(&self, axis: Axis) -> f64 {
        (axis.len(&self.large) / axis.len(&self.small)) as f64
    }

    /// The number of copies that share a parameter's gradient.
    fn sharing(&self, spec: &ParamSpec) -> f64 {
        match spec.kind {
            ParamKind::HeadWeight | ParamKind::HeadBias => 1.0,
            ParamKind::Embedding => self.ratio(Axis::Residual),
            _ => self.ratio(Axis::of(spec).0),
        }
    }

    /// What AdamW's settings are to be multiplied by for a parameter of the large model.
    pub fn update_scale(&self, spec: &ParamSpec) -> UpdateScale {
        let divided = match (spec.kind, Axis::of(spec).1) {
            (ParamKind::Matrix | ParamKind::HeadWeight, Some(read)) => self.ratio(read),
            _ => 1.0,
        };
        UpdateScale { learning_rate: 1.0 / divided, weight_decay: divided, epsilon: 1.0 / self.sharing(spec) }
    }

    /// The large model's moments; the count of steps goes on.
    ///
    /// # Panics
    /// The moments aren't as long as the small model's parameters.
    pub fn moments(&self, small: &Moments) -> Moments {
        let grown = |buffer: &[f32], power: i32| {
            let growth = Growth { method: Method::Tiling, depth: crate::DepthRule::Identity, snr_db: None, seed: 0 };
            let tiles = grow(&Checkpoint::from_flat(&self.small, buffer), &self.large, &growth);
            let mut flat = tiles.expect("tiling does what tiling-preserving does").to_flat();
            for spec in ParamLayout::new(&self.large).specs() {
                let divisor = self.sharing(spec).powi(power) as f32;
                flat[spec.range.clone()].iter_mut().for_each(|x| *x /= divisor);
            }
            flat
        };
        Moments { first: grown(&small.first, 1), second: grown(&small.second, 2) }
    }
}
