//! Shapes: ratios that are not whole, heads that grow, and what is refused.

use crate::support::{config, growth, small};
use phi_growth::{GrowthError, Method, grow};
use phi_model::{Checkpoint, PhiConfig};

/// phi-1.5 and phi-2 at an eighth of the width per head and a few heads: 64 -> 80 becomes 8 -> 10, the width 1.25 times.
fn phi_1_5_to_phi_2() -> (PhiConfig, PhiConfig) {
    let small = config(4, 3);
    let large = PhiConfig { hidden_size: 40, intermediate_size: 160, num_layers: 4, ..small.clone() };
    (small, large)
}

#[test]
fn tiles_of_a_ratio_that_is_not_whole_are_cut_off() {
    let small = small();
    let large = grow(&small, &config(3, 5), &growth(Method::Tiling)).unwrap();
    let name = "model.layers.0.mlp.fc1.weight";
    let (s, l) = (small.tensor(name).data(), large.tensor(name).data());
    for r in 0..96 {
        for c in 0..24 {
            assert_eq!(l[r * 24 + c], s[(r % 64) * 16 + c % 16]);
        }
    }
}

#[test]
fn a_head_that_grows_keeps_its_rotated_dimensions_in_place_and_repeats_the_others() {
    let (shape, target) = phi_1_5_to_phi_2();
    let small = Checkpoint::random(&shape, 5);
    let large = grow(&small, &target, &growth(Method::Tiling)).unwrap();
    let name = "model.layers.1.self_attn.q_proj.weight";
    // The fourth layer is a copy, so the second of the small is the third of the large.
    let (s, l) = (small.tensor(name).data(), large.tensor("model.layers.2.self_attn.q_proj.weight").data());
    for head in 0..4 {
        for (d, from) in [0, 1, 2, 3, 4, 5, 6, 7, 4, 5].into_iter().enumerate() {
            for c in 0..40 {
                assert_eq!(l[(head * 10 + d) * 40 + c], s[(head * 8 + from) * 32 + c % 32], "{head} {d} {c}");
            }
        }
    }
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
fn the_corner_of_a_head_that_grows_is_the_small_head() {
    let (shape, target) = phi_1_5_to_phi_2();
    let small = Checkpoint::random(&shape, 5);
    let large = grow(&small, &target, &growth(Method::WeightReuse)).unwrap();
    let name = "model.layers.0.self_attn.dense.weight";
    let (s, l) = (small.tensor(name).data(), large.tensor(name).data());
    for r in 0..32 {
        for head in 0..4 {
            assert_eq!(l[r * 40 + head * 10..r * 40 + head * 10 + 8], s[r * 32 + head * 8..r * 32 + head * 8 + 8]);
        }
    }
}

#[test]
fn zero_pad_reads_nothing_new_and_writes_nothing_new() {
    let (shape, target) = phi_1_5_to_phi_2();
    let large = grow(&Checkpoint::random(&shape, 5), &target, &growth(Method::ZeroPad)).unwrap();
    let dense = large.tensor("model.layers.0.self_attn.dense.weight").data();
    let is_new = |i: usize| i % 10 >= 8;
    for (i, x) in dense.iter().enumerate() {
        assert_eq!(*x == 0.0, i / 40 >= 32 || is_new(i % 40), "{i}");
    }
    let key = large.tensor("model.layers.0.self_attn.k_proj.weight").data();
    assert!(key.iter().enumerate().all(|(i, x)| (*x == 0.0) == is_new(i / 40)));
}

#[test]
fn new_units_of_aki_come_from_the_layer_above_and_the_top_layer_s_are_its_own() {
    let small = small();
    let target = config(4, 5);
    let (aki, fpi) = (growth(Method::Aki), growth(Method::Net2net));
    let (aki, fpi) = (grow(&small, &target, &aki).unwrap(), grow(&small, &target, &fpi).unwrap());
    let rows = |model: &Checkpoint, layer: usize, rows: std::ops::Range<usize>| {
        model.tensor(&format!("model.layers.{layer}.mlp.fc1.weight")).data()[rows.start * 32..rows.end * 32].to_vec()
    };
    let norm = |model: &Checkpoint, layer: usize| {
        model.tensor(&format!("model.layers.{layer}.input_layernorm.weight")).data().to_vec()
    };
    for layer in 0..4 {
        assert_eq!(rows(&aki, layer, 0..64), rows(&fpi, layer, 0..64), "old rows are the layer's own");
        assert_ne!(rows(&aki, layer, 64..128), rows(&fpi, layer, 64..128));
        assert_eq!(norm(&aki, layer)[..16], norm(&fpi, layer)[..16]);
        assert_eq!(norm(&aki, layer)[16..], norm(&fpi, layer + 1)[16..], "the residual stream is drawn once");
    }
    assert_eq!(rows(&aki, 4, 0..128), rows(&fpi, 4, 0..128));
    // A new row of layer 1 is a row of layer 2, its columns spread over the copies of what they read.
    let sources = small.tensor("model.layers.2.mlp.fc1.weight").data();
    for row in rows(&aki, 1, 64..128).chunks_exact(32) {
        let is_copy = |source: &[f32]| row[..16].iter().zip(source).all(|(x, s)| *x == s / 2.0);
        assert!(sources.chunks_exact(16).any(is_copy));
    }
}

#[test]
fn what_can_not_be_grown_is_refused_with_method_dimension_and_reason() {
    let small = small();
    let refuses = |target: PhiConfig, method, words: &[&str]| {
        let error = grow(&small, &target, &growth(method)).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "\"{word}\" is not in: {error}");
        }
    };
    refuses(config(1, 5), Method::Tiling, &["tiling", "hidden_size from 16 to 8", "shrink"]);
    refuses(config(2, 4), Method::ZeroPad, &["zero-pad", "num_hidden_layers from 5 to 4", "shrink"]);
    for method in [Method::TilingPreserving, Method::Diagonal] {
        refuses(config(3, 5), method, &[method.name(), "hidden_size from 16 to 24", "whole ratios"]);
    }
    let narrow_mlp = PhiConfig { intermediate_size: 64, ..config(4, 5) };
    refuses(narrow_mlp, Method::Diagonal, &["diagonal", "intermediate_size from 64 to 64", "ratio of hidden_size"]);
    let wide_heads = PhiConfig { num_heads: 2, ..config(4, 5) };
    for method in [Method::TilingPreserving, Method::Diagonal, Method::Net2net, Method::Aki] {
        refuses(wide_heads.clone(), method, &[method.name(), "head_dim from 8 to 16", "number of heads"]);
    }
    let turned = PhiConfig { rotary_dim: 8, ..wide_heads };
    refuses(turned, Method::WeightReuse, &["weight-reuse", "rotary_dim from 4 to 8", "frequency"]);
    let fewer_words = PhiConfig { vocab_size: 120, ..config(4, 5) };
    refuses(fewer_words, Method::Net2net, &["net2net", "vocab_size from 128 to 120", "shrink"]);
    let broken = PhiConfig { num_heads: 3, ..config(4, 5) };
    assert!(matches!(grow(&small, &broken, &growth(Method::Tiling)), Err(GrowthError::Target(_))));
}

#[test]
fn a_head_without_unrotated_dimensions_has_nothing_to_tile() {
    let shape = PhiConfig { rotary_dim: 8, ..config(2, 2) };
    let target = PhiConfig { hidden_size: 20, ..shape.clone() };
    let error = grow(&Checkpoint::random(&shape, 1), &target, &growth(Method::Tiling)).unwrap_err().to_string();
    assert!(error.contains("head_dim from 8 to 10") && error.contains("rotated as a whole"), "{error}");
}

#[test]
fn a_seed_gives_one_model_and_another_seed_another() {
    let small = small();
    for method in Method::ALL {
        let with = |seed| grow(&small, &config(4, 6), &phi_growth::Growth { seed, ..growth(method) }).unwrap();
        assert_eq!(with(1), with(1), "{method}");
        let draws = !matches!(method, Method::Tiling | Method::Diagonal);
        assert_eq!(with(1) != with(2), draws, "{method}");
    }
}
