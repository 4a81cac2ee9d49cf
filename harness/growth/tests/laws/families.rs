//! The laws for Llama's tensors as for Phi's, read by the inference engine, which is held against transformers.

use crate::support::{busy_folder, distance, engine_logits, grow_into, growth, llama, phi, text, times};
use phi_growth::{DepthRule, Distinct, Growth, Method, ModelFolder, Shape, distinct_units};
use phi_model::{FloatFormat, NormFamily, TensorFiles, TensorInfo, TensorWriter, TextTokenizer};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What the logits may move by, as a share of the largest, where the function is kept; and what they move by where not.
const ROUNDING: f32 = 1e-5;
const CHANGE: f32 = 1e-3;

/// Both layouts, and each of Llama's relatives: grouped heads, tied embeddings, biases, norms of queries and keys.
fn configs() -> Vec<(&'static str, Value)> {
    vec![
        ("phi", phi(2, 3)),
        ("llama", llama("llama", 4, 3, &json!({}))),
        ("llama, one head of keys", llama("llama", 4, 3, &json!({ "num_key_value_heads": 1 }))),
        (
            "llama, tied, biases",
            llama("llama", 4, 3, &json!({ "tie_word_embeddings": true, "attention_bias": true, "mlp_bias": true })),
        ),
        ("mistral", llama("mistral", 4, 3, &json!({ "sliding_window": 16 }))),
        ("qwen2, tied", llama("qwen2", 4, 3, &json!({ "tie_word_embeddings": true }))),
        ("qwen3", llama("qwen3", 4, 3, &json!({}))),
    ]
}

/// Grows by every method at both ratios, and holds what is said of each against the logits.
fn check_laws(name: &str, small: &ModelFolder, tokens: &[u32], dst: &Path) {
    let before = engine_logits(small.dir(), tokens);
    for method in Method::ALL {
        for (n, layers) in [(2, 4), (4, 3)] {
            let (target, growth) = (times(small.blueprint().shape(), n, layers), growth(method));
            let large = grow_into(small, &target, &growth, dst).unwrap();
            assert_eq!(large.blueprint().shape(), &target);
            let moved = distance(&before, &engine_logits(dst, tokens));
            let change = growth.change_of_function(small.blueprint(), large.blueprint());
            match change {
                None => assert!(moved < ROUNDING, "{name}: {method} x{n}: {moved}"),
                Some(why) => assert!(moved > CHANGE, "{name}: {method} x{n}: {moved}, but {why}"),
            }
            let preserves = method.preserves_function(small.blueprint().norm());
            assert_eq!(change.is_none(), preserves, "{name}: {method}");
        }
    }
}

#[test]
fn every_method_does_to_every_family_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    for (i, (name, config)) in configs().into_iter().enumerate() {
        let small = busy_folder(&config, FloatFormat::F32, &dir.path().join(i.to_string()));
        check_laws(name, &small, &text(60), &dir.path().join("large"));
    }
}

/// The real questions and a real tokenizer. Needs `PHI_BENCH_DATA` and the folder `oracle` beside it; says so when left out.
#[test]
#[allow(clippy::print_stderr)]
fn the_laws_hold_on_real_questions_in_both_layouts() {
    let data = std::env::var_os("PHI_BENCH_DATA").map(PathBuf::from);
    let tokenizer = data.as_ref().map(|d| d.join("../oracle/tiny-phi/tokenizer.json")).filter(|t| t.is_file());
    let (Some(data), Some(tokenizer)) = (data, tokenizer) else {
        eprintln!("left out: set PHI_BENCH_DATA to a data folder with ../oracle/tiny-phi beside it");
        return;
    };
    use std::io::Read;
    let file = std::fs::File::open(data.join("gsm8k/test.jsonl.gz")).unwrap();
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file).take(4000).read_to_string(&mut lines).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let real = TextTokenizer::load(&tokenizer).unwrap();
    let tokens = real.encode_plain(first["question"].as_str().unwrap()).unwrap();
    let tokens = &tokens[..tokens.len().min(96)];
    let vocab = json!({ "vocab_size": real.vocab_size() });
    let mut phi = phi(2, 2);
    phi["vocab_size"] = vocab["vocab_size"].clone();
    let dir = tempfile::tempdir().unwrap();
    for (name, config) in [("phi", phi), ("llama", llama("llama", 4, 2, &vocab))] {
        let small = busy_folder(&config, FloatFormat::F32, &dir.path().join(name));
        check_laws(name, &small, tokens, &dir.path().join("large"));
    }
}

