//! The hand-written gradients against finite differences, and every parameter's share in them.
#![allow(clippy::unwrap_used)]

use phi_model::{Batch, Checkpoint, Decoder, Dropout, DropoutRates, PhiConfig, Workspace};

fn config() -> PhiConfig {
    PhiConfig {
        vocab_size: 37,
        hidden_size: 24,
        intermediate_size: 96,
        num_layers: 3,
        num_heads: 3,
        rotary_dim: 4,
        rope_theta: 10_000.0,
        max_positions: 128,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    }
}

fn tokens(n: usize) -> (Vec<u32>, Vec<u32>, Vec<f32>) {
    let id = |i: usize| ((i * 7919 + i * i * 31) % 37) as u32;
    let weights = (0..n).map(|i| if i % 5 == 3 { 0.0 } else { 1.0 }).collect();
    ((0..n).map(id).collect(), (1..=n).map(id).collect(), weights)
}

/// Weights large enough that every part of the network matters.
fn params(config: &PhiConfig) -> Vec<f32> {
    let mut flat = Checkpoint::random(config, 7).to_flat();
    for (i, x) in flat.iter_mut().enumerate() {
        *x = *x * 0.8 + 0.05 * ((i as f32) * 0.61).sin();
    }
    flat
}

#[test]
fn every_named_parameter_receives_a_finite_gradient_that_finite_differences_confirm() {
    confirm_gradients(None);
}

#[test]
fn with_dropout_too_finite_differences_confirm_every_gradient() {
    let rates = DropoutRates { residual: 0.2, embedding: 0.1, attention: 0.3 };
    confirm_gradients(Some(Dropout { rates, seed: 1, step: 5, first_row: 2, row_tokens: 50 }));
}

#[test]
fn what_is_dropped_does_not_depend_on_how_a_batch_is_cut() {
    let (config, rates) = (config(), DropoutRates { residual: 0.2, embedding: 0.1, attention: 0.3 });
    let decoder = Decoder::new(&config);
    let params = params(&config);
    let (tokens, targets, weights) = tokens(100);
    let loss = |from: usize, to: usize| {
        let segments: Vec<_> = (from..to).step_by(50).map(|at| at - from..at - from + 50).collect();
        let (tokens, targets, weights) = (&tokens[from..to], &targets[from..to], &weights[from..to]);
        let batch = Batch { tokens, targets, weights, segments: &segments };
        let dropout = Dropout { rates, seed: 1, step: 5, first_row: from as u64 / 50, row_tokens: 50 };
        decoder.loss_dropped(&params, &batch, Some(&dropout), &mut Workspace::new())
    };
    let (whole, parts) = (loss(0, 100), loss(0, 50) + loss(50, 100));
    assert!((whole - parts).abs() < 1e-3, "{whole} and {parts}");
}

/// The gradient of every parameter is finite, not zero, and what finite differences of the loss say.
fn confirm_gradients(dropout: Option<Dropout>) {
    let dropout = dropout.as_ref();
    let config = config();
    let decoder = Decoder::new(&config);
    let (tokens, targets, weights) = tokens(100);
    // Two sequences, one longer than a block of queries.
    let batch = Batch { tokens: &tokens, targets: &targets, weights: &weights, segments: &[0..19, 19..100] };
    let params = params(&config);
    let mut ws = Workspace::new();
    let mut grads = vec![0.0; params.len()];
    let scale = 0.01;
    decoder.loss_and_gradients_dropped(&params, &batch, dropout, scale, &mut grads, &mut ws);

    for spec in decoder.layout().specs() {
        let part = &grads[spec.range.clone()];
        assert!(part.iter().all(|g| g.is_finite()), "{}", spec.name);
        let norm = part.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        // A shift of all keys leaves the soft-max as it is, so the key's bias has a gradient only through rotation.
        assert!(norm > 1e-7, "{} has no gradient", spec.name);

        // Along the gradient itself, the loss changes by its squared norm.
        let step = 1e-3 / norm.max(1e-3);
        let loss_at = |sign: f64, ws: &mut Workspace| {
            let mut moved = params.clone();
            for (x, g) in moved[spec.range.clone()].iter_mut().zip(part) {
                *x += (sign * step * f64::from(*g)) as f32;
            }
            decoder.loss_dropped(&moved, &batch, dropout, ws) * f64::from(scale)
        };
        let slope = (loss_at(1.0, &mut ws) - loss_at(-1.0, &mut ws)) / (2.0 * step);
        let error = (slope - norm * norm).abs() / (norm * norm);
        assert!(
            error < 0.02 || (slope - norm * norm).abs() < 2e-6,
            "{}: slope {slope}, |g|^2 {}",
            spec.name,
            norm * norm
        );
    }
}

#[test]
fn a_sequence_scores_the_same_alone_and_packed_behind_another() {
    let config = config();
    let decoder = Decoder::new(&config);
    let params = params(&config);
    let (tokens, ..) = tokens(90);
    let mut ws = Workspace::new();
    let packed = decoder.logits(&params, &tokens, &[0..33, 33..90], &mut ws).to_vec();
    let alone = decoder.logits(&params, &tokens[33..], std::slice::from_ref(&(0..57)), &mut ws);
    for (a, b) in alone.iter().zip(&packed[33 * config.vocab_size..]) {
        assert!((a - b).abs() < 1e-5);
    }
}

#[test]
fn the_same_batch_gives_the_same_bits() {
    let config = config();
    let decoder = Decoder::new(&config);
    let params = params(&config);
    let (tokens, targets, weights) = tokens(100);
    let batch = Batch { tokens: &tokens, targets: &targets, weights: &weights, segments: &[0..50, 50..100] };
    let run = || {
        let mut grads = vec![0.0; params.len()];
        let loss = decoder.loss_and_gradients(&params, &batch, 1.0, &mut grads, &mut Workspace::new());
        (loss.to_bits(), grads.iter().map(|g| g.to_bits()).collect::<Vec<_>>())
    };
    assert_eq!(run(), run());
}
