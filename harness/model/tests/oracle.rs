//! The engine against lm-evaluation-harness's log-probabilities and generations for the oracle checkpoint.
//!
//! Needs `PHI_BENCH_DATA` and the folder `oracle` beside it; says so when left out.
#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr)]

use phi_model::Engine;
use phi_suites::{LanguageModel, Pair, Prompt, Sampling};
use std::path::PathBuf;

fn oracle() -> Option<PathBuf> {
    let dir = std::env::var_os("PHI_BENCH_DATA").map(|d| PathBuf::from(d).join("../oracle"));
    let dir = dir.filter(|d| d.join("tiny-phi").is_dir());
    if dir.is_none() {
        eprintln!("left out: set PHI_BENCH_DATA to a data folder with ../oracle/tiny-phi beside it");
    }
    dir
}

fn setting(dir: &std::path::Path, name: &str) -> serde_json::Value {
    let path = dir.join("lm-eval").join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

const LOG_LIKELIHOOD_SETTINGS: [&str; 16] = [
    "arc_challenge.0shot.json",
    "arc_challenge.5shot.json",
    "arc_easy.0shot.json",
    "arc_easy.5shot.json",
    "boolq.0shot.json",
    "commonsense_qa.0shot.json",
    "lambada_openai.0shot.json",
    "mmlu_abstract_algebra.5shot.json",
    "mmlu_high_school_us_history.5shot.json",
    "openbookqa.0shot.json",
    "openbookqa.5shot.json",
    "piqa.0shot.json",
    "social_iqa.0shot.json",
    "truthfulqa_mc1.0shot.json",
    "truthfulqa_mc2.0shot.json",
    "winogrande.0shot.json",
];

#[test]
fn log_probabilities_equal_the_peer_harness_s_within_1e_4() {
    let Some(dir) = oracle() else { return };
    let engine = Engine::load(&dir.join("tiny-phi"), 2).unwrap();
    for name in LOG_LIKELIHOOD_SETTINGS {
        let (mut pairs, mut expected) = (Vec::new(), Vec::new());
        for sample in setting(&dir, name)["samples"].as_array().unwrap() {
            let continuations = sample["continuations"].as_array().unwrap();
            for (i, continuation) in continuations.iter().enumerate() {
                let prompt = sample["prompts"].get(i).unwrap_or(&sample["prompt"]);
                pairs.push(Pair { context: text(prompt), continuation: text(continuation) });
                let greedy = &sample["is_greedy"][i];
                let greedy = greedy.as_bool().unwrap_or_else(|| greedy.as_i64() == Some(1));
                expected.push((sample["loglikelihood"][i].as_f64().unwrap(), greedy));
            }
        }
        assert!(pairs.len() >= 25);
        let got = engine.loglikelihood(&pairs).unwrap();
        for (i, (got, (sum, greedy))) in got.iter().zip(&expected).enumerate() {
            assert!((got.sum - sum).abs() < 1e-4, "{name} request {i}: {} instead of {sum}", got.sum);
            assert_eq!(got.is_greedy, *greedy, "{name} request {i}");
        }
        let one_thread = Engine::load(&dir.join("tiny-phi"), 1).unwrap().loglikelihood(&pairs).unwrap();
        assert_eq!(got, one_thread, "answers don't depend on the number of threads");
    }
}

#[test]
fn greedy_generations_equal_the_peer_harness_s() {
    let Some(dir) = oracle() else { return };
    let engine = Engine::load(&dir.join("tiny-phi"), 2).unwrap();
    for name in ["gsm8k.5shot.json", "humaneval.0shot.long.json"] {
        let (mut prompts, mut expected) = (Vec::new(), Vec::new());
        for sample in setting(&dir, name)["samples"].as_array().unwrap() {
            let kwargs = &sample["gen_kwargs"];
            let mut stop: Vec<String> = match &kwargs["until"] {
                serde_json::Value::Array(all) => all.iter().map(text).collect(),
                one => vec![text(one)],
            };
            stop.push("<|endoftext|>".into());
            let max_tokens = kwargs["max_gen_toks"].as_u64().unwrap_or(256) as usize;
            prompts.push(Prompt { text: text(&sample["prompt"]), stop, max_tokens, sampling: Sampling::Greedy });
            expected.push(text(&sample["output"]));
        }
        let got = engine.generate(&prompts).unwrap();
        for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
            assert_eq!(got.text, *expected, "{name} sample {i}");
        }
    }
}

#[test]
fn a_truncated_weights_file_is_refused_with_its_path() {
    let Some(dir) = oracle() else { return };
    let copy = tempfile::tempdir().unwrap();
    for file in ["config.json", "tokenizer.json"] {
        std::fs::copy(dir.join("tiny-phi").join(file), copy.path().join(file)).unwrap();
    }
    let weights = std::fs::read(dir.join("tiny-phi/model.safetensors")).unwrap();
    for keep in [0, 4, 1000, weights.len() - 1] {
        std::fs::write(copy.path().join("model.safetensors"), &weights[..keep]).unwrap();
        let error = Engine::load(copy.path(), 1).unwrap_err().to_string();
        assert!(error.contains("model.safetensors"), "{error}");
    }
}
