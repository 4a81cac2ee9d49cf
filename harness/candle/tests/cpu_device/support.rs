//! A nano model and rows for it.

use phi_model::{Checkpoint, PackedTokens, PhiConfig};

/// A shape in which every part differs from the others: 3 heads, an inner layer that isn't four times as wide.
pub fn config() -> PhiConfig {
    PhiConfig {
        vocab_size: 61,
        hidden_size: 24,
        intermediate_size: 80,
        num_layers: 3,
        num_heads: 3,
        rotary_dim: 4,
        rope_theta: 10_000.0,
        max_positions: 64,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    }
}

/// Weights large enough that every part of the network matters.
pub fn weights(config: &PhiConfig) -> Vec<f32> {
    let mut flat = Checkpoint::random(config, 7).to_flat();
    for (i, x) in flat.iter_mut().enumerate() {
        *x = *x * 0.8 + 0.05 * ((i as f32) * 0.61).sin();
    }
    flat
}

/// Rows of 20 tokens; some hold two documents, and every fifth target doesn't count.
pub fn rows(config: &PhiConfig, count: usize) -> PackedTokens {
    let mut rows = PackedTokens::new(20);
    for row in 0..count {
        let tokens: Vec<u32> =
            (0..21).map(|i| ((row * 131 + i * 7919 + i * i * 31) % config.vocab_size) as u32).collect();
        rows.push(&tokens, |i| i % 5 != 3, |i| row % 2 == 1 && i == 8);
    }
    rows
}
