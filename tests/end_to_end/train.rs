//! `phi-bench train`: from text to a model that `eval` and `grow` take, killed and gone on with, bad input.

use crate::support::{phi_bench, run};
use assert_cmd::Command;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const SMALL: [&str; 9] = ["train", "--preset", "nano", "--vocab-size", "300", "--seq-len", "64", "--batch-rows", "4"];

fn write_text(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("text.jsonl");
    let line = |i: u32| {
        let body: String = (0..20).map(|j| format!("def f_{i}_{j}(x):\n    return x * {j} + {i}\n\n")).collect();
        serde_json::json!({ "text": body }).to_string()
    };
    std::fs::write(&path, (0..40).map(line).collect::<Vec<_>>().join("\n")).unwrap();
    path
}

fn train(text: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = phi_bench();
    command.args(SMALL).arg("--data").arg(text).arg("--out").arg(out).args(more);
    command
}

#[test]
fn text_becomes_a_model_that_can_be_grown_and_trained_on() {
    let dir = tempfile::tempdir().unwrap();
    let (text, out) = (write_text(dir.path()), dir.path().join("run"));
    let (said, errors, code) = run(&mut train(&text, &out, &["--steps", "30", "--eval-every", "10"]));
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("40 documents") && said.contains("validation loss"), "{said}");
    let metrics = std::fs::read_to_string(out.join("metrics.jsonl")).unwrap();
    let losses: Vec<f64> = metrics
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["loss"].as_f64().unwrap())
        .collect();
    assert_eq!(losses.len(), 30);
    assert!(losses[29] < losses[0] - 0.5, "{} to {}", losses[0], losses[29]);

    let again = run(&mut train(&text, &out, &["--steps", "30", "--eval-every", "10"]));
    assert_eq!(again.2, 0);
    assert!(again.1.contains("is done"), "{}", again.1);

    let large = dir.path().join("large");
    let grow = ["--method", "tiling-preserving", "--width", "2"];
    assert_eq!(run(phi_bench().arg("grow").arg(out.join("model")).arg(&large).args(grow)).2, 0);
    let mut command = phi_bench();
    command.args(["train", "--seq-len", "64", "--steps", "2", "--hyper", "phi-1-finetune"]).arg("--data").arg(&text);
    command.arg("--init").arg(&large).arg("--out").arg(dir.path().join("aligned"));
    let (said, errors, code) = run(&mut command);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("model in"), "{said}");
}

#[test]
fn a_killed_run_goes_on_to_the_same_model() {
    let dir = tempfile::tempdir().unwrap();
    let text = write_text(dir.path());
    let (whole, broken) = (dir.path().join("whole"), dir.path().join("broken"));
    let settings = ["--steps", "60"];
    assert_eq!(run(&mut train(&text, &whole, &settings)).2, 0);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_phi-bench"));
    command.args(SMALL).arg("--data").arg(&text).arg("--out").arg(&broken).args(settings);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let metrics = broken.join("metrics.jsonl");
    let deadline = Instant::now() + Duration::from_secs(60);
    while std::fs::read_to_string(&metrics).map_or(0, |it| it.lines().count()) < 5 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, errors, code) = run(&mut train(&text, &broken, &settings));
    assert_eq!(code, 0, "{errors}");
    let weights = |out: &Path| std::fs::read(out.join("model/model.safetensors")).unwrap();
    assert!(weights(&whole) == weights(&broken), "the weights differ");
}

/// A folder of benchmark data with a few questions of one task.
fn write_questions(dir: &Path) -> std::path::PathBuf {
    let question = |i: u32| {
        let choices = serde_json::json!([{ "text": format!("{i}"), "label": "A" }, { "text": "none", "label": "B" }]);
        serde_json::json!({ "id": i.to_string(), "question": { "stem": format!("{i} + 0?"), "choices": choices },
            "answerKey": "A" })
        .to_string()
    };
    let folder = dir.join("data/arc_easy");
    std::fs::create_dir_all(&folder).unwrap();
    let file = std::fs::File::create(folder.join("ARC-Easy-Test.jsonl.gz")).unwrap();
    let mut file = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    file.write_all((0..6).map(question).collect::<Vec<_>>().join("\n").as_bytes()).unwrap();
    file.finish().unwrap();
    dir.join("data")
}

