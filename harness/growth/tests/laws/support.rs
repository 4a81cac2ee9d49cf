//! What the tests share.

use phi_growth::{DepthRule, Growth, Method};
use phi_model::{Checkpoint, Decoder, PhiConfig, Workspace};

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
    Growth { method, depth: DepthRule::Identity, snr_db: Some(10.0), seed: 3 }
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
