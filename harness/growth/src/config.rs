//! `config.json` of the large model: the small one's, with the new sizes.

use crate::depth::LayerSource;
use crate::{Blueprint, GrowthError, Shape};
use serde_json::{Map, Value, json};

/// The small model's configuration with the sizes of `target`. What a layer is (its kind of attention) comes from the layer
/// that it is grown from.
///
/// # Errors
/// [`GrowthError::Target`] where the family can't have those sizes.
pub(crate) fn large_config(
    config: &Value,
    small: &Blueprint,
    target: &Shape,
    layers: &[LayerSource],
    epsilon_factor: f64,
) -> Result<Value, GrowthError> {
    let mut large = config.as_object().cloned().unwrap_or_else(Map::new);
    let sizes = [
        ("vocab_size", target.vocab_size),
        ("hidden_size", target.hidden_size),
        ("intermediate_size", target.intermediate_size),
        ("num_hidden_layers", target.num_layers),
        ("num_attention_heads", target.num_heads),
        ("num_key_value_heads", target.num_kv_heads),
    ];
    for (name, size) in sizes {
        large.insert(name.to_owned(), json!(size));
    }
    if small.has_head_dim() {
        let usual = target.num_heads * target.head_dim == target.hidden_size;
        if !usual || large.get("head_dim").is_some_and(|v| !v.is_null()) {
            large.insert("head_dim".to_owned(), json!(target.head_dim));
        }
    }
    if target.head_dim != small.shape().head_dim {
        set_rotary_factor(&mut large, target);
    }
    if epsilon_factor != 1.0 {
        let epsilon = large.get("rms_norm_eps").and_then(Value::as_f64).unwrap_or(1e-6);
        large.insert("rms_norm_eps".to_owned(), json!(epsilon * epsilon_factor));
    }
    if target.num_layers != small.shape().num_layers {
        set_layer_types(&mut large, layers)?;
    }
    Ok(Value::Object(large))
}

/// The share of a head that is rotated, so that as many dimensions are rotated as before.
fn set_rotary_factor(config: &mut Map<String, Value>, target: &Shape) {
    let head_dim = target.head_dim as f64;
    let mut factor = target.rotary_dim as f64 / head_dim;
    // Readers cut off what the product with head_dim has behind the point.
    if ((factor * head_dim) as usize) < target.rotary_dim {
        factor = factor.next_up();
    }
    const NAME: &str = "partial_rotary_factor";
    let mut is_set = false;
    if let Some(rope) = config.get_mut("rope_parameters").and_then(Value::as_object_mut) {
        rope.insert(NAME.to_owned(), json!(factor));
        is_set = true;
    }
    if !is_set || config.contains_key(NAME) {
        config.insert(NAME.to_owned(), json!(factor));
    }
}

fn set_layer_types(config: &mut Map<String, Value>, layers: &[LayerSource]) -> Result<(), GrowthError> {
    if let Some(types) = config.get("layer_types").and_then(Value::as_array).cloned() {
        let of_layer = |source: &LayerSource| types.get(source.layer).cloned().unwrap_or(Value::Null);
        config.insert("layer_types".to_owned(), layers.iter().map(of_layer).collect());
    } else if config.get("use_sliding_window").and_then(Value::as_bool) == Some(true) {
        let reason = "use_sliding_window is true without layer_types, so a layer's window hangs on its number; \
                      the depth can't grow";
        return Err(GrowthError::Target(reason.to_owned()));
    }
    Ok(())
}
