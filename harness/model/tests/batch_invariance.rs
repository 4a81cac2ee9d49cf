//! Answers to the bit the same whatever the batch size, the threads, the order and the company of a request.
#![allow(clippy::unwrap_used)]

mod common;

use common::{copy_of, words};
use phi_model::{BatchSize, DtypeChoice, Engine, EngineOptions};
use phi_suites::{LanguageModel, Pair, Prompt, Sampling};
use proptest::prelude::*;
use std::sync::LazyLock;

/// One engine for each batch size and number of threads, of a model with grouped queries, soft caps and a window.
static ENGINES: LazyLock<Vec<Engine>> = LazyLock::new(|| {
    let dir = copy_of("gemma2");
    let sizes = [("1", 1), ("3", 2), ("16", 1), ("auto", 2)];
    let options = |(batch, threads): (&str, usize)| EngineOptions {
        threads,
        batch_size: batch.parse::<BatchSize>().unwrap(),
        dtype: DtypeChoice::Auto,
    };
    sizes.map(|s| Engine::open(dir.path(), options(s)).unwrap()).into()
});

/// Sequences with shared beginnings: a few stems, each followed by something of its own.
fn sequences() -> impl Strategy<Value = Vec<(Vec<u64>, Vec<u64>)>> {
    let stem = proptest::collection::vec(1u64..64, 1..25);
    let own = (0usize..3, proptest::collection::vec(1u64..6, 0..8), proptest::collection::vec(1u64..64, 1..4));
    (proptest::collection::vec(stem, 3), proptest::collection::vec(own, 1..20)).prop_map(|(stems, owns)| {
        owns.into_iter().map(|(stem, more, end)| ([stems[stem].clone(), more].concat(), end)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn log_probabilities_are_the_same_bits_in_any_batch_order_and_company(
        sequences in sequences(), turn in 0usize..20,
    ) {
        let pairs: Vec<Pair> = sequences
            .iter()
            .map(|(context, end)| Pair { context: words(context), continuation: format!(" {}", words(end)) })
            .collect();
        let alone: Vec<_> = pairs
            .iter()
            .map(|p| ENGINES[0].loglikelihood(std::slice::from_ref(p)).unwrap()[0])
            .collect();
        let turn = turn % pairs.len();
        let (mut turned, mut expected) = (pairs.clone(), alone.clone());
        turned.rotate_left(turn);
        expected.rotate_left(turn);
        for engine in ENGINES.iter() {
            prop_assert_eq!(&engine.loglikelihood(&pairs).unwrap(), &alone);
            prop_assert_eq!(&engine.loglikelihood(&turned).unwrap(), &expected);
        }
    }

    #[test]
    fn completions_are_the_same_in_any_batch_and_company(sequences in sequences(), seed in 0u64..100) {
        let prompts: Vec<Prompt> = sequences
            .iter()
            .enumerate()
            .map(|(i, (context, end))| Prompt {
                text: words(context),
                stop: vec![words(end)],
                max_tokens: 1 + i % 9,
                sampling: match i % 3 {
                    0 => Sampling::Greedy,
                    _ => Sampling::Nucleus { temperature: 1.0, top_p: 0.9, seed: seed + i as u64 },
                },
            })
            .collect();
        let alone: Vec<_> = prompts
            .iter()
            .map(|p| ENGINES[0].generate(std::slice::from_ref(p)).unwrap().remove(0))
            .collect();
        for engine in ENGINES.iter() {
            prop_assert_eq!(&engine.generate(&prompts).unwrap(), &alone);
        }
    }
}

#[test]
fn a_prompt_longer_than_one_chunk_is_scored_as_the_sum_of_its_tokens() {
    let dir = copy_of("llama");
    let config = dir.path().join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 4096"))
        .unwrap();
    let engine = Engine::load(dir.path(), 2).unwrap();
    let ids: Vec<u64> = (0..1500).map(|i| 1 + i * 7 % 63).collect();
    let whole = Pair { context: words(&ids[..10]), continuation: format!(" {}", words(&ids[10..])) };
    let whole = engine.loglikelihood(&[whole]).unwrap()[0].sum;
    let steps: Vec<Pair> = (10..1500)
        .map(|i| Pair { context: words(&ids[..i]), continuation: format!(" {}", words(&ids[i..=i])) })
        .collect();
    let steps: f64 = engine.loglikelihood(&steps).unwrap().iter().map(|a| a.sum).sum();
    assert!((whole - steps).abs() < 1e-6, "{whole} against {steps}");
}
