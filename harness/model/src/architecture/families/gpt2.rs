//! GPT-2: learned positions, LayerNorm before each half of a block, matrices stored `[in, out]`.

use super::{activation, epsilon};
use crate::architecture::{Architecture, Biases, ConfigJson, MlpNames, Names, NormKind, QkvNames, Sizes};
use serde_json::json;

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    config.only("scale_attn_weights", &json!(true))?;
    config.only("scale_attn_by_inverse_layer_idx", &json!(false))?;
    config.only("add_cross_attention", &json!(false))?;
    let hidden_size = config.require_size("n_embd")?;
    let num_heads = config.require_size("n_head")?;
    if num_heads == 0 || !hidden_size.is_multiple_of(num_heads) {
        return Err(format!("n_embd {hidden_size} is not a multiple of n_head {num_heads}"));
    }
    let names = Names {
        embedding: "transformer.wte",
        positions: Some("transformer.wpe"),
        attention_norm: "transformer.h.{}.ln_1",
        mlp_norm: Some("transformer.h.{}.ln_2"),
        after_norms: None,
        qkv: QkvNames::Stacked("transformer.h.{}.attn.c_attn"),
        qk_norms: None,
        attention_out: "transformer.h.{}.attn.c_proj",
        mlp: MlpNames::Plain("transformer.h.{}.mlp.c_fc"),
        down: "transformer.h.{}.mlp.c_proj",
        final_norm: "transformer.ln_f",
        head: (!config.flag("tie_word_embeddings", true)?).then_some("lm_head"),
        transposed: true,
    };
    let sizes = Sizes {
        vocab_size: config.require_size("vocab_size")?,
        hidden_size,
        intermediate_size: config.size("n_inner")?.unwrap_or(hidden_size.saturating_mul(4)),
        num_layers: config.require_size("n_layer")?,
        num_heads,
        num_kv_heads: num_heads,
        head_dim: hidden_size / num_heads,
        max_positions: config.size("n_positions")?.unwrap_or(1024),
    };
    let mut a = Architecture::new(family, names, sizes);
    a.norm = NormKind::LayerNorm { bias: true };
    a.norm_eps = epsilon(config, "layer_norm_epsilon", 1e-5)?;
    a.activation = activation(config, "activation_function", "gelu_new")?;
    a.biases = Biases { qkv: true, attention_out: true, mlp: true, head: false };
    Ok(a)
}