/// Copies the weights of a folder, which are in bf16, to f32: in bf16 thirds and noise would be rounded.
fn widen(from: &Path, to: &Path) {
    let files = TensorFiles::open(from).unwrap();
    let info = |name: &str| TensorInfo { format: FloatFormat::F32, ..files.info(name).unwrap() };
    let tensors = files.names().map(|name| (name.to_owned(), info(name))).collect();
    let mut writer = TensorWriter::create(to, tensors, u64::MAX).unwrap();
    for (name, _) in writer.order() {
        let mut bytes = Vec::new();
        FloatFormat::F32.narrow(files.tensor(&name).unwrap().data(), &mut bytes);
        writer.write(&bytes).unwrap();
    }
    writer.finish().unwrap();
}

/// The checkpoints that transformers wrote.
#[test]
fn checkpoints_of_transformers_keep_their_function() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("large");
    for name in ["llama", "llama3-rope", "llama-linear-rope-tied", "mistral", "qwen2", "qwen3", "phi"] {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/fixtures").join(name);
        let copy = dir.path().join(name);
        std::fs::create_dir(&copy).unwrap();
        std::fs::copy(fixture.join("config.json"), copy.join("config.json")).unwrap();
        widen(&fixture, &copy);
        // The engine wants a tokenizer, which the fixture leaves out.
        let vocab = ModelFolder::open(&copy).unwrap().blueprint().shape().vocab_size;
        let words = busy_folder(&llama("llama", 2, 1, &json!({ "vocab_size": vocab })), FloatFormat::F32, &dst);
        std::fs::copy(words.dir().join("tokenizer.json"), copy.join("tokenizer.json")).unwrap();
        let small = ModelFolder::open(&copy).unwrap();
        let tokens: Vec<u32> = text(24).iter().map(|t| t % vocab as u32).collect();
        let before = engine_logits(&copy, &tokens);
        for method in [Method::TilingPreserving, Method::Diagonal, Method::Net2net] {
            let layers = small.blueprint().shape().num_layers + 1;
            let target = times(small.blueprint().shape(), 2, layers);
            grow_into(&small, &target, &growth(method), &dst).unwrap();
            let moved = distance(&before, &engine_logits(&dst, &tokens));
            assert!(moved < ROUNDING, "{name}: {method}: {moved}");
        }
    }
}

#[test]
fn grouped_heads_keep_their_keys_in_whatever_proportion_they_grow() {
    let dir = tempfile::tempdir().unwrap();
    let small = busy_folder(&llama("llama", 4, 2, &json!({})), FloatFormat::F32, &dir.path().join("small"));
    let before = engine_logits(small.dir(), &text(60));
    let shape = small.blueprint().shape().clone();
    let wide = times(&shape, 2, 2);
    // Four query heads in two groups become eight in two, in four, and in eight.
    for (heads, kv_heads) in [(8, 2), (8, 4), (16, 8), (16, 2)] {
        let target = Shape { num_heads: heads, num_kv_heads: kv_heads, ..wide.clone() };
        for method in [Method::TilingPreserving, Method::Net2net, Method::ZeroPad] {
            grow_into(&small, &target, &growth(method), &dir.path().join("large")).unwrap();
            let moved = distance(&before, &engine_logits(&dir.path().join("large"), &text(60)));
            assert!(moved < ROUNDING, "{method} to {heads} in {kv_heads}: {moved}");
        }
    }
    let target = Shape { num_heads: 8, num_kv_heads: 8, ..wide };
    let error =
        grow_into(&small, &target, &growth(Method::ZeroPad), &dir.path().join("large")).unwrap_err().to_string();
    assert!(error.contains("num_key_value_heads from 2 to 1") && error.contains("lose query heads"), "{error}");
}

