//! Scores and generations against phi-bench's own engine, on its oracle checkpoint where that is at hand.

use crate::support::{config, weights};
use phi_candle::{Accelerator, PhiOnDevice, Precision};
use phi_model::{Checkpoint, Engine, EngineOptions, WeightFiles};
use phi_suites::{LanguageModel, Pair, Prompt, Sampling};
use std::path::{Path, PathBuf};

fn on_device(dir: &Path, precision: Precision) -> Engine {
    let files = WeightFiles::open(dir).unwrap();
    let device = PhiOnDevice::load(&Accelerator::cpu(precision), &files).unwrap();
    Engine::load(dir, 2).unwrap().with_device(Box::new(device))
}

/// A folder with the nano model, and a tokenizer whose token `i` is the word `ti`.
fn nano() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    Checkpoint::from_flat(&config, &weights(&config)).save(dir.path()).unwrap();
    let vocab: serde_json::Map<String, serde_json::Value> =
        (0..config.vocab_size).map(|i| (format!("t{i}"), i.into())).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "t0"},
    });
    std::fs::write(dir.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    dir
}

fn words(count: usize, salt: usize) -> String {
    (0..count)
        .map(|i| format!(" t{}", (i * i * 7 + salt * 13 + i) % 60 + 1))
        .collect::<String>()
        .trim_start()
        .to_owned()
}

fn pairs() -> Vec<Pair> {
    let pair = |i: usize| Pair { context: words(1 + i % 9, i), continuation: format!(" {}", words(1 + i % 3, i + 50)) };
    let mut pairs: Vec<Pair> = (0..24).map(pair).collect();
    // Choices of one context, a context that is cut on the left, and one that is empty.
    pairs.extend((1..5).map(|i| Pair { context: words(8, 3), continuation: format!(" t{i}") }));
    pairs.push(Pair { context: words(100, 1), continuation: " t5 t6".into() });
    pairs.push(Pair { context: String::new(), continuation: words(4, 2) });
    pairs
}

fn prompts() -> Vec<Prompt> {
    let prompt = |i: usize| Prompt {
        text: words(1 + i % 7, i),
        stop: vec!["t33".into()],
        max_tokens: 3 + i % 12,
        sampling: if i % 4 == 3 {
            Sampling::Nucleus { temperature: 0.8, top_p: 0.9, seed: i as u64 }
        } else {
            Sampling::Greedy
        },
    };
    (0..20).map(prompt).collect()
}

#[test]
fn scores_and_completions_are_those_of_the_processor() {
    let dir = nano();
    let own = Engine::load(dir.path(), 1).unwrap();
    let device = on_device(dir.path(), Precision::F32);
    for (a, b) in device.loglikelihood(&pairs()).unwrap().iter().zip(own.loglikelihood(&pairs()).unwrap()) {
        assert!((a.sum - b.sum).abs() < 1e-4, "{} instead of {}", a.sum, b.sum);
        assert_eq!(a.is_greedy, b.is_greedy);
    }
    let texts = [words(150, 4), words(3, 1)];
    for (a, b) in device.loglikelihood_rolling(&texts).unwrap().iter().zip(own.loglikelihood_rolling(&texts).unwrap()) {
        assert!((a - b).abs() < 1e-3, "{a} instead of {b}");
    }
    assert_eq!(device.generate(&prompts()).unwrap(), own.generate(&prompts()).unwrap());
    assert!(device.loglikelihood(&[]).unwrap().is_empty());
    assert!(device.generate(&[]).unwrap().is_empty());
}

#[test]
fn bf16_scores_are_near_those_of_f32_and_kept_apart_from_them() {
    let dir = nano();
    let own = Engine::load(dir.path(), 1).unwrap();
    let (f32, bf16) = (on_device(dir.path(), Precision::F32), on_device(dir.path(), Precision::Bf16));
    let mut differs = false;
    for (a, b) in bf16.loglikelihood(&pairs()).unwrap().iter().zip(own.loglikelihood(&pairs()).unwrap()) {
        assert!((a.sum - b.sum).abs() < 0.02 * b.sum.abs().max(1.0), "{} instead of {}", a.sum, b.sum);
        differs |= (a.sum - b.sum).abs() > 1e-4;
    }
    assert!(differs, "the products were in bf16");
    let hashes = [&own, &f32, &bf16].map(|model| model.content_hash().unwrap());
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2], "{hashes:?}");
}

#[test]
fn batch_sizes_of_one_give_the_answers_of_larger_ones_to_rounding() {
    let dir = nano();
    let files = WeightFiles::open(dir.path()).unwrap();
    let alone = PhiOnDevice::load(&Accelerator::cpu(Precision::F32), &files).unwrap();
    let options = EngineOptions { batch_size: "1".parse().unwrap(), ..EngineOptions::with_threads(1) };
    let alone = Engine::open(dir.path(), options).unwrap().with_device(Box::new(alone));
    let together = on_device(dir.path(), Precision::F32);
    for (a, b) in alone.loglikelihood(&pairs()).unwrap().iter().zip(together.loglikelihood(&pairs()).unwrap()) {
        assert!((a.sum - b.sum).abs() < 1e-5);
    }
    assert_eq!(alone.generate(&prompts()).unwrap(), together.generate(&prompts()).unwrap());
}

#[test]
fn a_model_of_another_family_is_refused_by_name() {
    let dir = nano();
    std::fs::write(dir.path().join("config.json"), r#"{"model_type": "llama", "vocab_size": 8}"#).unwrap();
    let error = WeightFiles::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("config.json"), "{error}");
}

fn oracle() -> Option<PathBuf> {
    let dir = std::env::var_os("PHI_BENCH_DATA").map(|d| PathBuf::from(d).join("../oracle/tiny-phi"));
    let dir = dir.filter(|d| d.is_dir());
    if dir.is_none() {
        eprintln!("left out: set PHI_BENCH_DATA to a data folder with ../oracle/tiny-phi beside it");
    }
    dir
}

#[test]
fn the_oracle_checkpoint_scores_and_writes_as_on_the_processor() {
    let Some(dir) = oracle() else { return };
    let (own, device) = (Engine::load(&dir, 2).unwrap(), on_device(&dir, Precision::F32));
    let pair = |i: usize| Pair {
        context: format!("Question: what is {i} plus {}?\nAnswer:", i * 7),
        continuation: format!(" {} of {i}", i * 8),
    };
    let pairs: Vec<Pair> = (0..12).map(pair).collect();
    for (a, b) in device.loglikelihood(&pairs).unwrap().iter().zip(own.loglikelihood(&pairs).unwrap()) {
        assert!((a.sum - b.sum).abs() < 1e-4, "{} instead of {}", a.sum, b.sum);
        assert_eq!(a.is_greedy, b.is_greedy);
    }
    let prompt = |i: usize| Prompt {
        text: format!("def f{i}(x):\n    return"),
        stop: vec!["\n\n".into()],
        max_tokens: 24,
        sampling: Sampling::Greedy,
    };
    let prompts: Vec<Prompt> = (0..6).map(prompt).collect();
    assert_eq!(device.generate(&prompts).unwrap(), own.generate(&prompts).unwrap());
}
