//! `phi-bench grow`: every method on a model of this size, what it prints, stores and refuses.

use crate::support::{phi_bench, refuses, run, tiny};
use phi_growth::{DepthRule, GrowthReport, Method};
use phi_model::{Checkpoint, NormFamily, PhiConfig};
use std::path::Path;

/// A model of phi-1.5's proportions: 4 heads of 16 dimensions, 8 of them rotated.
fn small(dir: &Path) -> PhiConfig {
    let config = PhiConfig {
        vocab_size: 64,
        hidden_size: 64,
        intermediate_size: 256,
        num_layers: 3,
        num_heads: 4,
        rotary_dim: 8,
        rope_theta: 10_000.0,
        max_positions: 64,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    };
    Checkpoint::random(&config, 1).save(dir).unwrap();
    config
}

fn report(dir: &Path) -> GrowthReport {
    serde_json::from_slice(&std::fs::read(dir.join("growth.json")).unwrap()).unwrap()
}

#[test]
fn help_lists_every_method_and_rule_with_a_line() {
    let (out, _, code) = run(phi_bench().args(["grow", "--help"]));
    assert_eq!(code, 0);
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    let methods = Method::ALL.map(|m| (m.name(), m.description()));
    let rules = DepthRule::ALL.map(|r| (r.name(), r.description()));
    for (name, description) in methods.into_iter().chain(rules) {
        assert!(out.contains(&format!("{name}: {description}")), "{name}: {description} is not in: {out}");
    }
}

#[test]
fn every_method_grows_a_model_and_says_and_stores_what_came_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("small"), dir.path().join("large"));
    let config = small(&from);
    for method in Method::ALL {
        let mut command = phi_bench();
        command.arg("grow").arg(&from).arg(&to).args(["--method", method.name(), "--width", "2", "--depth", "4"]);
        let (out, err, code) = run(&mut command);
        assert_eq!(code, 0, "{method}: {err}");
        assert!(
            out.contains("does not preserve the function") != method.preserves_function(NormFamily::LayerNorm),
            "{method}: {out}"
        );
        let large = Checkpoint::load(&to).unwrap();
        let report = report(&to);
        assert_eq!(report.growth.method, method);
        assert_eq!(report.params.before, config.num_params());
        assert_eq!(report.params.after, large.config().num_params());
        assert_eq!(report.ranks.len(), 6);
        let parameters = format!("parameters: {} -> {}", report.params.before, report.params.after);
        for line in [&parameters, "FLOPs", "block cosine", "effective rank", "  mlp.fc1: "] {
            assert!(out.contains(line), "{method}: \"{line}\" is not in: {out}");
        }
        let dead = matches!(method, Method::Tiling | Method::Diagonal | Method::Net2net);
        assert_eq!(err.contains("50 % of the width is dead"), dead, "{method}: {err}");
    }
}

#[test]
fn phi_1_5_s_step_to_phi_2_is_done_where_it_can_be_and_refused_where_not() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("small"), dir.path().join("large"));
    small(&from);
    // 1.25 times the width by longer heads, of as many rotated dimensions: 2048 -> 2560, 64 -> 80.
    let grow = |method: &str, depth_rule: &str| {
        let mut command = phi_bench();
        command.arg("grow").arg(&from).arg(&to).args(["--method", method, "--depth-rule", depth_rule]);
        command.args(["--hidden", "80", "--heads", "4", "--mlp", "320", "--depth", "4"]);
        command
    };
    for method in ["scratch", "weight-reuse", "tiling", "zero-pad"] {
        let (out, err, code) = run(&mut grow(method, "stack"));
        assert_eq!(code, 0, "{method}: {out} {err}");
        let large = PhiConfig::load(&to.join("config.json")).unwrap();
        assert_eq!((large.head_dim(), large.rotary_dim, large.num_layers), (20, 8, 4), "{method}");
    }
    let mut shallower = phi_bench();
    shallower.arg("grow").arg(&from).arg(&to).args(["--method", "scratch", "--depth", "1"]);
    assert_eq!(run(&mut shallower).2, 0, "what takes nothing may be smaller");
    for method in ["tiling-preserving", "diagonal", "net2net", "aki"] {
        refuses(&mut grow(method, "append-top"), 3, &[method, "head_dim from 16 to 20", "number of heads"]);
    }
    refuses(&mut grow("net2nat", "identity"), 2, &["net2nat", "net2net"]);
    refuses(&mut grow("net2net", "top"), 2, &["top", "append-top"]);
}

/// A tiny Llama of transformers' with a word for each token.
fn llama(dir: &Path) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/fixtures/llama");
    std::fs::create_dir_all(dir).unwrap();
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(fixture.join(file), dir.join(file)).unwrap();
    }
    let words: serde_json::Map<String, serde_json::Value> =
        (0..64).map(|i| (format!("t{i}"), serde_json::json!(i))).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "added_tokens": [], "pre_tokenizer": { "type": "WhitespaceSplit" },
        "model": { "type": "WordLevel", "vocab": words, "unk_token": "t0" },
    });
    std::fs::write(dir.join("tokenizer.json"), tokenizer.to_string()).unwrap();
}

