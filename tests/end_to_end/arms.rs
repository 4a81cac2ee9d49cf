//! Arms over data, shapes and settings; scores in training; an arm that fails.

use crate::support::{phi_bench, run, tiny};
use std::path::{Path, PathBuf};

/// The tiny recipe at one seed, with scores in training and arms of every kind, one of which diverges.
fn recipe(dir: &Path, score_every: &str) -> PathBuf {
    let text = std::fs::read_to_string(tiny()).unwrap();
    let text = text
        .replace("seeds = [1, 2]", "seeds = [1]\nretries = 1\nmatch = \"tokens\"")
        .replace("scratch_tokens = 60_000", &format!("scratch_tokens = 20_000\n{score_every}"))
        .replace("tokens = 40_000", "tokens = 10_000")
        .replace("sampled = {", &format!("in_training = {}\nsampled = {{", !score_every.is_empty()));
    let more = r#"
[data.textbooks]
textbooks = 1.0

[[comparisons]]
arm = "textbooks/wide"
against = "textbooks/narrow"
question = "Is wide better on textbooks?"

[matrix]
init = "scratch"
align = false
data = ["textbooks"]
[[matrix.shape]]
name = "narrow"
large = { hidden = 16, layers = 2, heads = 2 }
[[matrix.shape]]
name = "wide"
large = { hidden = 32, layers = 2, heads = 2 }
pretrain_optimiser = { learning_rate = 1e-3, batch_rows = 8 }

[[arms]]
name = "diverging"
init = "scratch"
pretrain_optimiser = { learning_rate = 10.0, warmup_steps = 0, weight_decay = 10.0 }
"#;
    let path = dir.join("arms.toml");
    std::fs::write(&path, text + more).unwrap();
    path
}

#[test]
fn arms_differ_in_data_shape_and_settings_and_a_failing_one_leaves_the_others_whole() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let ablate = |score_every: &str, more: &[&str]| {
        run(phi_bench().arg("ablate").arg(recipe(dir.path(), score_every)).arg("--out").arg(&out).args(more))
    };
    let (table, err, code) = ablate("score_every = 15", &[]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("failed: pretrain diverging seed 1") && err.contains("training diverged"), "{err}");
    assert!(!err.contains("tried again"), "a training that diverged diverges again: {err}");
    assert!(err.contains("which held up"), "{err}");
    for arm in ["scratch", "tiling-preserving", "textbooks/narrow", "textbooks/wide"] {
        assert!(table.contains(arm), "{arm} is not in {table}");
    }
    assert!(out.join("report.html").is_file());

    let (json, err, code) = run(phi_bench().arg("report").arg(&out).arg("--json"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    let arms = found["arms"].as_array().unwrap();
    assert_eq!(arms.len(), 4, "all but the one that diverged");
    assert_eq!(found["left_out"][0]["task"], "diverging at seed 1");
    assert_eq!(found["comparisons"][0]["question"], "Is wide better on textbooks?");
    assert!(arms[2]["params"].as_u64() < arms[3]["params"].as_u64());
    for arm in arms {
        assert!(arm["peak_memory_bytes"].as_u64().unwrap() > arm["params"].as_u64().unwrap() * 16);
        assert!(arm["latency_ms_per_token"].as_f64().unwrap() > 0.0);
        let tokens: Vec<u64> =
            arm["score_curve"].as_array().unwrap().iter().map(|p| p["tokens"].as_u64().unwrap()).collect();
        assert!(tokens.len() > 1 && tokens.is_sorted(), "{tokens:?}");
    }
    // Equal tokens, to a step, whatever the batch and the shape.
    let pretrained = |arm: &serde_json::Value| {
        let curve = arm["curve"].as_array().unwrap();
        curve.iter().filter(|p| p["phase"] == "pretrain").map(|p| p["tokens"].as_u64().unwrap()).max().unwrap()
    };
    for arm in &arms[1..] {
        assert!(pretrained(arm).abs_diff(pretrained(&arms[0])) < 8 * 128, "{}", arm["arm"]);
    }

    // Scoring in training leaves the weights alone.
    let (_, err, code) = ablate("", &["--update"]);
    assert_eq!(code, 3, "{err}");
    let models: Vec<Vec<u8>> = std::fs::read_dir(out.join("steps"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("align-"))
        .filter_map(|path| std::fs::read(path.join("model/model.safetensors")).ok())
        .collect();
    assert_eq!(models.len(), 4, "two aligned arms, with and without scores in training");
    for model in &models {
        assert_eq!(models.iter().filter(|other| *other == model).count(), 2, "each model is there twice");
    }
}

#[test]
fn exercises_that_resemble_the_questions_are_pruned_and_scores_split_by_one_command() {
    let dir = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(tiny()).unwrap();
    let text = text
        .replace("seeds = [1, 2]", "seeds = [1]")
        .replace("baseline = \"scratch\"", "baseline = \"all\"")
        .replace("scratch_tokens = 60_000", "scratch_tokens = 10_000")
        .replace("tokens = 40_000", "tokens = 5_000");
    let (head, rest) = text.split_once("[[arms]]").unwrap();
    let suites = rest.split_once("[[suites]]").unwrap().1;
    let arm = |name: &str, more: &str| format!("[[arms]]\nname = \"{name}\"\ninit = \"scratch\"\n{more}\n");
    let recipe = dir.path().join("contamination.toml");
    let write = |contamination: &str| {
        let arms = arm("all", "") + &arm("pruned", "prune = 0.8");
        std::fs::write(&recipe, format!("{head}{contamination}{arms}[[suites]]{suites}")).unwrap();
    };
    let out = dir.path().join("out");
    let ablate = |more: &[&str]| run(phi_bench().arg("ablate").arg(&recipe).arg("--out").arg(&out).args(more));

    write("");
    let (_, err, code) = ablate(&[]);
    assert!(code == 3 && err.contains("arms[1].prune") && err.contains("[contamination]"), "{err}");
    write("[contamination]\ntask = \"code_exercises\"\nmin_nodes = 5\n\n");
    let plan: serde_json::Value = serde_json::from_str(&ablate(&["--explain", "--json"]).0).unwrap();
    let kinds: Vec<&str> =
        plan["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    for (kind, n) in [("compare", 1), ("prune", 1), ("pretrain", 1), ("align", 2), ("evaluate", 2)] {
        assert_eq!(kinds.iter().filter(|it| **it == kind).count(), n, "{kind} in {kinds:?}");
    }
    let (table, err, code) = ablate(&[]);
    assert_eq!(code, 0, "{table}\n{err}");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Scores by resemblance to the exercises") && page.contains("alike by syntax 0.8"));
    let (report, _, _) = run(phi_bench().arg("report").arg(&out).arg("--json"));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    for arm in report["arms"].as_array().unwrap() {
        let n = |part: &str| {
            let of_part = |it: &&serde_json::Value| it["metric"] == format!("pass@1,{part}");
            arm["scores"].as_array().unwrap().iter().find(of_part).map_or(0, |it| it["n"].as_u64().unwrap())
        };
        for way in ["syntax-0.95", "syntax-0.9", "syntax-0.85", "syntax-0.8", "embedding-0.95"] {
            assert_eq!(n(&format!("similar-{way}")) + n(&format!("other-{way}")), 20, "{way}: {arm}");
        }
        assert!(n("similar-syntax-0.8") >= n("similar-syntax-0.95"));
        assert!(n("similar-syntax-0.8") > 0, "the grammar's exercises resemble each other");
    }
}
