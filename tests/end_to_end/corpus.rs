//! `phi-bench corpus`: from raw documents to a model's data, on the command line alone.

use crate::support::{phi_bench, refuses, run};
use assert_cmd::Command;
use std::path::Path;

fn corpus(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = phi_bench();
    command.current_dir(dir).arg("corpus").args(arguments);
    command
}

/// Standard output of a command that must go well.
fn said(dir: &Path, arguments: &[&str]) -> String {
    let (out, errors, code) = run(&mut corpus(dir, arguments));
    assert_eq!(code, 0, "{arguments:?}: {errors}");
    out
}

fn json(dir: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&said(dir, arguments)).unwrap()
}

#[test]
fn the_standard_library_is_converted_counted_deduplicated_labelled_filtered_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    said(dir, &["convert", "@stdlib", "code.jsonl.zst"]);
    said(dir, &["convert", "code.jsonl.zst", "code.parquet"]);
    let stats = json(dir, &["stats", "code.parquet", "--json", "--pictures", "pictures"]);
    let documents = stats["total"]["documents"].as_u64().unwrap();
    assert!(documents > 300, "{stats}");
    assert!(std::fs::read_to_string(dir.join("pictures/bytes.svg")).unwrap().contains("<svg"));

    let dedup = json(dir, &["dedup", "code.jsonl.zst", "--out", "unique.jsonl", "--json"]);
    assert_eq!(dedup["documents"], documents);
    let label = said(dir, &["label", "code.parquet"]);
    assert!(label.contains("embedded-rubric-1"), "{label}");
    let again = json(dir, &["label", "code.parquet", "--json"]);
    assert_eq!(
        (&again["earlier"], again["labeller"].as_str()),
        (&stats["total"]["documents"], Some("embedded-rubric-1"))
    );

    let filter = [
        "filter",
        "code.parquet",
        "--labels",
        "code.parquet.scores.jsonl",
        "--share",
        "0.3",
        "--out",
        "kept.jsonl",
        "--json",
    ];
    let report = json(dir, &filter);
    assert_eq!(report["labellers"][0], "embedded-rubric-1");
    let realised = report["realised"]["bytes"].as_f64().unwrap();
    assert!((realised - 0.3).abs() < 0.05, "{report}");
    assert_eq!(
        std::fs::read_to_string(dir.join("kept.jsonl.predictions.jsonl")).unwrap().lines().count() as u64,
        documents
    );

    let packed =
        json(dir, &["pack", "kept.jsonl", "--vocab-size", "400", "--seq-len", "64", "--out", "packed", "--json"]);
    let (out, errors, code) = run(phi_bench()
        .current_dir(dir)
        .args(["train", "--data", "packed", "--seq-len", "64"])
        .args(["--preset", "nano", "--steps", "2", "--batch-rows", "2", "--out", "run"]));
    assert_eq!(code, 0, "{errors}");
    assert!(out.contains(&format!("{} rows of 64", packed["train_rows"])), "{out}");

    // The model that was just trained embeds documents, as phi-1's filter took CodeGen's states.
    said(dir, &["label", "code.parquet", "--sample", "120", "--out", "sample.scores.jsonl"]);
    let labels = ["--labels", "sample.scores.jsonl", "--embed", "run/model", "--cut", "4", "--json"];
    let embedded = json(dir, &[&["filter", "code.parquet"], &labels[..]].concat());
    assert_eq!(embedded["embedding"], "hidden states of model");
    let quality = &embedded["quality"];
    assert!(quality["held_out"].as_u64().unwrap() >= 12 && quality["cuts"][3]["auc"].is_f64(), "{quality}");
    assert_eq!(quality["by_length"].as_array().unwrap().len(), 5);
    refuses(&mut corpus(dir, &[&["filter", "code.parquet"], &labels[..3], &["pictures"]].concat()), 3, &["pictures"]);
}

#[test]
fn exercises_are_made_verified_and_their_diversity_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let report = json(dir, &["synth", "--exercises", "120", "--textbooks", "50", "--out", "synth", "--json"]);
    assert_eq!(report["exercises"]["kept"], 120);
    assert!(report["exercises"]["diversity"]["near_duplicate_share"].as_f64().unwrap() < 0.01, "{report}");
    let lines = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    assert_eq!(
        (lines("synth/exercises.jsonl").lines().count(), lines("synth/textbooks.jsonl").lines().count()),
        (120, 50)
    );
    let concepts = json(dir, &["synth", "--list-concepts", "--json"]);
    assert!(concepts["concepts"].as_array().unwrap().len() >= 150, "{concepts}");
    let again = json(dir, &["synth", "--exercises", "120", "--out", "synth", "--json"]);
    assert!(again["exercises"]["verdicts_reused"].as_u64().unwrap() >= 120, "{again}");
    assert_eq!(json(dir, &["stats", "synth/exercises.jsonl", "--json"])["by_kind"]["exercise"]["documents"], 120);
}

