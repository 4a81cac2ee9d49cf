//! Phi-3 and Phi-4: llama's block with queries, keys and values in one tensor, gate and up in another.

use super::{activation, epsilon, set_rope, sizes, windows};
use crate::architecture::{Architecture, ConfigJson, MlpNames, Names, QkvNames};

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    let names = Names {
        qkv: QkvNames::Stacked("model.layers.{}.self_attn.qkv_proj"),
        mlp: MlpNames::GatedStacked("model.layers.{}.mlp.gate_up_proj"),
        head: (!config.flag("tie_word_embeddings", false)?).then_some("lm_head"),
        ..Names::llama()
    };
    let mut a = Architecture::new(family, names, sizes(config)?);
    a.norm_eps = epsilon(config, "rms_norm_eps", 1e-5)?;
    a.activation = activation(config, "hidden_act", "silu")?;
    a.windows = windows(config, a.windows.len(), None, |_| true)?;
    set_rope(&mut a, config, 1.0)?;
    Ok(a)
}
