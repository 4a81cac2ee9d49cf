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

use crate::{Axis, Blueprint, Growth, GrowthError, Method, Role, Shape, Split, TensorSpec, check, grow};
use phi_model::{Checkpoint, OptimiserRecord, OptimiserState, ParamLayout, ParamSpec, PhiConfig, UpdateScale};

/// The law for growth from one shape to another. With paired noise or unequal shares it is where training starts from, not
/// exact.
#[derive(Debug, Clone)]
pub struct OptimiserGrowth {
    small: PhiConfig,
    large: PhiConfig,
    shapes: (Shape, Shape),
    tensors: Vec<TensorSpec>,
}

impl OptimiserGrowth {
    /// The law for this growth.
    ///
    /// # Errors
    /// As [`check`]'s; the method isn't `tiling-preserving`, or depth or vocabulary grow: no law is known then.
    pub fn new(small: &PhiConfig, large: &PhiConfig, growth: &Growth) -> Result<OptimiserGrowth, GrowthError> {
        let (from, to) = (Blueprint::of_phi(small)?, Blueprint::of_phi(large)?);
        check(&from, &to, growth)?;
        let method = growth.method;
        let refuse = |reason| Err(GrowthError::Optimiser { method, reason });
        if method != Method::TilingPreserving {
            return refuse("the law is known for tiling-preserving only");
        }
        if small.num_layers != large.num_layers {
            return refuse("new layers have no moments to grow from");
        }
        if small.vocab_size != large.vocab_size {
            return refuse("new entries of the vocabulary have no moments to grow from");
        }
        Ok(OptimiserGrowth {
            small: small.clone(),
            large: large.clone(),
            shapes: (from.shape().clone(), to.shape().clone()),
            tensors: to.tensors(),
        })
    }

    /// By how much an axis grows.
    fn ratio(&self, axis: Axis) -> f64 {
        (self.shapes.1.len(axis) / self.shapes.0.len(axis)) as f64
    }

    fn tensor(&self, spec: &ParamSpec) -> &TensorSpec {
        self.tensors.iter().find(|t| t.name == spec.name).expect("a Phi's parameters are its blueprint's tensors")
    }

    /// The number of copies that share a parameter's gradient.
    fn sharing(&self, tensor: &TensorSpec) -> f64 {
        match tensor.role {
            Role::Head | Role::HeadBias => 1.0,
            Role::Embedding => self.ratio(Axis::Hidden),
            _ => self.ratio(tensor.rows),
        }
    }

    /// What AdamW's settings are to be multiplied by for a parameter of the large model.
    pub fn update_scale(&self, spec: &ParamSpec) -> UpdateScale {
        let tensor = self.tensor(spec);
        let divided = tensor.cols.filter(|_| tensor.sums()).map_or(1.0, |read| self.ratio(read));
        UpdateScale { learning_rate: 1.0 / divided, weight_decay: divided, epsilon: 1.0 / self.sharing(tensor) }
    }

    /// The large model's state; the count of updates goes on.
    ///
    /// # Panics
    /// The moments aren't as long as the small model's parameters.
    pub fn state(&self, small: &OptimiserState) -> OptimiserState {
        let layout = ParamLayout::new(&self.large);
        let grown = |buffer: &[f32], power: i32| {
            let growth = Growth {
                method: Method::Tiling,
                depth: crate::DepthRule::Identity,
                snr_db: None,
                split: Split::Equal,
                seed: 0,
            };
            let tiles = grow(&Checkpoint::from_flat(&self.small, buffer), &self.large, &growth);
            let mut flat = tiles.expect("tiling does what tiling-preserving does").to_flat();
            for spec in layout.specs() {
                let divisor = self.sharing(self.tensor(spec)).powi(power) as f32;
                flat[spec.range.clone()].iter_mut().for_each(|x| *x /= divisor);
            }
            flat
        };
        let scale = |spec: &ParamSpec| (spec.name.clone(), small.record.scale(&spec.name).and(self.update_scale(spec)));
        let scales = layout.specs().iter().map(scale).filter(|(_, scale)| *scale != UpdateScale::default());
        OptimiserState {
            first: grown(&small.first, 1),
            second: grown(&small.second, 2),
            record: OptimiserRecord { updates: small.record.updates, scales: scales.collect() },
        }
    }
}