#[test]
#[allow(clippy::print_stderr)]
fn a_planted_answer_is_found_removed_and_shown() {
    let Some(data) = std::env::var_os("PHI_BENCH_DATA") else {
        eprintln!("left out: PHI_BENCH_DATA isn't set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let renamed = "def near(values, limit):\n    for i, a in enumerate(values):\n        for j, b in enumerate(values):\n            if i != j:\n                gap = abs(a - b)\n                if gap < limit:\n                    return True\n    return False\n";
    let line = |id: &str, text: &str| serde_json::json!({ "id": id, "text": text }).to_string();
    std::fs::write(dir.join("code.jsonl"), [line("planted", renamed), line("clean", "x = 1\n")].join("\n")).unwrap();
    let arguments = ["decontaminate", "code.jsonl", "--tasks", "humaneval,mbpp", "--out", "clean.jsonl"];
    let mut command = corpus(dir, &arguments);
    command.env("PHI_BENCH_DATA", data).args(["--report", "report.html", "--split", "split.json", "--json"]);
    let (out, errors, code) = run(&mut command);
    assert_eq!(code, 0, "{errors}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["removed"], &report["documents"]), (&1.into(), &2.into()));
    assert!(report["items_by_method"]["humaneval"]["syntax"].to_string().contains("HumanEval/0"), "{report}");
    assert_eq!(std::fs::read_to_string(dir.join("clean.jsonl")).unwrap(), line("clean", "x = 1\n") + "\n");
    assert!(std::fs::read_to_string(dir.join("report.html")).unwrap().contains("def near"));
    assert!(std::fs::read_to_string(dir.join("split.json")).unwrap().contains("non_similar"));
}

#[test]
fn what_cannot_be_used_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    refuses(&mut corpus(dir, &["stats", "missing.jsonl"]), 3, &["cannot read missing.jsonl"]);
    std::fs::write(dir.join("empty.jsonl"), "\n").unwrap();
    refuses(&mut corpus(dir, &["dedup", "empty.jsonl", "--out", "x.jsonl"]), 3, &["holds no documents"]);
    assert!(!dir.join("x.jsonl").exists());
    std::fs::write(dir.join("a.jsonl"), "{\"text\": \"x = 1\"}\n").unwrap();
    refuses(&mut corpus(dir, &["convert", "a.jsonl", "a.txt"]), 3, &[".parquet"]);
    refuses(&mut corpus(dir, &["dedup", "a.jsonl", "--threshold", "2"]), 2, &["--threshold"]);
    std::fs::write(
        dir.join("s.jsonl"),
        "{\"id\": \"q\", \"hash\": \"0\", \"labeller\": \"l\", \"score\": 1, \"reason\": \"\"}\n",
    )
    .unwrap();
    refuses(&mut corpus(dir, &["filter", "a.jsonl", "--labels", "s.jsonl"]), 3, &["none of the 1 scores"]);
    refuses(&mut corpus(dir, &["decontaminate", "a.jsonl", "--tasks", "humaneval"]), 3, &["PHI_BENCH_DATA"]);
    said(dir, &["convert", "@stdlib", "whole.jsonl.gz"]);
    let whole = std::fs::read(dir.join("whole.jsonl.gz")).unwrap();
    std::fs::write(dir.join("cut.jsonl.gz"), &whole[..whole.len() / 2]).unwrap();
    let mut label =
        corpus(dir, &["label", "cut.jsonl.gz", "--server", "http://127.0.0.1:9", "--model", "m", "--cache", "c"]);
    refuses(&mut label, 3, &["cut.jsonl.gz", "damaged"]);
    said(dir, &["convert", "a.jsonl", "a.parquet"]);
    refuses(
        &mut corpus(dir, &["label", "a.parquet", "--text-field", "body"]),
        3,
        &["no column `body`", "--text-field"],
    );
    let synth = [
        "synth",
        "--server",
        "http://127.0.0.1:9",
        "--model",
        "m",
        "--cache",
        "c",
        "--out",
        "o",
        "--topics",
        "none.txt",
    ];
    refuses(&mut corpus(dir, &synth), 3, &["none.txt"]);
    std::fs::write(dir.join("b.parquet"), "PAR1 no").unwrap();
    refuses(&mut corpus(dir, &["stats", "b.parquet"]), 3, &["b.parquet", "parquet"]);
}
