//! Gemma and Gemma 2: scaled embeddings, norms that scale by one plus the weight, a gated GELU; Gemma 2 has norms
//! around each half of a block, soft caps, and a sliding window in every other layer.

use super::{epsilon, set_rope, sizes, windows};
use crate::architecture::{Activation, Architecture, Biases, ConfigJson, Names, NormKind};

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    let mut names = Names::llama();
    if config.flag("tie_word_embeddings", true)? {
        names.head = None;
    }
    if family == "gemma2" {
        names.mlp_norm = Some("model.layers.{}.pre_feedforward_layernorm");
        names.after_norms =
            Some(["model.layers.{}.post_attention_layernorm", "model.layers.{}.post_feedforward_layernorm"]);
    }
    if config.flag("use_bidirectional_attention", false)? {
        return Err("use_bidirectional_attention is true; only causal attention is supported".into());
    }
    let mut sizes = sizes(config)?;
    sizes.head_dim = config.size("head_dim")?.unwrap_or(256);
    let mut a = Architecture::new(family, names, sizes);
    a.norm = NormKind::Rms { offset: 1.0 };
    a.norm_eps = epsilon(config, "rms_norm_eps", 1e-6)?;
    // The original files say "gelu" in `hidden_act` and mean the tanh formula (transformers' `hidden_activation`).
    a.activation = match config.text("hidden_activation")? {
        Some(name) => Activation::named(&name)?,
        None => match config.text("hidden_act")?.as_deref() {
            None | Some("gelu") => Activation::GeluTanh,
            Some(name) => Activation::named(name)?,
        },
    };
    a.embedding_scale = (sizes.hidden_size as f32).sqrt();
    let attention = config.flag("attention_bias", false)?;
    a.biases = Biases { qkv: attention, attention_out: attention, ..Biases::default() };
    if family == "gemma2" {
        a.attention_scale = (config.number("query_pre_attn_scalar")?.unwrap_or(256.0) as f32).powf(-0.5);
        a.attention_softcap = cap(config, "attn_logit_softcapping", 50.0)?;
        a.logit_softcap = cap(config, "final_logit_softcapping", 30.0)?;
        a.windows = windows(config, a.windows.len(), Some(4096), |layer| layer.is_multiple_of(2))?;
    }
    set_rope(&mut a, config, 1.0)?;
    Ok(a)
}

/// A soft cap; null means none.
fn cap(config: &ConfigJson, name: &str, default: f32) -> Result<Option<f32>, String> {
    if config.is_null(name) {
        return Ok(None);
    }
    Ok(Some(config.number(name)?.map_or(default, |x| x as f32)))
}
