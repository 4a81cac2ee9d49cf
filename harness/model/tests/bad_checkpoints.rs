//! Broken, hostile and unsupported model files: one clear message each, never a panic.
#![allow(clippy::unwrap_used)]

mod common;

use common::{copy_of, fixture, word_tokenizer};
use phi_model::Engine;
use phi_suites::{LanguageModel, ModelError, Pair, Prompt, Sampling};
use std::path::Path;

fn refusal(path: &Path) -> String {
    Engine::load(path, 1).unwrap_err().to_string()
}

/// The message about a llama whose `config.json` was changed.
fn with_config(from: &str, to: &str) -> String {
    let dir = copy_of("llama");
    let path = dir.path().join("config.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    refusal(dir.path())
}

fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn an_unknown_model_type_is_refused_by_name_with_the_list_of_what_is_known() {
    let message = with_config("\"model_type\": \"llama\"", "\"model_type\": \"mamba\"");
    assert_says(&message, &["config.json", "\"mamba\"", "phi3", "gpt_neox", "qwen3"]);
}

#[test]
fn an_unsupported_option_is_refused_by_name() {
    let rope =
        |kind: &str| with_config("\"rope_type\": \"default\"", &format!("\"rope_type\": \"{kind}\", \"factor\": 2.0"));
    assert_says(&rope("spiral"), &["\"spiral\"", "llama3", "longrope", "yarn"]);
    assert_says(&with_config("\"hidden_act\": \"silu\"", "\"hidden_act\": \"mish\""), &["\"mish\"", "silu"]);
}

#[test]
fn a_config_that_contradicts_itself_is_refused_with_the_field() {
    let cases = [
        ("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", "num_key_value_heads 3"),
        ("\"num_attention_heads\": 4", "\"num_attention_heads\": 0", "num_attention_heads"),
        ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 99999999999", "num_hidden_layers"),
        ("\"hidden_size\": 32", "\"hidden_size\": \"wide\"", "hidden_size"),
        ("\"vocab_size\": 64", "\"vocab_size\": 0", "vocab_size"),
    ];
    for (from, to, field) in cases {
        assert_says(&with_config(from, to), &["config.json", field]);
    }
}

#[test]
fn a_tensor_that_is_missing_or_of_another_shape_is_named_with_both_shapes() {
    let message = with_config("\"intermediate_size\": 48", "\"intermediate_size\": 40");
    assert_says(&message, &["model.layers.0.mlp.gate_proj.weight", "[48, 32]", "[40, 32]", "disagree"]);
    let message = with_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
    assert_says(&message, &["model.layers.2.", "is missing"]);
}

#[test]
fn a_cut_or_garbled_weights_file_is_refused_with_its_path() {
    let dir = copy_of("llama");
    let path = dir.path().join("model.safetensors");
    let whole = std::fs::read(&path).unwrap();
    for keep in [0, 4, 100, whole.len() - 1] {
        std::fs::write(&path, &whole[..keep]).unwrap();
        assert_says(&refusal(dir.path()), &["model.safetensors"]);
    }
    std::fs::write(&path, [&u64::MAX.to_le_bytes()[..], &whole[8..]].concat()).unwrap();
    assert_says(&refusal(dir.path()), &["model.safetensors"]);
}

#[test]
fn a_shard_that_is_missing_or_named_outside_the_folder_is_refused() {
    let dir = copy_of("llama");
    std::fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    assert_says(&refusal(dir.path()), &["model.safetensors"]);
    let index = dir.path().join("model.safetensors.index.json");
    let named = |file: &str| serde_json::json!({"weight_map": {"lm_head.weight": file}}).to_string();
    std::fs::write(&index, named("model-7.safetensors")).unwrap();
    assert_says(&refusal(dir.path()), &["model-7.safetensors"]);
    std::fs::write(&index, named("../../etc/passwd")).unwrap();
    assert_says(&refusal(dir.path()), &["not a file of this folder"]);
}

#[test]
fn a_tokenizer_larger_than_the_vocabulary_is_refused() {
    let dir = copy_of("llama");
    std::fs::write(dir.path().join("tokenizer.json"), word_tokenizer(65)).unwrap();
    assert_says(&refusal(dir.path()), &["tokenizer.json", "65", "64"]);
}

#[test]
fn weights_that_are_not_numbers_end_in_a_message_and_not_in_a_score() {
    let dir = copy_of("llama");
    let path = dir.path().join("model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let len = bytes.len();
    bytes[len - 4000..].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let engine = Engine::load(dir.path(), 1).unwrap();
    let pair = Pair { context: "t1".into(), continuation: " t2".into() };
    let Err(ModelError::Model(message)) = engine.loglikelihood(&[pair]) else { panic!("a score of NaN weights") };
    assert_says(&message, &["NaN", "checkpoint"]);
    let prompt = Prompt { text: "t1".into(), stop: Vec::new(), max_tokens: 3, sampling: Sampling::Greedy };
    assert!(matches!(engine.generate(&[prompt]), Err(ModelError::Model(_))));
}

#[test]
fn a_context_longer_than_the_model_is_cut_on_the_left_and_counted() {
    let engine = Engine::load(copy_of("llama").path(), 1).unwrap();
    let long: String = (0..100).map(|i| format!("t{} ", 1 + i % 60)).collect();
    let pair = Pair { context: long.trim().into(), continuation: " t5 t6".into() };
    // 64 positions and the target of the last.
    assert_eq!(engine.overflow(std::slice::from_ref(&pair)), Some(vec![102 - 65]));
    let kept: Vec<&str> = long.split_whitespace().skip(102 - 65).collect();
    let cut = Pair { context: kept.join(" "), continuation: " t5 t6".into() };
    assert_eq!(engine.loglikelihood(&[pair]).unwrap(), engine.loglikelihood(&[cut]).unwrap());
    let prompt = Prompt { text: long.clone(), stop: Vec::new(), max_tokens: 4, sampling: Sampling::Greedy };
    assert_eq!(engine.generate(&[prompt]).unwrap()[0].truncated_tokens, 40);
    let too_long = Pair { context: "t1".into(), continuation: format!(" {}", long.trim()) };
    let error = engine.loglikelihood(&[too_long]).unwrap_err().to_string();
    assert_says(&error, &["100 tokens", "64 positions"]);
}

#[test]
fn a_gguf_file_that_is_cut_anywhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.gguf");
    let whole = std::fs::read(fixture("llama.gguf")).unwrap();
    for keep in (0..whole.len()).step_by(whole.len() / 97) {
        std::fs::write(&path, &whole[..keep]).unwrap();
        assert_says(&refusal(&path), &["model.gguf"]);
    }
    let mut lying = whole.clone();
    lying[8..16].fill(0xff);
    std::fs::write(&path, &lying).unwrap();
    assert_says(&refusal(&path), &["model.gguf"]);
}

#[test]
fn a_gguf_file_of_another_architecture_or_tokenizer_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.gguf");
    let whole = std::fs::read(fixture("llama.gguf")).unwrap();
    let replaced = |from: &[u8], to: &[u8]| {
        let at = whole.windows(from.len()).position(|w| w == from).unwrap();
        let mut bytes = whole.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        std::fs::write(&path, bytes).unwrap();
        refusal(&path)
    };
    let message = replaced(b"llama", b"mamba");
    assert_says(&message, &["\"mamba\"", "phi2", "qwen2"]);
    let message = replaced(b"gpt2", b"bert");
    assert_says(&message, &["\"bert\"", "tokenizer.json"]);
}
