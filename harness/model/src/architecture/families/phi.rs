//! Phi-1, Phi-1.5 and Phi-2: a parallel block with one LayerNorm, biases everywhere, partial rotary embedding.

use super::{activation, epsilon, set_rope, sizes};
use crate::architecture::{Architecture, Biases, ConfigJson, MlpNames, Names, NormKind, Residual};
use serde_json::json;

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    config.only("qk_layernorm", &json!(false))?;
    config.only("tie_word_embeddings", &json!(false))?;
    let names = Names {
        mlp_norm: None,
        attention_out: "model.layers.{}.self_attn.dense",
        mlp: MlpNames::Plain("model.layers.{}.mlp.fc1"),
        down: "model.layers.{}.mlp.fc2",
        final_norm: "model.final_layernorm",
        ..Names::llama()
    };
    let mut a = Architecture::new(family, names, sizes(config)?);
    a.norm = NormKind::LayerNorm { bias: true };
    a.norm_eps = epsilon(config, "layer_norm_eps", 1e-5)?;
    a.residual = Residual::Parallel;
    a.activation = activation(config, "hidden_act", "gelu_new")?;
    a.biases = Biases { qkv: true, attention_out: true, mlp: true, head: true };
    set_rope(&mut a, config, 0.5)?;
    Ok(a)
}
