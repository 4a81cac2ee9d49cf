//! What each method promises.
#![allow(clippy::unwrap_used)]

use phi_growth::{DepthRule, Growth, GrowthError, Method, block_cosine, grow};
use phi_model::{Checkpoint, Decoder, PhiConfig, Workspace};

fn config(heads: usize, layers: usize) -> PhiConfig {
    PhiConfig {
        vocab_size: 40,
        hidden_size: 8 * heads,
        intermediate_size: 32 * heads,
        num_layers: layers,
        num_heads: heads,
        rotary_dim: 4,
        rope_theta: 10_000.0,
        max_positions: 64,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    }
}

/// A small model whose every part matters, biases and norms included.
fn small() -> Checkpoint {
    let config = config(2, 5);
    let mut flat = Checkpoint::random(&config, 11).to_flat();
    for (i, x) in flat.iter_mut().enumerate() {
        *x = *x * 0.75 + 0.1 * ((i as f32) * 0.377).sin();
    }
    Checkpoint::from_flat(&config, &flat)
}

fn logits(model: &Checkpoint) -> Vec<f32> {
    let tokens: Vec<u32> = (0..50).map(|i| (i * 17 + i * i) % 40).collect();
    let decoder = Decoder::new(model.config());
    decoder.logits(&model.to_flat(), &tokens, std::slice::from_ref(&(0..50)), &mut Workspace::new()).to_vec()
}

fn growth(method: Method) -> Growth {
    Growth { method, depth: DepthRule::Identity, snr_db: Some(10.0), seed: 3 }
}

fn distance(a: &Checkpoint, b: &Checkpoint) -> f32 {
    logits(a).iter().zip(logits(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_method_that_says_it_preserves_the_function_does_and_the_others_do_not() {
    let small = small();
    for method in Method::ALL {
        for (heads, layers) in [(4, 6), (8, 10)] {
            let large = grow(&small, &config(heads, layers), &growth(method)).unwrap();
            // f32 rounding over six layers is some 1e-6 of the largest logit; a changed function moves logits by tenths.
            let largest = logits(&small).iter().fold(0.0f32, |a, x| a.max(x.abs()));
            let relative = distance(&small, &large) / largest;
            assert_eq!(relative < 1e-5, method.preserves_function(), "{method} x{}: {relative}", heads / 2);
        }
    }
}

#[test]
fn preserving_growth_holds_to_1e_5_on_weights_of_ordinary_size() {
    let small = Checkpoint::random(&config(2, 5), 4);
    let large = grow(&small, &config(4, 6), &growth(Method::TilingPreserving)).unwrap();
    assert!(distance(&small, &large) < 1e-5);
}

#[test]
fn depth_alone_is_preserved_by_silent_layers_and_not_by_plain_copies() {
    let small = small();
    let target = config(2, 6);
    let silent = grow(&small, &target, &growth(Method::Tiling)).unwrap();
    assert!(distance(&small, &silent) < 1e-6);
    let copies = Growth { depth: DepthRule::Interleave, ..growth(Method::Tiling) };
    assert!(distance(&small, &grow(&small, &target, &copies).unwrap()) > 1e-2);
}

#[test]
fn the_corner_of_weight_reuse_is_the_small_matrix() {
    let small = small();
    let large = grow(&small, &config(4, 6), &growth(Method::WeightReuse)).unwrap();
    let (s, l) = (small.tensor("model.layers.0.mlp.fc1.weight"), large.tensor("model.layers.0.mlp.fc1.weight"));
    for r in 0..64 {
        assert_eq!(l.data()[r * 32..r * 32 + 16], s.data()[r * 16..(r + 1) * 16]);
    }
    assert!(l.data()[16..32].iter().all(|x| *x != 0.0), "the rest is random");
}

#[test]
fn exact_copies_are_alike_and_paired_noise_tells_them_apart() {
    let small = small();
    let cosine = |snr_db| {
        let growth = Growth { snr_db, ..growth(Method::TilingPreserving) };
        block_cosine(&grow(&small, &config(4, 6), &growth).unwrap(), small.config()).unwrap()
    };
    assert!((cosine(None) - 1.0).abs() < 1e-6);
    assert!((cosine(Some(10.0)) - 1.0 / 1.1).abs() < 0.02);
}

#[test]
fn a_seed_gives_one_model_and_another_seed_another() {
    let small = small();
    let with = |seed| grow(&small, &config(4, 6), &Growth { seed, ..growth(Method::TilingPreserving) }).unwrap();
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

#[test]
fn what_can_not_be_grown_is_refused_with_the_reason() {
    let small = small();
    let refused = |target: PhiConfig, method| grow(&small, &target, &growth(method)).unwrap_err().to_string();
    assert!(refused(config(1, 5), Method::Tiling).contains("shrink"));
    assert!(refused(config(3, 5), Method::TilingPreserving).contains("whole ratios"));
    let wide_heads = PhiConfig { num_heads: 2, ..config(4, 5) };
    assert!(refused(wide_heads, Method::WeightReuse).contains("head_dim from 8 to 16"));
    let broken = PhiConfig { num_heads: 3, ..config(4, 5) };
    assert!(matches!(grow(&small, &broken, &growth(Method::Tiling)), Err(GrowthError::Target(_))));
}
