//! What the tests share.

use phi_growth::{Blueprint, DepthRule, Growth, GrowthError, Method, ModelFolder, Shape, Split, Weights};
use phi_model::{Checkpoint, Decoder, Engine, FloatFormat, PhiConfig, TensorInfo, TensorWriter, Workspace};
use std::path::Path;

/// Real text, ASCII, read byte by byte.
const TEXT: &str = include_str!("../../../../LICENSE-MIT");

/// Heads of 8 dimensions, 4 of them rotated; the MLP is 4 times as wide as the model.
pub fn config(heads: usize, layers: usize) -> PhiConfig {
    PhiConfig {
        vocab_size: 128,
        hidden_size: 8 * heads,
        intermediate_size: 32 * heads,
        num_layers: layers,
        num_heads: heads,
        rotary_dim: 4,
        rope_theta: 10_000.0,
        max_positions: 256,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    }
}

/// A model whose every part matters, biases and norms included.
pub fn busy(config: &PhiConfig, seed: u64) -> Checkpoint {
    let mut flat = Checkpoint::random(config, seed).to_flat();
    for (i, x) in flat.iter_mut().enumerate() {
        *x = *x * 0.75 + 0.1 * ((i as f32) * 0.377).sin();
    }
    Checkpoint::from_flat(config, &flat)
}

/// Two heads, five layers.
pub fn small() -> Checkpoint {
    busy(&config(2, 5), 11)
}

pub fn growth(method: Method) -> Growth {
    Growth { method, depth: DepthRule::Identity, snr_db: Some(10.0), split: Split::Equal, seed: 3 }
}

/// The logits on 200 bytes of real text.
pub fn logits(model: &Checkpoint) -> Vec<f32> {
    logits_of(model, &text(200))
}

/// The first tokens of the text.
pub fn text(tokens: usize) -> Vec<u32> {
    TEXT.bytes().take(tokens).map(u32::from).collect()
}

/// The logits on these tokens, `[tokens, vocab]`.
pub fn logits_of(model: &Checkpoint, tokens: &[u32]) -> Vec<f32> {
    let decoder = Decoder::new(model.config());
    let whole = 0..tokens.len();
    decoder.logits(&model.to_flat(), tokens, std::slice::from_ref(&whole), &mut Workspace::new()).to_vec()
}

/// The largest difference, as a share of the first's largest value.
pub fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let largest = a.iter().fold(0.0f32, |m, x| m.max(x.abs()));
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}

/// Why a growth of a Phi changes its function.
pub fn change(growth: &Growth, small: &PhiConfig, large: &PhiConfig) -> Option<&'static str> {
    growth.change_of_function(&Blueprint::of_phi(small).unwrap(), &Blueprint::of_phi(large).unwrap())
}

/// The configuration of a small model with Llama's tensors, as transformers writes it: heads of 8 dimensions, `heads` of
/// them for queries and half as many for keys and values.
pub fn llama(model_type: &str, heads: usize, layers: usize, more: &serde_json::Value) -> serde_json::Value {
    let mut config = serde_json::json!({
        "model_type": model_type, "vocab_size": 128, "hidden_size": 8 * heads, "intermediate_size": 24 * heads,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": heads / 2,
        "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
        "tie_word_embeddings": false, "eos_token_id": 0, "head_dim": 8,
    });
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    config
}

/// The configuration of a Phi.
pub fn phi(heads: usize, layers: usize) -> serde_json::Value {
    config(heads, layers).to_hugging_face()
}

/// Writes a model whose every part matters, norms and biases included, and a tokenizer whose words are `t0`, `t1` ...
pub fn busy_folder(config: &serde_json::Value, format: FloatFormat, dir: &Path) -> ModelFolder {
    let random = ModelFolder::random(config, format, 5, dir).unwrap();
    let spec = |t: &phi_growth::TensorSpec| {
        (t.name.clone(), TensorInfo { shape: t.shape(random.blueprint().shape()), format })
    };
    let tensors: Vec<_> = random.blueprint().tensors().iter().map(spec).collect();
    let mut writer = TensorWriter::create(dir, tensors, u64::MAX).unwrap();
    for (t, (name, _)) in writer.order().into_iter().enumerate() {
        let mut bytes = Vec::new();
        let tensor = random.tensor(&name).unwrap();
        let moved = |(i, x): (usize, &f32)| x * 0.75 + 0.1 * ((i + 31 * t) as f32 * 0.377).sin();
        format.narrow(&tensor.data().iter().enumerate().map(moved).collect::<Vec<_>>(), &mut bytes);
        writer.write(&bytes).unwrap();
    }
    writer.finish().unwrap();
    let words: serde_json::Map<String, serde_json::Value> =
        (0..random.blueprint().shape().vocab_size).map(|i| (format!("t{i}"), serde_json::json!(i))).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "added_tokens": [], "pre_tokenizer": { "type": "WhitespaceSplit" },
        "model": { "type": "WordLevel", "vocab": words, "unk_token": "t0" },
    });
    std::fs::write(dir.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    ModelFolder::open(dir).unwrap()
}

/// The shape of a model with `n` times the width and so many layers.
pub fn times(small: &Shape, n: usize, layers: usize) -> Shape {
    Shape {
        hidden_size: n * small.hidden_size,
        intermediate_size: n * small.intermediate_size,
        num_heads: n * small.num_heads,
        num_kv_heads: n * small.num_kv_heads,
        num_layers: layers,
        ..small.clone()
    }
}

/// Grows a folder into another, in one file.
pub fn grow_into(small: &ModelFolder, target: &Shape, growth: &Growth, dir: &Path) -> Result<ModelFolder, GrowthError> {
    small.grow(target, growth, dir, u64::MAX, &mut |_| true)
}

/// The inference engine's logits of a folder, `[tokens, vocab]`.
pub fn engine_logits(dir: &Path, tokens: &[u32]) -> Vec<f32> {
    Engine::load(dir, 1).unwrap().logits_of(tokens)
}
