//! The main job: run, interrupted, repeated, compared.

use crate::support::{phi_bench, refuses, run, tiny};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Losses, scores and samples of a finished run, without times and the machine.
fn results(dir: &Path) -> serde_json::Value {
    let (json, err, code) = run(phi_bench().arg("report").arg(dir).arg("--json"));
    assert_eq!(code, 0, "{err}");
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let run = value.as_object_mut().unwrap();
    for field in ["started_unix_s", "compute_s", "environment", "command"] {
        run.shift_remove(field);
    }
    for arm in run["arms"].as_array_mut().unwrap() {
        for field in ["train_s", "latency_ms_per_token"] {
            arm.as_object_mut().unwrap().shift_remove(field);
        }
    }
    for step in run["steps"].as_array_mut().unwrap() {
        step.as_object_mut().unwrap().shift_remove("seconds");
    }
    value
}

fn ablate(dir: &Path, jobs: &str) -> (String, String, i32) {
    run(phi_bench().arg("ablate").arg(tiny()).arg("--out").arg(dir).args(["--jobs", jobs]))
}

#[test]
fn an_ablation_killed_again_and_again_ends_with_the_results_of_an_unbroken_one() {
    let whole = tempfile::tempdir().unwrap();
    let (out, err, code) = ablate(whole.path(), "2");
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("scratch") && out.contains("tiling-preserving"), "{out}");
    let report = out.lines().last().unwrap();
    let html = std::fs::read_to_string(report).unwrap();
    assert!(html.contains("<svg") && html.contains("Does the whole way work?"));
    assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "the report needs no network");
    let expected = results(whole.path());
    let arms = expected["arms"].as_array().unwrap();
    assert_eq!(arms.len(), 4, "two arms at two seeds");
    for arm in arms {
        let scores: Vec<&str> =
            arm["scores"].as_array().unwrap().iter().map(|s| s["metric"].as_str().unwrap()).collect();
        assert!(scores.contains(&"pass@1") && scores.contains(&"pass@2,sampled"), "{scores:?}");
        assert_eq!(arm["samples"].as_array().unwrap().len(), 20);
    }
    let flops = |arm: &serde_json::Value| {
        ["inherited_flops", "pretrain_flops", "align_flops"].iter().map(|f| arm[*f].as_f64().unwrap()).sum::<f64>()
    };
    for arm in &arms[1..] {
        assert!((flops(arm) / flops(&arms[0]) - 1.0).abs() < 0.02, "equal training FLOPs, to a step");
    }

    only_what_changed_is_to_be_done(whole.path());

    // Killed at several moments, with another number of jobs, then left to end.
    let broken = tempfile::tempdir().unwrap();
    for after_ms in [300, 1500, 2500, 4000] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phi-bench"))
            .env_remove("PHI_BENCH_DATA")
            .arg("ablate")
            .arg(tiny())
            .arg("--out")
            .arg(broken.path())
            .args(["--jobs", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(after_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (_, err, code) = ablate(broken.path(), "1");
    assert_eq!(code, 0, "{err}");
    assert_eq!(results(broken.path()), expected);

    // A damaged output is told, and made again.
    let steps = broken.path().join("steps");
    let victim = std::fs::read_dir(&steps).unwrap().map(|e| e.unwrap().path());
    let victim =
        victim.filter(|p| p.to_string_lossy().contains("align-")).min().unwrap().join("model/model.safetensors");
    let bytes = std::fs::read(&victim).unwrap();
    std::fs::write(&victim, &bytes[..bytes.len() / 2]).unwrap();
    let (_, err, code) = ablate(broken.path(), "2");
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("was damaged") && err.contains("1 of "), "{err}");
    assert_eq!(results(broken.path()), expected);

    the_gate_passes_a_run_against_itself(whole.path());
    only_steps_that_nothing_needs_are_dropped(whole.path());
    a_truncated_model_is_refused(&victim);
    the_folder_of_another_recipe_is_refused_and_kept(whole.path());
}

/// Another number of sampled answers means other evaluations, and no other training.
fn only_what_changed_is_to_be_done(dir: &Path) {
    let other = dir.join("more-samples.toml");
    std::fs::write(&other, std::fs::read_to_string(tiny()).unwrap().replace("n_samples = 2", "n_samples = 3")).unwrap();
    let explain = |recipe: &Path, more: &[&str]| {
        let (out, err, code) =
            run(phi_bench().arg("ablate").arg(recipe).arg("--out").arg(dir).arg("--explain").args(more));
        assert_eq!(code, 0, "{err}");
        out
    };
    let plan: serde_json::Value = serde_json::from_str(&explain(&other, &["--json"])).unwrap();
    let to_do: Vec<&serde_json::Value> =
        plan["steps"].as_array().unwrap().iter().filter(|s| s["done"] == false).collect();
    assert_eq!(to_do.len(), 4, "{to_do:?}");
    for step in to_do {
        assert_eq!(step["kind"], "evaluate");
        assert_eq!(step["reason"], "suite.sampled.n_samples was 2, is 3");
    }
    assert!(explain(&tiny(), &[]).contains("0 of 17 steps to do"));
}

fn only_steps_that_nothing_needs_are_dropped(dir: &Path) {
    let stray = dir.join("steps/align-0123456789abcdef");
    std::fs::create_dir(&stray).unwrap();
    std::fs::write(stray.join("model"), [0; 1000]).unwrap();
    let count = || std::fs::read_dir(dir.join("steps")).unwrap().count();
    let before = count();
    let gc = |words: &[&str]| run(phi_bench().args(["runs", "gc", "--steps"]).args(words).arg("--store").arg(dir));
    let (out, err, code) = gc(&["--dry-run"]);
    assert_eq!((code, count()), (0, before), "{err}");
    assert!(out.contains("align-0123456789abcdef would be dropped, 1000 bytes"), "{out}");
    let (out, err, code) = gc(&[]);
    assert_eq!((code, count()), (0, before - 1), "{out}{err}");
    assert!(!stray.exists() && out.lines().count() == 2, "{out}");
}

fn the_gate_passes_a_run_against_itself(dir: &Path) {
    let baseline = dir.join("baseline.json");
    let junit = dir.join("check.xml");
    let (_, err, code) = run(phi_bench().arg("check").arg(dir).arg("--baseline").arg(&baseline).arg("--save"));
    assert_eq!(code, 0, "{err}");
    let (out, err, code) =
        run(phi_bench().arg("check").arg(dir).arg("--baseline").arg(&baseline).arg("--junit").arg(&junit));
    assert_eq!(code, 0, "{out}{err}");
    assert!(std::fs::read_to_string(&junit).unwrap().contains("<testsuite"));

    // The same scores against a baseline that got everything right: a regression.
    std::fs::write(&baseline, all_right(&std::fs::read_to_string(&baseline).unwrap())).unwrap();
    let (out, _, code) = run(phi_bench().arg("check").arg(dir).arg("--baseline").arg(&baseline));
    assert_eq!(code, 1, "{out}");
    std::fs::write(&baseline, "{}").unwrap();
    refuses(phi_bench().arg("check").arg(dir).arg("--baseline").arg(&baseline), 3, &["baseline.json"]);
}

/// The baseline with every score and every value of every question 1.
fn all_right(baseline: &str) -> String {
    let line = |line: &str| match serde_json::from_str(line) {
        Ok(serde_json::Value::Object(mut head)) if head.contains_key("value") => {
            head["value"] = 1.0.into();
            serde_json::Value::Object(head).to_string()
        }
        Ok(serde_json::Value::Array(mut cells)) => {
            cells[1..].fill(1.into());
            serde_json::Value::Array(cells).to_string()
        }
        _ => line.to_owned(),
    };
    baseline.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn a_truncated_model_is_refused(weights: &Path) {
    let bytes = std::fs::read(weights).unwrap();
    std::fs::write(weights, &bytes[..bytes.len() - 7]).unwrap();
    let model = weights.parent().unwrap();
    let steps = weights.ancestors().nth(3).unwrap();
    let corpus = std::fs::read_dir(steps).unwrap().map(|e| e.unwrap().path());
    let corpus = corpus.filter(|p| p.to_string_lossy().contains("corpus-")).min().unwrap();
    let mut eval = phi_bench();
    eval.arg("eval").arg("--model").arg(model).args(["--tasks", "code_exercises", "--data"]);
    eval.arg(corpus.join("held-out.jsonl"));
    refuses(&mut eval, 3, &["model.safetensors", "not a whole safetensors file"]);
    let grown = model.join("grown");
    let mut command = phi_bench();
    command.arg("grow").arg(model).arg(&grown).args(["--method", "tiling", "--width", "2"]);
    refuses(&mut command, 3, &["model.safetensors", "not a whole safetensors file"]);
    std::fs::write(weights, bytes).unwrap();
    let (out, err, code) = run(&mut eval);
    assert_eq!(code, 0, "the whole model is scored: {err}");
    assert!(out.contains("pass@1") && out.contains("95 % interval"), "{out}");
    let mut command = phi_bench();
    command.arg("grow").arg(model).arg(&grown).args(["--method", "tiling-preserving", "--width", "2"]);
    let (out, err, code) = run(&mut command);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("preserves the function") && grown.join("tokenizer.json").is_file(), "{out}");
}

fn the_folder_of_another_recipe_is_refused_and_kept(dir: &Path) {
    let other = dir.join("other.toml");
    let text = std::fs::read_to_string(tiny()).unwrap().replace("held_out = 20", "held_out = 21");
    std::fs::write(&other, text).unwrap();
    let before = std::fs::read(dir.join("store.sqlite")).unwrap();
    let mut command = phi_bench();
    command.arg("ablate").arg(&other).arg("--out").arg(dir);
    refuses(&mut command, 3, &["another recipe", "held_out = 20", "--out", "--update"]);
    assert_eq!(std::fs::read(dir.join("store.sqlite")).unwrap(), before);
}
