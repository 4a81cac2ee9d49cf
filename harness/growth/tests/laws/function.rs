//! The function: kept where a method says so, changed where it says so.

use crate::support::{busy, change, config, distance, growth, logits, logits_of, small};
use phi_growth::{Blueprint, DepthRule, Growth, Method, Split, check, grow};
use phi_model::{Checkpoint, NormFamily, PhiConfig};
use proptest::prelude::*;

/// f32 rounding over a few layers is some 1e-6 of the largest logit; a changed function moves logits by more than 1e-3.
const ROUNDING: f32 = 1e-5;
const CHANGE: f32 = 1e-3;

#[test]
fn a_method_that_says_it_preserves_the_function_does_and_the_others_do_not() {
    let small = small();
    let before = logits(&small);
    for method in Method::ALL {
        for (heads, layers) in [(4, 6), (8, 10)] {
            let target = config(heads, layers);
            let large = grow(&small, &target, &growth(method)).unwrap();
            let moved = distance(&before, &logits(&large));
            if method.preserves_function(NormFamily::LayerNorm) {
                assert!(moved < ROUNDING, "{method} x{}: {moved}", heads / 2);
            } else {
                assert!(moved > CHANGE, "{method} x{}: {moved}", heads / 2);
            }
            let change = change(&growth(method), small.config(), &target);
            assert_eq!(change.is_none(), method.preserves_function(NormFamily::LayerNorm), "{method}: {change:?}");
        }
    }
}

#[test]
fn preserving_growth_holds_to_1e_5_on_weights_of_ordinary_size() {
    let small = Checkpoint::random(&config(2, 5), 4);
    let before = logits(&small);
    for method in Method::ALL.into_iter().filter(|m| m.preserves_function(NormFamily::LayerNorm)) {
        for heads in [4, 8] {
            let after = logits(&grow(&small, &config(heads, 6), &growth(method)).unwrap());
            let moved = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(moved < 1e-5, "{method} x{}: {moved}", heads / 2);
        }
    }
}

/// Needs `PHI_BENCH_DATA` and the folder `oracle` beside it; says so when left out.
#[test]
#[allow(clippy::print_stderr)]
fn a_trained_model_reads_its_own_text_as_before() {
    let dir = std::env::var_os("PHI_BENCH_DATA").map(|d| std::path::PathBuf::from(d).join("../oracle/tiny-phi"));
    let Some(dir) = dir.filter(|d| d.is_dir()) else {
        eprintln!("left out: set PHI_BENCH_DATA to a data folder with ../oracle/tiny-phi beside it");
        return;
    };
    let small = Checkpoint::load(&dir).unwrap();
    let tokenizer = phi_model::TextTokenizer::load(&dir.join("tokenizer.json")).unwrap();
    let text = "Question: A farmer has 12 sheep and buys 5 more. How many sheep does she have?\nAnswer: 12 + 5 = 17";
    let tokens = tokenizer.encode(text).unwrap();
    let before = logits_of(&small, &tokens);
    for method in Method::ALL {
        for n in [2, 4] {
            let c = small.config();
            let target = PhiConfig {
                hidden_size: n * c.hidden_size,
                intermediate_size: n * c.intermediate_size,
                num_heads: n * c.num_heads,
                num_layers: c.num_layers + 1,
                ..c.clone()
            };
            let moved = distance(&before, &logits_of(&grow(&small, &target, &growth(method)).unwrap(), &tokens));
            if method.preserves_function(NormFamily::LayerNorm) {
                assert!(moved < ROUNDING, "{method} x{n}: {moved}");
            } else {
                assert!(moved > CHANGE, "{method} x{n}: {moved}");
            }
        }
    }
}

#[test]
fn depth_alone_is_preserved_by_silent_layers_and_not_by_plain_copies() {
    let small = small();
    let before = logits(&small);
    for layers in [6, 10, 13] {
        for depth in DepthRule::ALL {
            let growth = Growth { depth, ..growth(Method::Tiling) };
            let large = grow(&small, &config(2, layers), &growth).unwrap();
            let moved = distance(&before, &logits(&large));
            if depth.preserves_function() {
                assert!(moved < 1e-6, "{depth} to {layers}: {moved}");
            } else {
                assert!(moved > CHANGE, "{depth} to {layers}: {moved}");
            }
        }
    }
}

