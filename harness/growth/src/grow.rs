//! From a small checkpoint to a large one.

use crate::depth::{LayerSource, layer_sources};
use crate::width::{Source, Width};
use crate::{DepthRule, GrowthError, Method, check};
use phi_model::{Checkpoint, ParamLayout, PhiConfig};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How to grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// The width's method.
    pub method: Method,
    /// The depth's rule.
    pub depth: DepthRule,
    /// For tiling-preserving: how far the weights' power lies above the paired noise's, in decibels; `None` for exact
    /// copies, which a deterministic trainer never tells apart again.
    pub snr_db: Option<f64>,
    /// Seed of all that is random.
    pub seed: u64,
}

/// Makes a checkpoint of shape `target` out of a small one.
///
/// # Errors
/// As [`check`]'s.
pub fn grow(small: &Checkpoint, target: &PhiConfig, growth: &Growth) -> Result<Checkpoint, GrowthError> {
    check(small.config(), target, growth)?;
    if growth.method == Method::Scratch {
        return Ok(Checkpoint::random(target, growth.seed));
    }
    let num_layers = small.config().num_layers;
    let layers = layer_sources(num_layers, target.num_layers, growth.depth);
    let width = Width::new(small.config(), target, growth);
    let mut tensors = BTreeMap::new();
    for (i, spec) in ParamLayout::new(target).specs().iter().enumerate() {
        let tensor = match in_layer(&spec.name) {
            None => {
                let own = small.tensor(&spec.name);
                width.grow(&Source { own, above: own, layer: None }, spec, i)
            }
            Some((layer, rest)) => {
                let LayerSource { layer: from, silent } = layers[layer];
                let tensor = |l: usize| small.tensor(&format!("model.layers.{l}.{rest}"));
                let above = tensor((from + 1).min(num_layers - 1));
                let mut tensor = width.grow(&Source { own: tensor(from), above, layer: Some(layer) }, spec, i);
                if silent && (rest.contains(".dense.") || rest.contains(".fc2.")) {
                    tensor.data_mut().fill(0.0);
                }
                tensor
            }
        };
        tensors.insert(spec.name.clone(), tensor);
    }
    Ok(Checkpoint::new(target.clone(), tensors).expect("a grown checkpoint has the target's tensors"))
}

/// Number of the layer that a tensor lies in, and its name within the layer.
fn in_layer(name: &str) -> Option<(usize, &str)> {
    let (number, rest) = name.strip_prefix("model.layers.")?.split_once('.')?;
    Some((number.parse().ok()?, rest))
}
