//! From a small checkpoint to a large one.

use crate::depth::{LayerSource, layer_sources};
use crate::width::grow_tensor;
use crate::{DepthRule, GrowthError, Method};
use phi_model::{Checkpoint, ParamLayout, PhiConfig, init_std};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
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
/// A dimension shrinks, or the method can't do its ratio.
pub fn grow(small: &Checkpoint, target: &PhiConfig, growth: &Growth) -> Result<Checkpoint, GrowthError> {
    check(small.config(), target, growth)?;
    if growth.method == Method::Scratch {
        return Ok(Checkpoint::random(target, growth.seed));
    }
    let sources = layer_sources(small.config().num_layers, target.num_layers, growth.depth);
    let mut tensors = BTreeMap::new();
    for (i, spec) in ParamLayout::new(target).specs().iter().enumerate() {
        let (name, source) = source_name(&spec.name, &sources);
        let mut rng = ChaCha8Rng::seed_from_u64(growth.seed);
        rng.set_stream(i as u64);
        let (from, std) = (small.tensor(&name), init_std(target.hidden_size));
        let mut tensor = grow_tensor(from, &spec.shape, spec.kind, growth.method, growth.snr_db, std, &mut rng);
        if source.is_some_and(|s| s.silent) && (name.contains(".dense.") || name.contains(".fc2.")) {
            tensor.data_mut().fill(0.0);
        }
        tensors.insert(spec.name.clone(), tensor);
    }
    Ok(Checkpoint::new(target.clone(), tensors).expect("a grown checkpoint has the target's tensors"))
}

/// The small model's tensor from which a tensor of the large one is made.
fn source_name(name: &str, sources: &[LayerSource]) -> (String, Option<LayerSource>) {
    let layer = name.strip_prefix("model.layers.").and_then(|rest| rest.split_once('.'));
    match layer.and_then(|(number, rest)| Some((number.parse::<usize>().ok()?, rest))) {
        Some((number, rest)) => {
            let source = sources[number];
            (format!("model.layers.{}.{rest}", source.layer), Some(source))
        }
        None => (name.to_owned(), None),
    }
}

/// Whether a small model can be grown to a shape, without growing it.
///
/// # Errors
/// As [`grow`]'s.
pub fn check(small: &PhiConfig, target: &PhiConfig, growth: &Growth) -> Result<(), GrowthError> {
    target.validate().map_err(GrowthError::Target)?;
    let method = growth.method;
    if let Some(snr_db) = growth.snr_db.filter(|db| !(-200.0..=200.0).contains(db)) {
        return Err(GrowthError::Noise { snr_db });
    }
    if method == Method::Scratch {
        return Ok(());
    }
    let refuse = |dimension, from, to, reason| Err(GrowthError::Dimension { method, dimension, from, to, reason });
    let dimensions = [
        ("hidden_size", small.hidden_size, target.hidden_size),
        ("intermediate_size", small.intermediate_size, target.intermediate_size),
        ("num_attention_heads", small.num_heads, target.num_heads),
        ("num_hidden_layers", small.num_layers, target.num_layers),
    ];
    for (dimension, from, to) in dimensions {
        if to < from {
            return refuse(dimension, from, to, "growth can't shrink a model");
        }
    }
    for (dimension, from, to) in [
        ("head_dim", small.head_dim(), target.head_dim()),
        ("rotary_dim", small.rotary_dim, target.rotary_dim),
        ("vocab_size", small.vocab_size, target.vocab_size),
    ] {
        if from != to {
            return refuse(dimension, from, to, "it must stay as it is; grow the number of heads instead");
        }
    }
    if method == Method::TilingPreserving {
        for (dimension, from, to) in &dimensions[..3] {
            if !to.is_multiple_of(*from) {
                return refuse(dimension, *from, *to, "the function is preserved at whole ratios only");
            }
        }
        if target.hidden_size / small.hidden_size != target.num_heads / small.num_heads {
            return refuse(
                "num_attention_heads",
                small.num_heads,
                target.num_heads,
                "heads must grow as the width does",
            );
        }
    }
    Ok(())
}
