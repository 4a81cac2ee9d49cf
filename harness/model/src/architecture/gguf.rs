//! GGUF metadata (`llama.cpp`'s `gguf-py/gguf/constants.py`) to a description.
//!
//! The converter has changed some tensors already: Gemma's norms hold one plus the weight, GPT-NeoX's queries, keys and
//! values are stacked, GPT-2's matrices are `[out, in]`, and llama's queries and keys are permuted so that neighbouring
//! dimensions turn together.

use super::{Activation, Architecture, Biases, MlpNames, Names, NormKind, QkvNames, Residual, Rope, Sizes};
use crate::weights::{GgufFile, GgufValue, TensorSource};

/// What tells one family of GGUF files from another.
struct Family {
    name: &'static str,
    layer_norm: bool,
    parallel: bool,
    activation: Activation,
    gated: bool,
    interleaved: bool,
}

const fn llama_like(name: &'static str) -> Family {
    Family { name, layer_norm: false, parallel: false, activation: Activation::Silu, gated: true, interleaved: false }
}

const FAMILIES: [Family; 10] = [
    Family { activation: Activation::GeluTanh, ..llama_like("gemma") },
    Family { activation: Activation::GeluTanh, ..llama_like("gemma2") },
    Family { layer_norm: true, activation: Activation::GeluTanh, gated: false, ..llama_like("gpt2") },
    Family { layer_norm: true, parallel: true, activation: Activation::GeluErf, gated: false, ..llama_like("gptneox") },
    Family { interleaved: true, ..llama_like("llama") },
    Family { layer_norm: true, parallel: true, activation: Activation::GeluTanh, gated: false, ..llama_like("phi2") },
    llama_like("phi3"),
    llama_like("qwen2"),
    llama_like("qwen3"),
    Family { layer_norm: true, ..llama_like("stablelm") },
];

/// The description of a GGUF file.
///
/// # Errors
/// A sentence that names what is missing or isn't supported.
pub(crate) fn describe_gguf(file: &GgufFile) -> Result<Architecture, String> {
    let name = file.text("general.architecture")?.ok_or("it has no general.architecture")?;
    let family = FAMILIES.iter().find(|f| f.name == name).ok_or_else(|| {
        let known: Vec<&str> = FAMILIES.iter().map(|f| f.name).collect();
        format!("general.architecture is \"{name}\"; these can be loaded: {}", known.join(", "))
    })?;
    let key = |suffix: &str| format!("{name}.{suffix}");
    let size = |suffix: &str| file.size(&key(suffix));
    let require = |suffix: &str| size(suffix)?.ok_or_else(|| format!("it has no {}", key(suffix)));

    let (hidden_size, num_heads) = (require("embedding_length")?, require("attention.head_count")?);
    if num_heads == 0 {
        return Err(format!("{} is 0", key("attention.head_count")));
    }
    let sizes = Sizes {
        vocab_size: file
            .shape("token_embd.weight")
            .and_then(|s| s.first().copied())
            .ok_or("it has no token_embd.weight")?,
        hidden_size,
        intermediate_size: require("feed_forward_length")?,
        num_layers: require("block_count")?,
        num_heads,
        num_kv_heads: size("attention.head_count_kv")?.unwrap_or(num_heads),
        head_dim: size("attention.key_length")?.unwrap_or(hidden_size / num_heads),
        max_positions: require("context_length")?,
    };
    let mut a = Architecture::new(name, names(file, family), sizes);
    a.norm = if family.layer_norm { NormKind::LayerNorm { bias: true } } else { NormKind::Rms { offset: 0.0 } };
    let epsilon = if family.layer_norm { "attention.layer_norm_epsilon" } else { "attention.layer_norm_rms_epsilon" };
    a.norm_eps = file.number(&key(epsilon))?.ok_or_else(|| format!("it has no {}", key(epsilon)))? as f32;
    let parallel = match file.get(&key("use_parallel_residual")) {
        Some(GgufValue::Bool(parallel)) => *parallel,
        _ => family.parallel,
    };
    a.residual = if parallel { Residual::Parallel } else { Residual::Sequential };
    a.activation = family.activation;
    let has = |tensor: &str| file.has(tensor);
    a.biases = Biases {
        qkv: has("blk.0.attn_q.bias") || has("blk.0.attn_qkv.bias"),
        attention_out: has("blk.0.attn_output.bias"),
        mlp: has("blk.0.ffn_down.bias"),
        head: has("output.bias"),
    };
    if name.starts_with("gemma") {
        a.embedding_scale = (hidden_size as f32).sqrt();
    }
    a.attention_softcap = file.number(&key("attn_logit_softcapping"))?.map(|x| x as f32);
    a.logit_softcap = file.number(&key("final_logit_softcapping"))?.map(|x| x as f32);
    if let Some(window) = size("attention.sliding_window")?.filter(|w| *w > 0 && *w < a.max_positions) {
        let every_other = name == "gemma2";
        let slides = |layer: usize| !every_other || layer.is_multiple_of(2);
        a.windows = (0..a.windows.len()).map(|l| slides(l).then_some(window)).collect();
    }
    // The 27 B model scales by the width of a head as if the heads filled the hidden size.
    if name == "gemma2" && a.num_layers == 46 {
        a.attention_scale = (hidden_size as f32 / num_heads as f32).powf(-0.5);
    }
    if a.names.positions.is_none() {
        set_rope(&mut a, file, &key, family.interleaved)?;
    }
    a.validate()?;
    Ok(a)
}

