//! Language models that label and write, behind a server on loopback that keeps count of what it was paid for.

mod budget;
mod faults;
mod kills;
mod server;
mod synth;

use crate::support::{phi_bench, run};
use assert_cmd::Command;
use phi_loopback::Server;
use std::path::Path;

/// A corpus of so many documents, each of which names itself and the score that the fake model gives it.
fn corpus(folder: &Path, documents: usize) {
    let line = |i: usize| {
        let text = format!("# document-{i:03} deserves {}\ndef f{i}(x):\n    return x + {i}\n", i % 6);
        serde_json::json!({ "id": format!("d{i}"), "text": text }).to_string()
    };
    std::fs::write(folder.join("code.jsonl"), (0..documents).map(line).collect::<Vec<_>>().join("\n")).unwrap();
}

/// A command of `corpus` that a model of the server does, in a folder, with its answers below it.
fn taught(folder: &Path, server: &Server, arguments: &[&str]) -> Command {
    let mut command = phi_bench();
    command.current_dir(folder).arg("corpus").args(arguments);
    command.args(["--server", server.url(), "--model", "fake-llm"]);
    // Not PHI_BENCH_HOME: the sandbox's native code is there, and takes long to make.
    if !arguments.contains(&"--cache") {
        command.args(["--cache", "answers"]);
    }
    command
}

/// What a command that must end with this code prints, as JSON, and what it says besides.
fn json(command: &mut Command, code: i32) -> (serde_json::Value, String) {
    let (out, errors, got) = run(command.arg("--json"));
    assert_eq!(got, code, "{out}\n{errors}");
    (serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}")), errors)
}

/// The scores of `code.jsonl`: its id and score, line by line.
fn scores(folder: &Path) -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(folder.join("code.jsonl.scores.jsonl")).unwrap();
    let score = |line: &str| {
        let score: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(score["labeller"], "fake-llm by prompt educational-1");
        assert!(!score["reason"].as_str().unwrap().is_empty());
        (score["id"].as_str().unwrap().to_owned(), score["score"].as_f64().unwrap())
    };
    text.lines().map(score).collect()
}

/// What the scores must be.
fn expected(documents: usize) -> Vec<(String, f64)> {
    (0..documents).map(|i| (format!("d{i}"), (i % 6) as f64)).collect()
}
