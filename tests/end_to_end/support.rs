//! What the tests share.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

/// The binary, without the data of the machine it runs on, and without the hub.
pub fn phi_bench() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phi-bench"));
    command.env_remove("PHI_BENCH_DATA").env("HF_HUB_OFFLINE", "1").env("HF_HOME", env!("CARGO_TARGET_TMPDIR"));
    ["HF_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT", "OPENAI_API_KEY"].iter().for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// The smallest recipe that goes the whole way.
pub fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tiny.toml")
}

/// Standard output, standard error and exit code.
pub fn run(command: &mut Command) -> (String, String, i32) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

/// Fails unless the command ended with this code and one clear message that holds all these words.
pub fn refuses(command: &mut Command, code: i32, words: &[&str]) {
    let (out, err, got) = run(command);
    assert_eq!(got, code, "standard output: {out}\nstandard error: {err}");
    for word in words {
        assert!(err.contains(word), "\"{word}\" is not in: {err}");
    }
    assert!(!err.contains("panicked") && !err.contains("RUST_BACKTRACE"), "{err}");
    assert_eq!(err.matches("error:").count(), 1, "one message: {err}");
}

/// A folder of results in lm-evaluation-harness's layout: one task of so many questions, of which the first few are right.
pub fn results(folder: &Path, model: &str, n: usize, right: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let value = right as f64 / n as f64;
    let results = serde_json::json!({
        "results": { "piqa": { "alias": "piqa", "acc,none": value, "acc_stderr,none": 0.02 } },
        "higher_is_better": { "piqa": { "acc": true } },
        "n-samples": { "piqa": { "original": n, "effective": n } },
        "config": { "model": "hf" }, "date": 1_770_000_000.0, "model_name": model,
    });
    std::fs::write(folder.join("results_2026-02-02T00-00-00.json"), results.to_string()).unwrap();
    let row = |i: usize| {
        serde_json::json!({
            "doc_id": i, "target": "a", "filter": "none", "metrics": ["acc"], "acc": f64::from(u8::from(i < right)),
            "arguments": { "gen_args_0": { "arg_0": format!("Question {i}?"), "arg_1": " a" } },
            "resps": [[["-0.5", "True"]]], "doc_hash": format!("{i:064x}"),
        })
    };
    let rows: Vec<String> = (0..n).map(|i| row(i).to_string()).collect();
    std::fs::write(folder.join("samples_piqa_2026-02-02T00-00-00.jsonl"), rows.join("\n")).unwrap();
}
