//! What the tests share.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

/// The binary, without the data of the machine it runs on.
pub fn phi_bench() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phi-bench"));
    command.env_remove("PHI_BENCH_DATA");
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