#[test]
fn a_llama_grows_with_more_words_and_its_loss_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("small"), dir.path().join("large"));
    llama(&from);
    let text = dir.path().join("text.txt");
    std::fs::write(&text, "t1 t5 t9 t2 t1 t5 t9 t2 t33 t40").unwrap();
    let mut command = phi_bench();
    let settings = "--method tiling-preserving --split unequal --width 2 --depth 3 --pad-vocab-to-multiple 50";
    command.arg("grow").arg(&from).arg(&to).args(settings.split(' ')).arg("--text").arg(&text);
    let (out, err, code) = run(&mut command);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("preserves the function") && out.contains("at most 36.00 %"), "{out}");
    let config: serde_json::Value = serde_json::from_slice(&std::fs::read(to.join("config.json")).unwrap()).unwrap();
    let sizes = [("hidden_size", 64), ("num_attention_heads", 8), ("num_key_value_heads", 4), ("vocab_size", 100)];
    for (name, size) in sizes.into_iter().chain([("head_dim", 8), ("num_hidden_layers", 3), ("intermediate_size", 96)])
    {
        assert_eq!(config[name], size, "{name}");
    }
    let loss = report(&to).loss.unwrap();
    assert_eq!(loss.tokens, 10);
    // The new words take something of the old ones' probability, at most ln(100 / 64) a token.
    let more = loss.nats.after - loss.nats.before;
    assert!((0.0..(100.0_f64 / 64.0).ln() + 0.02).contains(&more), "{more}");

    // The same, padded to a multiple that it has: the loss stays, but for what bf16 rounds.
    let mut command = phi_bench();
    let settings = "--method zero-pad --hidden 40 --pad-vocab-to-multiple 32";
    command.arg("grow").arg(&from).arg(&to).args(settings.split(' '));
    let (out, err, code) = run(command.arg("--text").arg(&text));
    assert_eq!(code, 0, "{err}");
    assert!(!out.contains("vocabulary"), "{out}");
    let loss = report(&to).loss.unwrap();
    assert!((loss.nats.after - loss.nats.before).abs() < 0.01, "{loss:?}");
}

/// Law C.4 from the command line: a small run, grown with its moments, goes on as the small one does.
#[test]
fn a_run_grown_with_its_moments_follows_the_small_run_for_fifty_steps() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("text.jsonl");
    let line = |i: u32| {
        let body: String = (0..20).map(|j| format!("def f_{i}_{j}(x):\n    return x * {j} + {i}\n\n")).collect();
        serde_json::json!({ "text": body }).to_string()
    };
    std::fs::write(&text, (0..40).map(line).collect::<Vec<_>>().join("\n")).unwrap();
    // The gradient's norm is another in the large model, so nothing may clip it.
    let train = |out: &str, begin: &[&str]| {
        let mut command = phi_bench();
        command.arg("train").arg("--data").arg(&text).arg("--out").arg(dir.path().join(out));
        command.args("--seq-len 64 --batch-rows 4 --schedule constant --warmup 0 --clip 1e9".split(' ')).args(begin);
        let (said, errors, code) = run(&mut command);
        assert_eq!(code, 0, "{errors}");
        said
    };
    let losses = |out: &str| -> Vec<f64> {
        let lines = std::fs::read_to_string(dir.path().join(out).join("metrics.jsonl")).unwrap();
        let loss = |line| serde_json::from_str::<serde_json::Value>(line).unwrap()["loss"].as_f64().unwrap();
        lines.lines().map(loss).collect()
    };
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    train("run", &["--preset", "nano", "--vocab-size", "300", "--steps", "20", "--keep-optimiser"]);
    let mut command = phi_bench();
    command.arg("grow").arg(at("run")).arg(at("large")).args("--method tiling-preserving --width 2".split(' '));
    let (out, err, code) = run(command.args(["--snr-db", "none", "--with-optimiser"]));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("moments of 20 updates grew"), "{out}");
    let loss = report(&dir.path().join("large")).loss.unwrap().nats;
    assert!((loss.before - loss.after).abs() < 1e-4, "{loss:?}");

    let said = train("small-on", &["--init", &at("run/model"), "--steps", "50"]);
    assert!(said.contains("moments of 20 updates"), "{said}");
    train("large-on", &["--init", &at("large"), "--steps", "50"]);
    train("large-fresh", &["--init", &at("large"), "--steps", "50", "--fresh-optimiser"]);
    let gap = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let small = losses("small-on");
    assert!(small.len() == 50 && small[49] < small[0]);
    let follows = gap(small.clone(), losses("large-on"));
    assert!(follows < 1e-4, "{follows}");
    assert!(gap(small, losses("large-fresh")) > 0.01, "the moments and rates matter");

    let grow = |src: &str, more: &[&str]| {
        let mut command = phi_bench();
        command.arg("grow").arg(at(src)).arg(at("other")).args(["--width", "2", "--with-optimiser"]).args(more);
        command
    };
    refuses(&mut grow("run", &["--method", "net2net"]), 3, &["net2net", "tiling-preserving only"]);
    refuses(
        &mut grow("small-on", &["--method", "tiling-preserving"]),
        3,
        &["optimiser.safetensors", "--keep-optimiser"],
    );
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("small"), dir.path().join("large"));
    llama(&from);
    let grow = |to: &Path, more: &[&str]| {
        let mut command = phi_bench();
        command.arg("grow").arg(&from).arg(to).args(more);
        command
    };
    refuses(&mut grow(&from, &["--method", "tiling", "--width", "2"]), 3, &["own folder"]);
    refuses(&mut grow(&to, &["--method", "tiling", "--split", "unequal"]), 3, &["tiling can't split unequally"]);
    refuses(
        &mut grow(&to, &["--method", "tiling", "--kv-heads", "4"]),
        3,
        &["num_key_value_heads from 2 to 1", "lose"],
    );
    refuses(&mut grow(&to, &["--method", "tiling", "--heads", "0"]), 2, &["--heads", "at least 1"]);
    refuses(&mut grow(&to, &["--method", "tiling", "--vocab", "63"]), 3, &["vocab_size from 64 to 63", "shrink"]);
    refuses(&mut grow(&to, &["--method", "tiling", "--text", "/nowhere"]), 3, &["can't read /nowhere"]);
    refuses(&mut grow(&to, &["--method", "tiling", "--hidden", "99999999"]), 3, &["hidden_size is 99999999"]);
    refuses(&mut grow(&to, &["--method", "tiling", "--snr-db", "loud"]), 2, &["--snr-db", "loud"]);
    let config = std::fs::read_to_string(from.join("config.json")).unwrap();
    std::fs::write(from.join("config.json"), config.replace("\"llama\"", "\"gemma\"")).unwrap();
    refuses(&mut grow(&to, &["--method", "tiling"]), 3, &["\"gemma\" can't be grown", "phi, llama"]);
    std::fs::write(from.join("config.json"), config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"))
        .unwrap();
    refuses(&mut grow(&to, &["--method", "tiling"]), 3, &["model.layers.2", "is missing", "disagree"]);
    assert!(!to.join("config.json").exists() && !to.join("model.safetensors").exists());
}

