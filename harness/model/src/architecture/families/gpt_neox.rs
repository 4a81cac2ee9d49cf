//! GPT-NeoX and Pythia: a parallel block with two LayerNorms, queries, keys and values of a head side by side.

use super::{activation, epsilon, set_rope, sizes};
use crate::architecture::{Architecture, Biases, ConfigJson, MlpNames, Names, NormKind, QkvNames, Residual};

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    let names = Names {
        embedding: "gpt_neox.embed_in",
        positions: None,
        attention_norm: "gpt_neox.layers.{}.input_layernorm",
        mlp_norm: Some("gpt_neox.layers.{}.post_attention_layernorm"),
        after_norms: None,
        qkv: QkvNames::ByHead("gpt_neox.layers.{}.attention.query_key_value"),
        qk_norms: None,
        attention_out: "gpt_neox.layers.{}.attention.dense",
        mlp: MlpNames::Plain("gpt_neox.layers.{}.mlp.dense_h_to_4h"),
        down: "gpt_neox.layers.{}.mlp.dense_4h_to_h",
        final_norm: "gpt_neox.final_layer_norm",
        head: (!config.flag("tie_word_embeddings", false)?).then_some("embed_out"),
        transposed: false,
    };
    let mut a = Architecture::new(family, names, sizes(config)?);
    a.num_kv_heads = a.num_heads;
    a.norm = NormKind::LayerNorm { bias: true };
    a.norm_eps = epsilon(config, "layer_norm_eps", 1e-5)?;
    let parallel = config.flag("use_parallel_residual", true)?;
    a.residual = if parallel { Residual::Parallel } else { Residual::Sequential };
    a.activation = activation(config, "hidden_act", "gelu")?;
    let bias = config.flag("attention_bias", true)?;
    a.biases = Biases { qkv: bias, attention_out: bias, mlp: true, head: false };
    set_rope(&mut a, config, 0.25)?;
    Ok(a)
}