#[test]
fn uneven_copies_keep_the_function_in_heads_and_mlp_and_lose_it_in_the_residual_stream() {
    let small = small();
    let before = logits(&small);
    let moved =
        |target: &PhiConfig, method| distance(&before, &logits(&grow(&small, target, &growth(method)).unwrap()));
    let mlp = PhiConfig { intermediate_size: 100, ..config(2, 5) };
    assert!(moved(&mlp, Method::Net2net) < ROUNDING);
    let uneven_mlp = PhiConfig { intermediate_size: 150, ..config(4, 5) };
    assert!(moved(&uneven_mlp, Method::Net2net) < ROUNDING);
    assert!(moved(&config(3, 5), Method::Net2net) > CHANGE, "LayerNorm counts the copies");
}

#[test]
fn zeros_keep_the_function_behind_the_mlp_and_lose_it_behind_layer_norm() {
    let small = small();
    let before = logits(&small);
    let moved =
        |target: &PhiConfig| distance(&before, &logits(&grow(&small, target, &growth(Method::ZeroPad)).unwrap()));
    assert!(moved(&PhiConfig { intermediate_size: 100, ..config(2, 7) }) < ROUNDING);
    assert!(moved(&config(3, 5)) > CHANGE, "zeros shift the mean");
}

/// Where each LayerNorm reads a stream of mean zero, and epsilon is next to nothing, the paper's rule for RMSNorm holds:
/// what changes the function is LayerNorm's mean alone.
#[test]
fn zeros_keep_the_function_if_the_residual_stream_has_no_mean() {
    for target in [config(4, 5), PhiConfig { num_heads: 2, ..config(4, 5) }] {
        let shape = PhiConfig { layer_norm_eps: 1e-12, ..config(2, 5) };
        let mut small = busy(&shape, 11).to_flat();
        for spec in phi_model::ParamLayout::new(&shape).specs() {
            let writes = spec.name.contains(".dense.") || spec.name.contains(".fc2.");
            let part = &mut small[spec.range.clone()];
            if spec.name.contains("embed") {
                for row in part.chunks_exact_mut(shape.hidden_size) {
                    let mean = row.iter().sum::<f32>() / shape.hidden_size as f32;
                    row.iter_mut().for_each(|x| *x -= mean);
                }
            } else if writes {
                let cols = spec.shape.get(1).copied().unwrap_or(1);
                for c in 0..cols {
                    let mean = part.iter().skip(c).step_by(cols).sum::<f32>() / shape.hidden_size as f32;
                    part.iter_mut().skip(c).step_by(cols).for_each(|x| *x -= mean);
                }
            }
        }
        let small = Checkpoint::from_flat(&shape, &small);
        let target = PhiConfig { layer_norm_eps: 1e-12, ..target };
        let moved = distance(&logits(&small), &logits(&grow(&small, &target, &growth(Method::ZeroPad)).unwrap()));
        assert!(moved < ROUNDING, "head_dim {}: {moved}", target.head_dim());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_said_of_two_shapes_holds_for_every_method_seed_and_ratio(
        method in proptest::sample::select(Method::ALL.to_vec()),
        depth in proptest::sample::select(DepthRule::ALL.to_vec()),
        heads in 2_usize..7,
        mlp_more in 0_usize..70,
        even_mlp in any::<bool>(),
        layers in 2_usize..6,
        seed in any::<u64>(),
        noise in any::<bool>(),
        uneven in any::<bool>(),
    ) {
        let small = busy(&config(2, 2), seed);
        let intermediate_size = if even_mlp { 32 * heads } else { 64 + mlp_more };
        let target = PhiConfig { intermediate_size, ..config(heads, layers) };
        let split = if uneven && method == Method::TilingPreserving { Split::Unequal } else { Split::Equal };
        let growth = Growth { method, depth, snr_db: noise.then_some(10.0), split, seed };
        let blueprint = |config| Blueprint::of_phi(config).unwrap();
        prop_assume!(check(&blueprint(small.config()), &blueprint(&target), &growth).is_ok());
        let moved = distance(&logits(&small), &logits(&grow(&small, &target, &growth).unwrap()));
        match change(&growth, small.config(), &target) {
            None => prop_assert!(moved < ROUNDING, "{moved}"),
            Some(why) => prop_assert!(moved > 10.0 * ROUNDING, "{moved}, but {why}"),
        }
    }
}
