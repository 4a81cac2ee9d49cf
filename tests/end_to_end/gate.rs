//! `phi-bench check` on results that need no ablation, and what the documentation says of it.

use crate::support::{phi_bench, refuses, results, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn a_team_gates_evaluation_results_without_an_ablation() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let check = |results: &str| {
        let mut command = phi_bench();
        command.arg("check").arg(path(results)).arg("--baseline").arg(path("baseline.jsonl"));
        command
    };
    results(&path("monday/model"), "out/monday", 300, 200);
    results(&path("same"), "out/tuesday", 300, 200);
    results(&path("worse"), "out/wednesday", 300, 150);

    refuses(&mut check("monday"), 3, &["baseline.jsonl"]);
    let (_, err, code) = run(check("monday").arg("--update-baseline"));
    assert_eq!((code, err.contains("1 scores")), (0, true), "{err}");
    let (out, _, code) = run(&mut check("same"));
    assert_eq!((code, out.contains("no significant change")), (0, true), "{out}");

    let summary = path("step-summary.md");
    std::fs::write(&summary, "# Earlier\n").unwrap();
    let mut worse = check("worse");
    worse.arg("--github").env("GITHUB_STEP_SUMMARY", &summary);
    worse.arg("--junit").arg(path("check.xml")).arg("--markdown").arg(path("check.md"));
    let (out, _, code) = run(&mut worse);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("\n::error title=piqa acc::REGRESSED"), "{out}");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.starts_with("# Earlier\n**Failed") && summary.contains("| REGRESSED |"), "{summary}");
    assert!(std::fs::read_to_string(path("check.xml")).unwrap().contains("failures=\"1\""));

    let (out, _, code) = run(check("worse").args(["--threshold", "30", "--json"]));
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, json["rows"][0]["verdict"].as_str()), (0, Some("small_change")));

    let (out, _, code) = run(check("worse").arg("--update-baseline"));
    assert_eq!((code, out.contains("REGRESSED")), (0, true), "it is told, and taken: {out}");
    assert_eq!(run(&mut check("worse")).2, 0);
    refuses(check("worse").args(["--only", "boolq"]), 3, &["no score of boolq"]);
    refuses(check("worse").arg("--threshold=-1"), 2, &["--threshold"]);
}

/// What the gate needs of the baseline can be missing on purpose, or not.
#[test]
fn a_score_that_the_run_lacks_fails_only_if_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let baseline = dir.path().join("baseline.jsonl");
    results(&dir.path().join("all"), "model", 50, 25);
    let check = |words: &[&str]| {
        let mut command = phi_bench();
        command.arg("check").arg(dir.path().join("all")).arg("--baseline").arg(&baseline).args(words);
        run(&mut command)
    };
    assert_eq!(check(&["--update-baseline"]).2, 0);
    let text = std::fs::read_to_string(&baseline).unwrap();
    let head = text.lines().find(|l| l.starts_with("{\"arm\"")).unwrap();
    let mut gone: Value = serde_json::from_str(head).unwrap();
    gone["task"] = "arc_easy".into();
    std::fs::write(&baseline, format!("{text}\n{gone}\n")).unwrap();
    let (out, _, code) = check(&[]);
    assert_eq!((code, out.contains("missing")), (0, true), "{out}");
    assert_eq!(check(&["--fail-on-missing"]).2, 1);
    assert_eq!(check(&["--fail-on-missing", "--only", "piqa"]).2, 0);
    // The other score stays in the baseline.
    assert_eq!(check(&["--update-baseline", "--only", "piqa/acc"]).2, 0);
    assert!(std::fs::read_to_string(&baseline).unwrap().contains("arc_easy"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every flag that a text gives to `phi-bench check`.
fn flags(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|l| l.contains("phi-bench check"));
    let words = lines.flat_map(|l| l.split_whitespace()).map(|w| w.trim_matches('`'));
    words.filter(|w| w.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn the_action_and_the_documented_workflows_are_yaml_and_use_flags_that_exist() {
    let action = std::fs::read_to_string(root().join("action.yml")).unwrap();
    let parsed: serde_norway::Value = serde_norway::from_str(&action).unwrap();
    assert_eq!(parsed["runs"]["using"].as_str(), Some("composite"));
    let steps = parsed["runs"]["steps"].as_sequence().unwrap();
    assert!(
        steps.iter().all(|s| s["run"].is_null() || s["shell"].as_str() == Some("bash")),
        "a run step needs a shell"
    );
    let inputs: Vec<&str> = parsed["inputs"].as_mapping().unwrap().keys().filter_map(|k| k.as_str()).collect();
    for input in &inputs {
        assert!(action.contains(&format!("${{{{ inputs.{input} }}}}")), "{input} is used");
    }

    let gate = std::fs::read_to_string(root().join("docs/src/gate.md")).unwrap();
    let workflows: Vec<&str> = gate.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(workflows.len(), 3);
    for workflow in &workflows {
        serde_norway::from_str::<serde_norway::Value>(workflow).unwrap();
    }
    let with: serde_norway::Value = serde_norway::from_str(workflows[0]).unwrap();
    let given = with["jobs"]["check"]["steps"][2]["with"].as_mapping().unwrap();
    assert!(given.keys().all(|k| inputs.contains(&k.as_str().unwrap())), "{given:?}");

    let (help, _, _) = run(phi_bench().args(["check", "--help"]));
    let used: Vec<String> = [action.as_str(), gate.as_str()].into_iter().flat_map(flags).collect();
    assert!(used.len() > 10, "{used:?}");
    for flag in used {
        assert!(
            help.contains(&flag) || ["--output-path", "--log-samples"].contains(&flag.as_str()),
            "{flag} isn't in --help"
        );
    }
}
