//! StableLM: llama's tensors with LayerNorm and partial rotary embedding; the blocks may be parallel.

use super::{activation, epsilon, set_rope, sizes};
use crate::architecture::{Architecture, Biases, ConfigJson, Names, NormKind, Residual};
use serde_json::json;

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    config.only("qk_layernorm", &json!(false))?;
    let parallel = config.flag("use_parallel_residual", false)?;
    let mut names = Names::llama();
    if parallel {
        names.mlp_norm = None;
    }
    if config.flag("tie_word_embeddings", false)? {
        names.head = None;
    }
    let mut a = Architecture::new(family, names, sizes(config)?);
    a.norm = NormKind::LayerNorm { bias: true };
    a.norm_eps = epsilon(config, "layer_norm_eps", 1e-5)?;
    a.residual = if parallel { Residual::Parallel } else { Residual::Sequential };
    a.activation = activation(config, "hidden_act", "silu")?;
    a.biases = Biases { qkv: config.flag("use_qkv_bias", false)?, ..Biases::default() };
    set_rope(&mut a, config, 0.25)?;
    Ok(a)
}
