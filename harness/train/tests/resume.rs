//! A run that was cut off goes on as if it had not been.
#![allow(clippy::unwrap_used)]

use phi_model::{Checkpoint, DropoutRates, PackedTokens, ParamLayout, PhiConfig};
use phi_train::{
    Control, CpuEngine, DecayGroup, Mask, MemoryForecast, Progress, Schedule, StepEngine, TrainError, TrainOptions,
    TrainPoint, TrainSpec, TrainState, train,
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
    let mut after_step = |p: &Progress, _: &[TrainPoint], _: &mut dyn StepEngine| {
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

/// Everything that is random or remembers.
fn options() -> TrainOptions {
    TrainOptions {
        dropout: DropoutRates { residual: 0.1, embedding: 0.1, attention: 0.1 },
        decay: vec![DecayGroup::Matrices, DecayGroup::Embeddings],
        mask: Mask::None,
        spike_z: Some(0.3),
        micro_rows: Some(2),
        ..TrainOptions::default()
    }
}

#[test]
fn with_dropout_and_the_spike_guard_a_resumed_run_equals_the_unbroken_one_bit_for_bit() {
    let config = config();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.safetensors");
    for threads in [1, 2] {
        let options = TrainOptions { micro_rows: Some(1), ..options() };
        // So low a rate that the losses differ by the rows only, and have no trend.
        let spec = TrainSpec { options, threads, batch_rows: 2, learning_rate: 1e-6, ..spec() };
        let whole = run(&spec, start(&config), &path, None).unwrap();
        assert!(whole.progress.spikes.skipped > 0, "about a third of the steps lie so far above the mean");
        assert!(run(&spec, start(&config), &path, Some(30)).is_err());
        let state = TrainState::load(&path, &ParamLayout::new(&config)).unwrap();
        let resumed = run(&spec, state, &path, None).unwrap();
        same(&whole, &resumed);
        assert_eq!(whole.progress.spikes, resumed.progress.spikes);
    }
}

#[test]
fn how_rows_are_split_among_threads_and_pieces_changes_rounding_only() {
    let config = config();
    let dir = tempfile::tempdir().unwrap();
    let last_loss = |threads, micro_rows| {
        let options = TrainOptions { micro_rows: Some(micro_rows), spike_z: None, ..options() };
        let spec = TrainSpec { options, threads, batch_rows: 8, steps: 10, ..spec() };
        run(&spec, start(&config), dir.path(), None).unwrap().progress.curve.last().unwrap().val_loss
    };
    let loss = last_loss(1, 8);
    for (threads, micro_rows) in [(1, 1), (1, 3), (2, 2), (3, 1)] {
        let other = last_loss(threads, micro_rows);
        assert!((loss - other).abs() < 1e-4, "{threads} threads, {micro_rows} rows: {loss} and {other}");
    }
}

#[test]
fn weight_decay_takes_the_groups_it_is_for() {
    let config = config();
    let dir = tempfile::tempdir().unwrap();
    let trained = |decay: &[DecayGroup]| {
        let options = TrainOptions { decay: decay.to_vec(), ..TrainOptions::default() };
        let spec = TrainSpec { options, steps: 1, warmup_steps: 0, weight_decay: 0.5, ..spec() };
        run(&spec, start(&config), dir.path(), None).unwrap().tensors.params
    };
    let without = trained(&[]);
    for group in [DecayGroup::Matrices, DecayGroup::Embeddings, DecayGroup::Norms, DecayGroup::Biases] {
        let with = trained(&[group]);
        for spec in ParamLayout::new(&config).specs() {
            let differs = with[spec.range.clone()] != without[spec.range.clone()];
            // Biases begin at 0, of which nothing decays.
            let decayed = DecayGroup::of(spec.kind) == group && start(&config).tensors.params[spec.range.start] != 0.0;
            assert_eq!(differs, decayed, "{group:?}: {}", spec.name);
        }
    }
}

#[test]
fn without_the_mask_a_document_sees_the_one_before_it() {
    let config = config();
    let loss = |mask, starts: bool| {
        let mut rows = PackedTokens::new(16);
        let row: Vec<u32> = (0..17).map(|i| i * 3 % 32).collect();
        rows.push(&row, |_| true, |i| starts && i == 8);
        let options = TrainOptions { mask, ..TrainOptions::default() };
        let spec = TrainSpec { options, steps: 1, batch_rows: 1, ..spec() };
        let mut engine = CpuEngine::new(&config, &spec, start(&config).tensors);
        engine.gradient(&rows, &[0], 0).unwrap().loss
    };
    assert_eq!(loss(Mask::None, true), loss(Mask::None, false));
    assert_ne!(loss(Mask::Documents, true), loss(Mask::Documents, false));
}

#[test]
fn the_memory_forecast_is_what_a_run_takes() {
    let config = config();
    for threads in [1, 2] {
        let spec = TrainSpec { threads, batch_rows: 64, ..spec() };
        let mut engine = CpuEngine::new(&config, &spec, start(&config).tensors);
        let all: Vec<usize> = (0..64).collect();
        engine.gradient(&rows(0, 64), &all, 0).unwrap();
        let (forecast, taken) = (MemoryForecast::new(&config, &spec, 16).total(), engine.memory_bytes());
        let ratio = taken as f64 / forecast as f64;
        assert!((0.99..1.01).contains(&ratio), "{threads} threads: {forecast} and {taken}");
    }
}