#[test]
fn ratios_that_are_not_whole_are_zero_padded_without_a_change_behind_rms_norm() {
    let dir = tempfile::tempdir().unwrap();
    let small = busy_folder(&llama("llama", 4, 2, &json!({})), FloatFormat::F32, &dir.path().join("small"));
    let shape = small.blueprint().shape().clone();
    let before = engine_logits(small.dir(), &text(60));
    let target = Shape { hidden_size: 40, intermediate_size: 101, num_heads: 5, num_kv_heads: 5, ..shape.clone() };
    let error = small.target(&target, &growth(Method::ZeroPad)).unwrap_err().to_string();
    assert!(error.contains("lose query heads"), "{error}");
    let target = Shape { num_heads: 6, num_kv_heads: 3, ..target };
    let large = grow_into(&small, &target, &growth(Method::ZeroPad), &dir.path().join("large")).unwrap();
    assert!(distance(&before, &engine_logits(large.dir(), &text(60))) < ROUNDING);
    let config: Value = serde_json::from_slice(&std::fs::read(large.dir().join("config.json")).unwrap()).unwrap();
    assert!((config["rms_norm_eps"].as_f64().unwrap() - 1e-5 * 32.0 / 40.0).abs() < 1e-20);
    assert_eq!((&config["head_dim"], &config["num_key_value_heads"]), (&json!(8), &json!(3)));
    // Tiling a head that is rotated as a whole is refused, with the reason.
    let longer = Shape { head_dim: 10, ..target };
    let error = small.target(&longer, &growth(Method::Tiling)).unwrap_err().to_string();
    assert!(error.contains("head_dim from 8 to 10") && error.contains("rotated as a whole"), "{error}");
}

#[test]
fn the_kinds_of_layers_go_with_the_layers_that_they_are_grown_from() {
    let dir = tempfile::tempdir().unwrap();
    let kinds = json!({
        "layer_types": ["full_attention", "sliding_attention"], "sliding_window": 4, "use_sliding_window": true,
    });
    let small = busy_folder(&llama("qwen3", 4, 2, &kinds), FloatFormat::F32, &dir.path().join("small"));
    let before = engine_logits(small.dir(), &text(60));
    let target = times(small.blueprint().shape(), 2, 4);
    let large = grow_into(&small, &target, &growth(Method::TilingPreserving), &dir.path().join("large")).unwrap();
    assert!(distance(&before, &engine_logits(large.dir(), &text(60))) < ROUNDING);
    let config: Value = serde_json::from_slice(&std::fs::read(large.dir().join("config.json")).unwrap()).unwrap();
    let of = ["full_attention", "full_attention", "sliding_attention", "sliding_attention"];
    assert_eq!(config["layer_types"], json!(of));
}

#[test]
fn copies_are_counted_in_grouped_heads_too() {
    let dir = tempfile::tempdir().unwrap();
    let small = busy_folder(&llama("llama", 4, 2, &json!({})), FloatFormat::F32, &dir.path().join("small"));
    let units = |growth: &Growth| {
        let target = times(small.blueprint().shape(), 2, 2);
        let large = grow_into(&small, &target, growth, &dir.path().join("large")).unwrap();
        let units = distinct_units(&large).unwrap();
        [units.residual, units.heads, units.mlp].map(Distinct::share)
    };
    let exact = Growth { snr_db: None, depth: DepthRule::Identity, ..growth(Method::TilingPreserving) };
    assert_eq!(units(&exact), [0.5; 3]);
    assert_eq!(units(&growth(Method::TilingPreserving)), [1.0; 3]);
    assert_eq!(units(&growth(Method::Net2net)), [0.5; 3]);
    assert_eq!(units(&growth(Method::ZeroPad)), [1.0; 3]);
    assert_eq!(small.blueprint().norm(), NormFamily::RmsNorm);
}