/// The tiny recipe at one seed, its grown arm begun in another way.
fn recipe(dir: &Path, init: &str, depth: &str, large: &str) -> std::path::PathBuf {
    let arm = format!("init = \"{init}\"\ndepth = \"{depth}\"");
    let text = std::fs::read_to_string(tiny()).unwrap();
    let text = text.replace("seeds = [1, 2]", "seeds = [1]").replace("snr_db = 10.0\n", "");
    let text = text.replace("init = \"tiling-preserving\"", &arm);
    let text = text.replace("hidden = 32\nlayers = 3\nheads = 4", large);
    let path = dir.join("recipe.toml");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_arm_may_begin_by_every_method_and_rule() {
    let dir = tempfile::tempdir().unwrap();
    let dry = |init: &str, depth: &str, large: &str| {
        let mut command = phi_bench();
        command.arg("ablate").arg(recipe(dir.path(), init, depth, large)).arg("--dry-run");
        command
    };
    for method in Method::ALL {
        for rule in DepthRule::ALL {
            let (_, err, code) = run(&mut dry(method.name(), rule.name(), "hidden = 32\nlayers = 3\nheads = 4"));
            assert_eq!(code, 0, "{method} {rule}: {err}");
        }
    }
    let wider = "hidden = 24\nlayers = 3\nheads = 3";
    assert_eq!(run(&mut dry("net2net", "stack", wider)).2, 0);
    refuses(&mut dry("diagonal", "stack", wider), 3, &["diagonal", "hidden_size from 16 to 24", "whole ratios"]);

    let out = dir.path().join("out");
    let recipe = recipe(dir.path(), "aki", "append-top", wider);
    let (_, err, code) = run(phi_bench().arg("ablate").arg(recipe).arg("--out").arg(&out));
    assert_eq!(code, 0, "{err}");
    let mut steps = std::fs::read_dir(out.join("steps")).unwrap().map(|e| e.unwrap().path());
    let grown = steps.find(|p| p.to_string_lossy().contains("grow-")).unwrap();
    let facts: serde_json::Value = serde_json::from_slice(&std::fs::read(grown.join("growth.json")).unwrap()).unwrap();
    let report: GrowthReport = serde_json::from_value(facts["measured"].clone()).unwrap();
    assert_eq!((report.growth.method, report.growth.depth), (Method::Aki, DepthRule::AppendTop));
    assert!(facts["val_loss"][1].as_f64().unwrap() > 0.0 && facts["method"] == "aki");
}
