//! A run's folder: what it holds, what it refuses, and that a run cut off goes on as if it had not been.
#![allow(clippy::unwrap_used)]

use phi_model::{Checkpoint, PackedTokens, PhiConfig};
use phi_train::{Best, Hooks, Keep, Metrics, RunFolder, Schedule, TrainError, TrainOptions, TrainSpec};
use serde_json::json;
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
        steps: 40,
        batch_rows: 4,
        learning_rate: 1e-2,
        warmup_steps: 5,
        schedule: Schedule::Wsd,
        final_lr_fraction: 0.0,
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

fn rows(count: u32) -> PackedTokens {
    let mut rows = PackedTokens::new(16);
    for r in 0..count {
        let row: Vec<u32> = (0..17).map(|i| (r * 5 + i * (1 + r % 3)) % 32).collect();
        rows.push(&row, |_| true, |_| false);
    }
    rows
}

/// Trains in a folder, stopping once after each of these steps.
fn run(dir: &Path, spec: &TrainSpec, stops: &[u64]) -> Result<(), TrainError> {
    run_keeping(dir, spec, stops, Keep::default())
}

fn run_keeping(dir: &Path, spec: &TrainSpec, stops: &[u64], keep: Keep) -> Result<(), TrainError> {
    for &stop in stops {
        let folder = RunFolder::open(dir, &json!({"steps": spec.steps}))?;
        let stopped = folder.train(
            spec,
            &config(),
            || Checkpoint::random(&config(), 3),
            &rows(50),
            &rows(4),
            Hooks::new(&mut |m, _| m.step < stop).with_kept(keep),
        );
        assert!(matches!(stopped, Err(TrainError::Interrupted)), "{stopped:?}");
        assert!(!folder.is_done());
    }
    let folder = RunFolder::open(dir, &json!({"steps": spec.steps}))?;
    folder.train(
        spec,
        &config(),
        || Checkpoint::random(&config(), 3),
        &rows(50),
        &rows(4),
        Hooks::new(&mut |_, _| true).with_kept(keep),
    )?;
    assert!(folder.is_done());
    Ok(())
}

/// The metrics, but for what depends on the machine.
fn metrics(dir: &Path) -> Vec<(u64, u64, f64, f64, f64, Option<f64>)> {
    let text = std::fs::read_to_string(dir.join("metrics.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Metrics>(line).unwrap());
    lines.map(|m| (m.step, m.tokens, m.loss, m.grad_norm, m.learning_rate, m.val_loss)).collect()
}

#[test]
fn a_run_that_was_cut_off_ends_as_an_unbroken_one() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(whole.path(), &spec(), &[]).unwrap();
    run(broken.path(), &spec(), &[1, 13, 14, 39]).unwrap();
    let model = |dir: &Path| Checkpoint::load(&dir.join("model")).unwrap().content_hash();
    assert_eq!(model(whole.path()), model(broken.path()));
    assert_eq!(metrics(whole.path()), metrics(broken.path()));
    let lines = metrics(whole.path());
    assert_eq!(lines.len(), 40);
    assert_eq!(lines[39].1, 40 * 4 * 16);
    assert!(lines[39].2 < lines[0].2 / 2.0, "the loss fell from {} to {}", lines[0].2, lines[39].2);
    let measured: Vec<u64> = lines.iter().filter(|line| line.5.is_some()).map(|line| line.0).collect();
    assert_eq!(measured, [7, 14, 21, 28, 35, 40]);
}

#[test]
fn metrics_beyond_the_saved_state_are_written_again() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(whole.path(), &spec(), &[]).unwrap();
    // As after kill -9: lines of steps that no state holds, the last one half written.
    let folder = RunFolder::open(broken.path(), &json!({"steps": 40})).unwrap();
    let text = std::fs::read_to_string(whole.path().join("metrics.jsonl")).unwrap();
    std::fs::write(folder.path("metrics.jsonl"), &text[..text.len() / 2]).unwrap();
    run(broken.path(), &spec(), &[]).unwrap();
    assert_eq!(metrics(whole.path()), metrics(broken.path()));
}

#[test]
fn another_run_s_folder_is_refused_by_the_setting_that_differs() {
    let dir = tempfile::tempdir().unwrap();
    RunFolder::open(dir.path(), &json!({"train": {"steps": 40, "seed": 1}, "data": "a"})).unwrap();
    let error = RunFolder::open(dir.path(), &json!({"train": {"steps": 41, "seed": 1}, "data": "a"})).unwrap_err();
    assert!(error.to_string().contains("train.steps was 40, is 41"), "{error}");
    assert!(!error.to_string().contains("seed"), "{error}");
    RunFolder::clear(dir.path()).unwrap();
    RunFolder::open(dir.path(), &json!({"data": "b"})).unwrap();
}

#[test]
fn a_run_that_diverges_leaves_the_weights_as_last_saved() {
    let dir = tempfile::tempdir().unwrap();
    let wild = TrainSpec { learning_rate: 1e30, warmup_steps: 0, ..spec() };
    let error = run(dir.path(), &wild, &[]).unwrap_err();
    assert!(matches!(error, TrainError::Diverged { .. }), "{error}");
    let good = Checkpoint::load(&dir.path().join("last-good")).unwrap();
    assert_eq!(good.to_flat(), Checkpoint::random(&config(), 3).to_flat(), "nothing was saved but the beginning");
}

#[test]
fn the_best_and_the_last_models_are_kept_and_cut_off_runs_keep_the_same() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keep = Keep { last: 2, best: true };
    // So high a rate that the validation loss doesn't only fall.
    let spec = TrainSpec { learning_rate: 0.1, ..spec() };
    run_keeping(whole.path(), &spec, &[], keep).unwrap();
    run_keeping(broken.path(), &spec, &[13, 30], keep).unwrap();
    let model = |dir: &Path, name: &str| Checkpoint::load(&dir.join(name)).unwrap().content_hash();
    for name in ["best", "checkpoints/35", "checkpoints/40"] {
        assert_eq!(model(whole.path(), name), model(broken.path(), name), "{name}");
    }
    assert_eq!(std::fs::read_dir(whole.path().join("checkpoints")).unwrap().count(), 2);
    let best: Best = serde_json::from_slice(&std::fs::read(whole.path().join("best/best.json")).unwrap()).unwrap();
    let measured = metrics(whole.path()).into_iter().filter_map(|line| Some((line.0, line.5?)));
    let least = measured.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!((best.step, best.val_loss), least);
}
