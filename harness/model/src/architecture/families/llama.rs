//! Llama and the families that differ from it in a detail: Mistral (a sliding window), Qwen 2 (biases), Qwen 3 (norms
//! of queries and keys).

use super::{activation, epsilon, set_rope, sizes, windows};
use crate::architecture::{Architecture, Biases, ConfigJson, Names};

pub(super) fn describe(config: &ConfigJson, family: &str) -> Result<Architecture, String> {
    let mut names = Names::llama();
    if config.flag("tie_word_embeddings", false)? {
        names.head = None;
    }
    let mut sizes = sizes(config)?;
    if family == "qwen3" {
        names.qk_norms = Some(["model.layers.{}.self_attn.q_norm", "model.layers.{}.self_attn.k_norm"]);
        if config.get("head_dim").is_none() {
            sizes.head_dim = 128;
        }
    }
    let mut a = Architecture::new(family, names, sizes);
    a.norm_eps = epsilon(config, "rms_norm_eps", 1e-6)?;
    a.activation = activation(config, "hidden_act", "silu")?;
    let attention = config.flag("attention_bias", false)?;
    a.biases = Biases { qkv: attention, attention_out: attention, ..Biases::default() };
    match family {
        "llama" => a.biases.mlp = config.flag("mlp_bias", false)?,
        "mistral" => a.windows = windows(config, a.windows.len(), Some(4096), |_| true)?,
        _ => {
            if family == "qwen2" {
                a.biases = Biases { qkv: true, ..Biases::default() };
            }
            if config.flag("use_sliding_window", false)? {
                let first = config.size("max_window_layers")?.unwrap_or(28);
                a.windows = windows(config, a.windows.len(), Some(4096), |layer| layer >= first)?;
            }
        }
    }
    set_rope(&mut a, config, 1.0)?;
    Ok(a)
}
