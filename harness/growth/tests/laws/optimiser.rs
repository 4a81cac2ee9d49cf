//! The optimiser's state grows with the weights.

use crate::support::{config, growth};
use crate::training::Run;
use phi_growth::{Growth, Method, OptimiserGrowth, grow};
use phi_model::{Checkpoint, OptimiserRecord, OptimiserState, PhiConfig};

/// A model in the middle of its training, and the losses of its next 50 steps.
fn small_run() -> (Run, Vec<f64>) {
    let mut run = Run::new(&Checkpoint::random(&config(2, 3), 4));
    run.train(20);
    let start = Run::resumed(&run.model(), run.state.clone());
    let losses = run.train(50);
    (start, losses)
}

fn symmetric() -> Growth {
    Growth { snr_db: None, ..growth(Method::TilingPreserving) }
}

fn largest_gap(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn symmetric_growth_with_its_state_and_rates_follows_the_small_model_for_fifty_steps() {
    let (start, expected) = small_run();
    assert!(expected[0] - expected[49] > 0.3, "the small model learns: {expected:?}");
    // What rounding alone does: the small model, each weight moved by about a unit in its last place.
    let nudged: Vec<f32> = start.params.iter().map(|x| x * (1.0 + f32::EPSILON)).collect();
    let nudged = Checkpoint::from_flat(&config(2, 3), &nudged);
    let mut run = Run::resumed(&nudged, start.state.clone());
    let rounding = largest_gap(&expected, &run.train(50));
    assert!(rounding < 1e-6, "{rounding}");

    let wide_mlp = PhiConfig { intermediate_size: 256, ..config(4, 3) };
    for target in [config(4, 3), config(8, 3), config(6, 3), wide_mlp] {
        let small = start.model();
        let law = OptimiserGrowth::new(small.config(), &target, &symmetric()).unwrap();
        let large = grow(&small, &target, &symmetric()).unwrap();
        let state = law.state(&start.state);
        let losses = Run::resumed(&large, state.clone()).train(50);
        let gap = largest_gap(&expected, &losses);
        assert!(gap < 1e-6, "{}: {gap}, where rounding is {rounding}", target.hidden_size);

        // Each half of the law is needed.
        let record = OptimiserRecord { scales: std::collections::BTreeMap::new(), ..state.record.clone() };
        let same_rates = Run::resumed(&large, OptimiserState { record, ..state.clone() }).train(50);
        assert!(largest_gap(&expected, &same_rates) > 0.05);
        let record = OptimiserRecord { updates: 0, ..state.record.clone() };
        let zeros = vec![0.0; state.first.len()];
        let mut from_zero = Run::resumed(&large, OptimiserState { first: zeros.clone(), second: zeros, record });
        from_zero.read = start.read;
        assert!(largest_gap(&expected, &from_zero.train(50)) > 0.05);
    }
}

/// Twice 2 is 4: the scales of one growth and those of the next multiply.
#[test]
fn a_model_grown_twice_follows_as_one_grown_once() {
    let (start, expected) = small_run();
    let (two, four) = (config(4, 3), config(8, 3));
    let small = start.model();
    let first = OptimiserGrowth::new(small.config(), &two, &symmetric()).unwrap();
    let second = OptimiserGrowth::new(&two, &four, &symmetric()).unwrap();
    let large = grow(&grow(&small, &two, &symmetric()).unwrap(), &four, &symmetric()).unwrap();
    let state = second.state(&first.state(&start.state));
    let at_once = OptimiserGrowth::new(small.config(), &four, &symmetric()).unwrap().state(&start.state);
    assert_eq!(state, at_once);
    let gap = largest_gap(&expected, &Run::resumed(&large, state).train(50));
    assert!(gap < 1e-6, "{gap}");
}

#[test]
fn other_methods_and_deeper_models_have_no_law() {
    let refused =
        |method, target| OptimiserGrowth::new(&config(2, 3), &target, &growth(method)).unwrap_err().to_string();
    let error = refused(Method::Diagonal, config(4, 3));
    assert!(error.contains("diagonal") && error.contains("tiling-preserving only"), "{error}");
    assert!(refused(Method::TilingPreserving, config(4, 4)).contains("new layers"));
    let more_words = PhiConfig { vocab_size: 256, ..config(4, 3) };
    assert!(refused(Method::TilingPreserving, more_words).contains("new entries of the vocabulary"));
    assert!(refused(Method::TilingPreserving, config(3, 3)).contains("whole ratios"));
}
