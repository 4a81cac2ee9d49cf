//! Training throughput of the decoder alone: `cargo run --release -p phi-model --example throughput -- HIDDEN LAYERS ROWS`.
#![allow(clippy::print_stdout)]

use phi_model::{Batch, Checkpoint, Decoder, PhiConfig, Workspace};
use std::time::Instant;

fn main() {
    let arg = |i: usize, default: usize| std::env::args().nth(i).and_then(|s| s.parse().ok()).unwrap_or(default);
    let (hidden, layers, rows, vocab) = (arg(1, 256), arg(2, 6), arg(3, 16), arg(4, 4096));
    let seq = arg(5, 256);
    let head_dim = arg(6, 64);
    let config = PhiConfig {
        vocab_size: vocab,
        hidden_size: hidden,
        intermediate_size: 4 * hidden,
        num_layers: layers,
        num_heads: hidden / head_dim,
        rotary_dim: head_dim / 2,
        rope_theta: 10_000.0,
        max_positions: seq,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    };
    let decoder = Decoder::new(&config);
    let params = Checkpoint::random(&config, 1).to_flat();
    let mut grads = vec![0.0; params.len()];
    let n = rows * seq;
    let tokens: Vec<u32> = (0..n + 1).map(|i| ((i * 7919) % vocab) as u32).collect();
    let weights = vec![1.0; n];
    let segments: Vec<_> = (0..rows).map(|r| r * seq..(r + 1) * seq).collect();
    let batch = Batch { tokens: &tokens[..n], targets: &tokens[1..], weights: &weights, segments: &segments };
    let mut ws = Workspace::new();
    let mut times = Vec::new();
    for _ in 0..10 {
        let start = Instant::now();
        decoder.loss_and_gradients(&params, &batch, 1.0 / n as f32, &mut grads, &mut ws);
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let s = times[times.len() / 2];
    let flops = config.train_flops_per_token(seq) * n as f64;
    println!(
        "{} params, {n} tokens: {:.1} ms, {:.0} tokens/s, {:.1} GFLOP/s on one thread, {} MB",
        config.num_params(),
        s * 1e3,
        n as f64 / s,
        flops / s / 1e9,
        ws.bytes() >> 20
    );
}
