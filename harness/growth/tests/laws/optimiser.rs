//! The optimiser's state grows with the weights.

use crate::support::{config, growth};
use crate::training::Run;
use phi_growth::{Growth, Method, OptimiserGrowth, grow};
use phi_model::{Checkpoint, ParamSpec, PhiConfig};

/// A model in the middle of its training, and the losses of its next 50 steps.
fn small_run() -> (Run, Vec<f64>) {
    let mut run = Run::new(&Checkpoint::random(&config(2, 3), 4));
    run.train(20, |_| None);
    let start = Run::resumed(&run.model(), run.moments.clone(), run.steps);
    let losses = run.train(50, |_| None);
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
    let mut run = Run::resumed(&nudged, start.moments.clone(), start.steps);
    let rounding = largest_gap(&expected, &run.train(50, |_| None));
    assert!(rounding < 1e-6, "{rounding}");

    let wide_mlp = PhiConfig { intermediate_size: 256, ..config(4, 3) };
    for target in [config(4, 3), config(8, 3), config(6, 3), wide_mlp] {
        let small = start.model();
        let law = OptimiserGrowth::new(small.config(), &target, &symmetric()).unwrap();
        let large = grow(&small, &target, &symmetric()).unwrap();
        let moments = law.moments(&start.moments);
        let scale = |spec: &ParamSpec| Some(law.update_scale(spec));
        let losses = Run::resumed(&large, moments.clone(), start.steps).train(50, scale);
        let gap = largest_gap(&expected, &losses);
        assert!(gap < 1e-6, "{}: {gap}, where rounding is {rounding}", target.hidden_size);

        // Each half of the law is needed.
        let same_rates = Run::resumed(&large, moments, start.steps).train(50, |_| None);
        assert!(largest_gap(&expected, &same_rates) > 0.05);
        let mut from_zero = Run::new(&large);
        from_zero.read = start.read;
        assert!(largest_gap(&expected, &from_zero.train(50, scale)) > 0.05);
    }
}

#[test]
fn other_methods_and_deeper_models_have_no_law() {
    let refused =
        |method, target| OptimiserGrowth::new(&config(2, 3), &target, &growth(method)).unwrap_err().to_string();
    let error = refused(Method::Diagonal, config(4, 3));
    assert!(error.contains("diagonal") && error.contains("tiling-preserving only"), "{error}");
    assert!(refused(Method::TilingPreserving, config(4, 4)).contains("new layers"));
    assert!(refused(Method::TilingPreserving, config(3, 3)).contains("whole ratios"));
}
