//! Every architecture against the log-probabilities that transformers gives for the same tiny random checkpoint.
#![allow(clippy::unwrap_used)]

mod common;

use common::{copy_of, fixture, json_file, word_tokenizer, words};
use phi_model::Engine;
use phi_suites::{LanguageModel, Pair};
use std::path::Path;

/// Largest difference of any log-probability from what a file says.
fn largest_difference(model: &Path, expected: &Path) -> f64 {
    let expected = json_file(expected);
    let ids: Vec<u64> = expected["ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
    let engine = Engine::load(model, 1).unwrap();
    let (mut pairs, mut wanted) = (Vec::new(), Vec::new());
    for (position, row) in expected["rows"].as_object().unwrap() {
        let context = words(&ids[..=position.parse::<usize>().unwrap()]);
        for (token, log_probability) in row.as_array().unwrap().iter().enumerate() {
            pairs.push(Pair { context: context.clone(), continuation: format!(" t{token}") });
            wanted.push(log_probability.as_f64().unwrap());
        }
    }
    assert!(pairs.len() >= 2 * 64, "{}", pairs.len());
    let got = engine.loglikelihood(&pairs).unwrap();
    got.iter().zip(wanted).map(|(got, wanted)| (got.sum - wanted).abs()).fold(0.0, f64::max)
}

fn check(variant: &str) {
    let difference = largest_difference(copy_of(variant).path(), &fixture(variant).join("expected.json"));
    assert!(difference < 1e-4, "{variant}: a log-probability is {difference} away from transformers'");
}

#[test]
fn phi_and_phi3_give_the_log_probabilities_of_transformers() {
    ["phi", "phi3", "phi3-longrope"].iter().for_each(|v| check(v));
}

#[test]
fn llama_with_each_rope_scaling_gives_the_log_probabilities_of_transformers() {
    ["llama", "llama3-rope", "llama-linear-rope-tied", "llama-yarn"].iter().for_each(|v| check(v));
}

#[test]
fn mistral_and_qwen_give_the_log_probabilities_of_transformers() {
    ["mistral", "qwen2", "qwen3"].iter().for_each(|v| check(v));
}

#[test]
fn gemma_and_gemma2_give_the_log_probabilities_of_transformers() {
    ["gemma", "gemma2"].iter().for_each(|v| check(v));
}

#[test]
fn stablelm_gpt_neox_and_gpt2_give_the_log_probabilities_of_transformers() {
    ["stablelm", "stablelm-parallel", "gpt_neox", "gpt_neox-sequential", "gpt2"].iter().for_each(|v| check(v));
}

#[test]
fn a_quantised_gguf_file_of_each_family_gives_what_transformers_gives_with_its_weights_widened() {
    let families = ["llama", "qwen2", "qwen3", "phi2", "phi3", "gemma", "gemma2", "gptneox", "stablelm", "gpt2"]
        .map(|f| f.to_owned() + ".gguf");
    for file in families {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(fixture(&file), dir.path().join(&file)).unwrap();
        std::fs::write(dir.path().join("tokenizer.json"), word_tokenizer(64)).unwrap();
        let difference = largest_difference(&dir.path().join(&file), &fixture(&(file.clone() + ".json")));
        assert!(difference < 1e-4, "{file}: a log-probability is {difference} away from transformers'");
    }
}

#[test]
fn the_tokenizer_inside_a_gguf_file_is_used_where_none_lies_beside_it() {
    let engine = Engine::load(&fixture("llama.gguf"), 1).unwrap();
    let pair = |continuation: &str| Pair { context: "AB".into(), continuation: continuation.into() };
    let got = engine.loglikelihood(&[pair("C"), pair("CD")]).unwrap();
    assert!(got[1].sum < got[0].sum && got[0].sum < 0.0, "{got:?}");
}

#[test]
fn shards_named_by_an_index_are_one_model() {
    let whole = copy_of("llama");
    let split = copy_of("llama");
    let path = split.path().join("model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut map = serde_json::Map::new();
    for (i, shard) in ["model-1.safetensors", "model-2.safetensors"].iter().enumerate() {
        let part = tensors.tensors().into_iter().enumerate().filter(|(n, _)| n % 2 == i).map(|(_, t)| t);
        let part: Vec<_> = part.collect();
        map.extend(part.iter().map(|(name, _)| (name.clone(), serde_json::json!(shard))));
        std::fs::write(split.path().join(shard), safetensors::serialize(part, None).unwrap()).unwrap();
    }
    std::fs::remove_file(&path).unwrap();
    let index = serde_json::json!({"metadata": {}, "weight_map": map});
    std::fs::write(split.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
    let pairs = [Pair { context: "t1 t2".into(), continuation: " t3 t4".into() }];
    let ask = |dir: &Path| Engine::load(dir, 1).unwrap().loglikelihood(&pairs).unwrap();
    assert_eq!(ask(split.path()), ask(whole.path()));
}