fn set_rope(
    a: &mut Architecture,
    file: &GgufFile,
    key: &dyn Fn(&str) -> String,
    interleaved: bool,
) -> Result<(), String> {
    let theta = file.number(&key("rope.freq_base"))?.unwrap_or(10_000.0);
    if !(theta.is_finite() && theta > 1.0) {
        return Err(format!("{} is {theta}; it must be above 1", key("rope.freq_base")));
    }
    let rotary_dim = file.size(&key("rope.dimension_count"))?.unwrap_or(a.head_dim);
    if !rotary_dim.is_multiple_of(2) {
        return Err(format!("{} is {rotary_dim}; it must be even", key("rope.dimension_count")));
    }
    let mut rope = Rope::plain(theta, rotary_dim);
    rope.interleaved = interleaved;
    let factor = file.number(&key("rope.scaling.factor"))?.unwrap_or(1.0) as f32;
    match file.text(&key("rope.scaling.type"))? {
        None | Some("none" | "longrope") => {}
        Some("linear") => rope.inverse_frequencies.iter_mut().for_each(|f| *f /= factor),
        Some(other) => return Err(format!("rope scaling \"{other}\" is not supported; none, linear and longrope are")),
    }
    // Llama 3.1 and Phi-3 keep a factor for each frequency; Phi-3's short ones are for its original context.
    for name in ["rope_freqs.weight", "rope_factors_short.weight"] {
        if file.has(name) {
            let source: &dyn TensorSource = file;
            let factors = source.require_vector(name, rope.inverse_frequencies.len()).map_err(|e| e.to_string())?;
            rope.inverse_frequencies.iter_mut().zip(factors).for_each(|(f, by)| *f /= by);
        }
    }
    if file.has("rope_factors_short.weight") {
        rope.attention_factor = file.number(&key("rope.scaling.attn_factor"))?.unwrap_or(1.0) as f32;
        if let Some(original) = file.size(&key("rope.scaling.original_context_length"))? {
            a.max_positions = a.max_positions.min(original);
        }
    }
    a.rope = Some(rope);
    Ok(())
}

fn names(file: &GgufFile, family: &Family) -> Names {
    let stacked = file.has("blk.0.attn_qkv.weight");
    Names {
        embedding: "token_embd",
        positions: file.has("position_embd.weight").then_some("position_embd"),
        attention_norm: "blk.{}.attn_norm",
        mlp_norm: file.has("blk.0.ffn_norm.weight").then_some("blk.{}.ffn_norm"),
        after_norms: (family.name == "gemma2").then_some(["blk.{}.post_attention_norm", "blk.{}.post_ffw_norm"]),
        qkv: if stacked {
            QkvNames::Stacked("blk.{}.attn_qkv")
        } else {
            QkvNames::Separate(["blk.{}.attn_q", "blk.{}.attn_k", "blk.{}.attn_v"])
        },
        qk_norms: file.has("blk.0.attn_q_norm.weight").then_some(["blk.{}.attn_q_norm", "blk.{}.attn_k_norm"]),
        attention_out: "blk.{}.attn_output",
        mlp: match (family.gated, file.has("blk.0.ffn_gate.weight")) {
            (true, true) => MlpNames::Gated(["blk.{}.ffn_gate", "blk.{}.ffn_up"]),
            (true, false) => MlpNames::GatedStacked("blk.{}.ffn_up"),
            (false, _) => MlpNames::Plain("blk.{}.ffn_up"),
        },
        down: "blk.{}.ffn_down",
        final_norm: "output_norm",
        head: file.has("output.weight").then_some("output"),
        transposed: false,
    }
}
