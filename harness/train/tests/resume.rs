//! A run that was cut off goes on as if it had not been.
#![allow(clippy::unwrap_used)]

use phi_model::{Checkpoint, PackedTokens, ParamLayout, PhiConfig};
use phi_train::{
    Control, CpuEngine, Progress, Schedule, StepEngine, TrainError, TrainOptions, TrainSpec, TrainState, train,
};
use std::path::Path;

fn config() -> PhiConfig {
    PhiConfig {
        vocab_size: 32,
        hidden_size: 16,
        intermediate_size: 64,
        num_layers: 2,
        num_heads: 2,
        rotary_dim: 4,
        rope_theta: 10_000.0,
        max_positions: 16,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    }
}

fn spec() -> TrainSpec {
    TrainSpec {
        steps: 60,
        batch_rows: 4,
        learning_rate: 1e-2,
        warmup_steps: 5,
        schedule: Schedule::Linear,
        final_lr_fraction: 0.1,
        weight_decay: 0.1,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        clip_norm: 1.0,
        seed: 5,
        eval_every: 7,
        threads: 1,
        options: TrainOptions::default(),
    }
}

/// Counting sequences with a stride that the first two tokens tell.
fn rows(from: u32, to: u32) -> PackedTokens {
    let mut rows = PackedTokens::new(16);
    for r in from..to {
        let row: Vec<u32> = (0..17).map(|i| (r * 5 + i * (1 + r % 3)) % 32).collect();
        rows.push(&row, |i| i > 0, |_| false);
    }
    rows
}

fn start(config: &PhiConfig) -> TrainState {
    TrainState::new(Checkpoint::random(config, 3).to_flat())
}

/// Trains until a step, or to the end.
fn run(spec: &TrainSpec, state: TrainState, path: &Path, stop: Option<u64>) -> Result<TrainState, TrainError> {
    let mut progress = state.progress;
    let mut engine = CpuEngine::new(&config(), spec, state.tensors);
    let mut after_step = |p: &Progress, _: &mut dyn StepEngine| {
        Ok::<_, TrainError>(if Some(p.step) == stop { Control::Stop } else { Control::Continue })
    };
    train(spec, &mut engine, &mut progress, &rows(0, 30), &rows(30, 40), path, &mut after_step)?;
    Ok(TrainState { tensors: engine.tensors()?.clone(), progress })
}

fn same(a: &TrainState, b: &TrainState) {
    let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&a.tensors.params), bits(&b.tensors.params));
    assert_eq!(bits(&a.tensors.first), bits(&b.tensors.first));
    assert_eq!(bits(&a.tensors.second), bits(&b.tensors.second));
    assert_eq!(a.progress.curve, b.progress.curve);
}

#[test]
fn a_run_stopped_at_any_step_and_resumed_equals_the_unbroken_one_bit_for_bit() {
    let (config, spec) = (config(), spec());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.safetensors");
    let whole = run(&spec, start(&config), &path, None).unwrap();
    let losses: Vec<f64> = whole.progress.curve.iter().map(|p| p.val_loss).collect();
    assert!(losses.last() < losses.first(), "the model learns: {losses:?}");

    for stop in [1, 13, 14, 59] {
        let stopped = run(&spec, start(&config), &path, Some(stop));
        assert!(matches!(stopped, Err(TrainError::Interrupted)));
        let state = TrainState::load(&path, &ParamLayout::new(&config)).unwrap();
        assert_eq!(state.progress.step, stop);
        let resumed = run(&spec, state, &path, None).unwrap();
        same(&whole, &resumed);
    }
}

#[test]
fn a_truncated_state_is_refused_with_its_path() {
    let config = config();
    let layout = ParamLayout::new(&config);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.safetensors");
    let TrainState { tensors, progress } = start(&config);
    tensors.save(&progress, &path, &layout).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for keep in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..keep]).unwrap();
        let error = TrainState::load(&path, &layout).unwrap_err().to_string();
        assert!(error.contains("state.safetensors") && error.contains("remove it"), "{error}");
    }
}

#[test]
fn a_diverging_run_says_so() {
    let config = config();
    let mut state = start(&config);
    state.tensors.params[0] = f32::NAN;
    let dir = tempfile::tempdir().unwrap();
    let result = run(&spec(), state, dir.path(), None);
    assert!(matches!(result, Err(TrainError::Diverged { .. })), "{result:?}");
}

#[test]
fn two_threads_train_to_nearly_the_same_loss_as_one() {
    let config = config();
    let dir = tempfile::tempdir().unwrap();
    let last_loss = |threads| {
        let spec = TrainSpec { threads, batch_rows: 64, steps: 20, ..spec() };
        run(&spec, start(&config), dir.path(), None).unwrap().progress.curve.last().unwrap().val_loss
    };
    assert!((last_loss(1) - last_loss(2)).abs() < 1e-4);
}
