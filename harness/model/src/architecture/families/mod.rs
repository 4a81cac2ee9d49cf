//! The families, each from its `config.json` to a description.

mod gemma;
mod gpt2;
mod gpt_neox;
mod llama;
mod phi;
mod phi3;
mod stablelm;

use super::{Activation, Architecture, ConfigJson, Rope, Sizes};

type Describe = fn(&ConfigJson, &str) -> Result<Architecture, String>;

/// `model_type` and who reads it.
const FAMILIES: [(&str, Describe); 11] = [
    ("gemma", gemma::describe),
    ("gemma2", gemma::describe),
    ("gpt2", gpt2::describe),
    ("gpt_neox", gpt_neox::describe),
    ("llama", llama::describe),
    ("mistral", llama::describe),
    ("phi", phi::describe),
    ("phi3", phi3::describe),
    ("qwen2", llama::describe),
    ("qwen3", llama::describe),
    ("stablelm", stablelm::describe),
];

fn known_model_types() -> Vec<&'static str> {
    FAMILIES.iter().map(|(name, _)| *name).collect()
}

/// The description of a model by its `config.json`.
///
/// # Errors
/// A sentence that names what isn't supported or doesn't fit.
pub(crate) fn describe(config: &ConfigJson) -> Result<Architecture, String> {
    let model_type = config.text("model_type")?.ok_or("model_type is missing")?;
    let Some((name, describe)) = FAMILIES.iter().find(|(name, _)| *name == model_type) else {
        let known = known_model_types().join(", ");
        return Err(format!("model_type is \"{model_type}\"; these can be loaded: {known}"));
    };
    if config.get("quantization_config").is_some() {
        return Err("it has a quantization_config; quantised weights are read from GGUF files only".into());
    }
    let architecture = describe(config, name)?;
    architecture.validate()?;
    Ok(architecture)
}

/// The sizes by the names that most families use.
fn sizes(config: &ConfigJson) -> Result<Sizes, String> {
    let hidden_size = config.require_size("hidden_size")?;
    let num_heads = config.require_size("num_attention_heads")?;
    if num_heads == 0 {
        return Err("num_attention_heads is 0".into());
    }
    let head_dim = match config.size("head_dim")? {
        Some(head_dim) => head_dim,
        None if !hidden_size.is_multiple_of(num_heads) => {
            return Err(format!("hidden_size {hidden_size} is not a multiple of num_attention_heads {num_heads}"));
        }
        None => hidden_size / num_heads,
    };
    Ok(Sizes {
        vocab_size: config.require_size("vocab_size")?,
        hidden_size,
        intermediate_size: config.size("intermediate_size")?.unwrap_or(hidden_size.saturating_mul(4)),
        num_layers: config.require_size("num_hidden_layers")?,
        num_heads,
        num_kv_heads: config.size("num_key_value_heads")?.unwrap_or(num_heads),
        head_dim,
        max_positions: config.size("max_position_embeddings")?.unwrap_or(2048),
    })
}

/// Sets rotary embedding, and with it the positions that it is good for.
fn set_rope(architecture: &mut Architecture, config: &ConfigJson, default_factor: f64) -> Result<(), String> {
    let (rope, positions) = Rope::of(config, architecture.head_dim, default_factor, architecture.max_positions)?;
    architecture.rope = Some(rope);
    architecture.max_positions = positions;
    Ok(())
}

/// The activation by its usual field, or a family's own choice.
fn activation(config: &ConfigJson, field: &str, default: &str) -> Result<Activation, String> {
    Activation::named(&config.text(field)?.unwrap_or_else(|| default.to_owned()))
}

/// A norm's epsilon.
fn epsilon(config: &ConfigJson, field: &str, default: f64) -> Result<f32, String> {
    Ok(config.number(field)?.unwrap_or(default) as f32)
}

/// The window of each layer: none, one for all, or as `layer_types` says. A missing `sliding_window` is the family's
/// default, null is none.
fn windows(
    config: &ConfigJson,
    num_layers: usize,
    default: Option<usize>,
    by_default: impl Fn(usize) -> bool,
) -> Result<Vec<Option<usize>>, String> {
    let default = if config.is_null("sliding_window") { None } else { default };
    let Some(window) = config.size("sliding_window")?.or(default) else { return Ok(vec![None; num_layers]) };
    let slides: Vec<bool> = match config.texts("layer_types")? {
        None => (0..num_layers).map(by_default).collect(),
        Some(types) if types.len() != num_layers => {
            return Err(format!("layer_types has {} entries for {num_layers} layers", types.len()));
        }
        Some(types) => types
            .iter()
            .map(|t| match t.as_str() {
                "sliding_attention" => Ok(true),
                "full_attention" => Ok(false),
                other => Err(format!("layer_types has {other:?}; full_attention and sliding_attention are supported")),
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(slides.into_iter().map(|slides| slides.then_some(window)).collect())
}