#[test]
fn scoring_in_training_writes_scores_and_leaves_the_weights_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = write_text(dir.path());
    let data = write_questions(dir.path());
    let (plain, scored) = (dir.path().join("plain"), dir.path().join("scored"));
    let settings = ["--steps", "20", "--eval-every", "8"];
    assert_eq!(run(&mut train(&text, &plain, &settings)).2, 0);
    let mut command = train(&text, &scored, &settings);
    command.env("PHI_BENCH_DATA", &data).args(["--eval-tasks", "arc_easy", "--eval-limit", "4"]);
    let (_, errors, code) = run(&mut command);
    assert_eq!(code, 0, "{errors}");
    let weights = |out: &Path| std::fs::read(out.join("model/model.safetensors")).unwrap();
    assert!(weights(&plain) == weights(&scored), "the weights differ");
    let metrics = std::fs::read_to_string(scored.join("metrics.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = metrics.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let scored: Vec<u64> =
        lines.iter().filter(|line| line["scores"].is_array()).map(|line| line["step"].as_u64().unwrap()).collect();
    assert_eq!(scored, [8, 16, 20]);
    assert_eq!(lines[7]["scores"][0]["task"], "arc_easy");
    let mut command = train(&text, &dir.path().join("none"), &settings);
    let (_, errors, code) = run(command.args(["--eval-tasks", "arc_easy"]));
    assert_eq!(code, 3, "told before anything is trained: {errors}");
    assert!(errors.contains("PHI_BENCH_DATA") && !dir.path().join("none/metrics.jsonl").exists(), "{errors}");
}

#[test]
fn every_option_is_a_flag_and_the_models_along_the_way_can_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let (text, out) = (write_text(dir.path()), dir.path().join("run"));
    let settings =
        ["--steps", "8", "--eval-every", "4", "--dropout", "0.1", "--attention-dropout", "0.2", "--mask", "none"];
    let more =
        ["--decay", "matrices,embeddings", "--spike-z", "6", "--micro-rows", "2", "--beta1", "0.8", "--beta2", "0.98"];
    let kept = ["--epsilon", "1e-7", "--validation-rows", "3", "--keep-last", "1", "--keep-best"];
    let flags = [settings.as_slice(), &more, &kept].concat();
    let (said, errors, code) = run(&mut train(&text, &out, &[flags.as_slice(), &["--dry-run"]].concat()));
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("3 to validate with") && said.contains("8 steps") && said.contains("memory: "), "{said}");
    assert!(!out.exists(), "a dry run writes nothing");

    let (_, errors, code) = run(&mut train(&text, &out, &flags));
    assert_eq!(code, 0, "{errors}");
    assert!(errors.contains("step 4 of 8: loss") && errors.contains("validation loss"), "{errors}");
    for folder in ["best", "checkpoints/8", "model"] {
        for file in ["config.json", "model.safetensors", "tokenizer.json"] {
            assert!(out.join(folder).join(file).is_file(), "{folder}/{file}");
        }
    }
    assert!(!out.join("checkpoints/4").exists(), "only the last one is kept");
    let settings = std::fs::read_to_string(out.join("settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    let options = &settings["train"]["options"];
    assert_eq!(options["decay"], serde_json::json!(["matrices", "embeddings"]));
    assert_eq!((&options["mask"], &options["spike_z"]), (&"none".into(), &6.0.into()));
    let metrics = std::fs::read_to_string(out.join("metrics.jsonl")).unwrap();
    let last: serde_json::Value = serde_json::from_str(metrics.lines().last().unwrap()).unwrap();
    assert!(last["mfu"].as_f64().unwrap() > 0.0 && last["seconds_left"] == 0.0, "{last}");
}

#[test]
fn a_run_that_would_not_fit_the_memory_is_refused_before_it_begins() {
    let dir = tempfile::tempdir().unwrap();
    let (text, out) = (write_text(dir.path()), dir.path().join("run"));
    let mut command = phi_bench();
    command.args(["train", "--preset", "phi-2", "--threads", "256", "--steps", "1"]);
    let (_, errors, code) = run(command.arg("--data").arg(&text).arg("--out").arg(&out));
    assert_eq!(code, 4, "{errors}");
    assert!(errors.contains("MiB are available") && errors.contains("--micro-rows"), "{errors}");
}

#[test]
fn what_cannot_be_trained_is_told_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let (text, out) = (write_text(dir.path()), dir.path().join("run"));
    let wrong = |more: &[&str], code: i32, words: &str| {
        let (_, errors, found) = run(&mut train(&text, &out, more));
        assert_eq!(found, code, "{more:?}: {errors}");
        assert!(errors.contains(words) && errors.trim_end().lines().count() == 1, "{more:?}: {errors}");
    };
    wrong(&["--steps", "5", "--lr", "0"], 2, "learning_rate is 0");
    wrong(&["--steps", "5", "--dropout", "1"], 2, "dropout.residual is 1");
    wrong(&["--steps", "5", "--spike-z", "0"], 2, "spike_z is 0");
    wrong(&["--steps", "5", "--validation-rows", "60000"], 2, "rows in all");
    wrong(&["--steps", "5", "--lr", "1e30", "--warmup", "0"], 3, "last-good");
    wrong(&["--steps", "6", "--lr", "1e30", "--warmup", "0"], 3, "train.steps was 5, is 6");
    let missing = dir.path().join("missing");
    let (_, errors, code) = run(&mut train(&missing, &out, &[]));
    assert_eq!(code, 3, "{errors}");
    std::fs::write(&text, "{\"text\": \"x = 1\"}\n").unwrap();
    wrong(&["--restart"], 3, "too little text");
}
