//! From a small checkpoint to a large one, in memory.

use crate::plan::GrowthPlan;
use crate::rows::Sources;
use crate::small_tensor::{Numbers, SmallTensor};
use crate::{Blueprint, Growth, GrowthError};
use phi_model::{Checkpoint, PhiConfig, Tensor};
use std::collections::BTreeMap;

/// Makes a Phi of shape `target` out of a small one.
///
/// # Errors
/// As [`check`](crate::check)'s.
pub fn grow(small: &Checkpoint, target: &PhiConfig, growth: &Growth) -> Result<Checkpoint, GrowthError> {
    let (from, to) = (Blueprint::of_phi(small.config())?, Blueprint::of_phi(target)?);
    let plan = GrowthPlan::new(&from, &to, growth)?;
    let mut tensors = BTreeMap::new();
    for (i, spec) in plan.tensors().iter().enumerate() {
        let names = plan.source_names(spec);
        let source = |name: &str| {
            let tensor = small.tensor(name);
            SmallTensor { cols: tensor.rows_cols().1, numbers: Numbers::Floats(tensor.data()) }
        };
        let sources = Sources {
            own: names.as_ref().map(|(own, _)| source(own)),
            above: names.as_ref().map(|(_, above)| source(above)),
        };
        let shape = spec.shape(to.shape());
        let mut data = vec![0.0; shape.iter().product()];
        plan.tensor(i).begin(&sources).make(0, &mut data);
        tensors.insert(spec.name.clone(), Tensor::new(shape, data));
    }
    Ok(Checkpoint::new(target.clone(), tensors).expect("a grown checkpoint has the target's tensors"))
}
