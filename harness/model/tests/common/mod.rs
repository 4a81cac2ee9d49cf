//! The tiny random models that `tests/peers/transformers_logits.py` made, ready to be opened.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses its own part, and fails by panicking")]

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The folder of one model, without a tokenizer.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A JSON file.
pub fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A tokenizer whose token `i` is the word `ti`, of so many words.
pub fn word_tokenizer(words: usize) -> String {
    let vocab: serde_json::Map<String, Value> = (0..words).map(|i| (format!("t{i}"), json!(i))).collect();
    json!({
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "t0"},
    })
    .to_string()
}

/// A copy of a model that can be opened, and spoilt.
pub fn copy_of(name: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(fixture(name).join(file), dir.path().join(file)).unwrap();
    }
    std::fs::write(dir.path().join("tokenizer.json"), word_tokenizer(64)).unwrap();
    dir
}

/// Ids as words.
pub fn words(ids: &[u64]) -> String {
    ids.iter().map(|id| format!("t{id}")).collect::<Vec<_>>().join(" ")
}
