//! `phi-bench grow`: every method on a model of this size, what it prints, stores and refuses.

use crate::support::{phi_bench, refuses, run};
use phi_growth::{DepthRule, GrowthReport, Method};
use phi_model::{Checkpoint, PhiConfig};
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
        assert!(out.contains("does not preserve the function") != method.preserves_function(), "{method}: {out}");
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
    for method in ["tiling-preserving", "diagonal", "net2net", "aki"] {
        refuses(&mut grow(method, "append-top"), 3, &[method, "head_dim from 16 to 20", "number of heads"]);
    }
    refuses(&mut grow("net2nat", "identity"), 2, &["net2nat", "net2net"]);
    refuses(&mut grow("net2net", "top"), 2, &["top", "append-top"]);
}
