//! Comparing arms and results, as a user does.

use crate::support::{phi_bench, refuses, run};
use std::path::Path;

/// Results in lm-evaluation-harness's layout: so many questions, right where `right` says.
fn results(dir: &Path, model: &str, questions: std::ops::Range<usize>, right: impl Fn(usize) -> bool) {
    let folder = dir.join(model);
    std::fs::create_dir_all(&folder).unwrap();
    let date = "2026-01-31T10-11-12.345678";
    let n = questions.len();
    let acc = questions.clone().filter(|q| right(*q)).count() as f64 / n as f64;
    let document = serde_json::json!({
        "results": { "arc_easy": { "alias": "arc_easy", "acc,none": acc, "acc_stderr,none": 0.05 } },
        "n-samples": { "arc_easy": { "original": n, "effective": n } },
        "higher_is_better": { "arc_easy": { "acc": true } },
        "n-shot": { "arc_easy": 0 },
        "versions": { "arc_easy": 1.0 },
        "configs": { "arc_easy": { "task": "arc_easy" } },
        "model_name": model,
        "date": 1_769_854_272.0,
    });
    std::fs::write(folder.join(format!("results_{date}.json")), document.to_string()).unwrap();
    let lines: Vec<String> = questions
        .map(|q| {
            let resps = [["-1.5", "True"], ["-2.5", "False"]];
            serde_json::json!({
                "doc_id": q, "doc": { "id": format!("q{q}") }, "target": "0",
                "arguments": {
                    "gen_args_0": { "arg_0": format!("Question: {q}?\nAnswer:"), "arg_1": " yes" },
                    "gen_args_1": { "arg_0": format!("Question: {q}?\nAnswer:"), "arg_1": " no" },
                },
                "resps": [resps], "filtered_resps": resps, "filter": "none", "metrics": ["acc"],
                "doc_hash": format!("{q:064x}"), "prompt_hash": "0", "target_hash": "0",
                "acc": f64::from(u8::from(right(q))),
            })
            .to_string()
        })
        .collect();
    std::fs::write(folder.join(format!("samples_arc_easy_{date}.jsonl")), lines.join("\n") + "\n").unwrap();
}

#[test]
fn two_results_are_compared_question_by_question_and_what_only_one_answered_is_told() {
    let dir = tempfile::tempdir().unwrap();
    results(dir.path(), "base", 0..100, |q| q % 2 == 0);
    results(dir.path(), "tuned", 10..100, |q| q % 2 == 0 || q % 5 == 1);
    let page = dir.path().join("compare.html");
    let command = || {
        let mut command = phi_bench();
        command.arg("compare").arg(dir.path().join("base")).arg(dir.path().join("tuned"));
        command
    };
    let (out, err, code) = run(command().args(["--show", "1", "--html"]).arg(&page));
    assert_eq!(code, 0, "{err}");
    for words in
        ["arc_easy", "10 only A", "better", "McNemar, exact", "only B is right", "Question: 11?", "8 more flipped"]
    {
        assert!(out.contains(words), "{words} is not in: {out}");
    }
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("sample-index") && html.trim_end().ends_with("</html>"));

    let (out, err, code) = run(command().arg("--json"));
    assert_eq!(code, 0, "{err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let task = &json["tasks"][0];
    assert_eq!(task["outcomes"], serde_json::json!({ "both": 45, "only_a": 0, "only_b": 9, "neither": 36 }));
    assert_eq!((json["schema"].as_u64(), task["verdict"].as_str()), (Some(1), Some("better")));
    assert_eq!(task["flips"].as_array().unwrap().len(), 9);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    refuses(phi_bench().arg("compare").arg(dir.path()), 2, &["--arm-a"]);
    refuses(phi_bench().arg("compare").arg(dir.path()).arg(dir.path()), 3, &["results_*.json"]);
    results(dir.path(), "base", 0..10, |_| true);
    let mut command = phi_bench();
    command.arg("compare").arg(dir.path()).args(["--arm-a", "base", "--arm-b", "gone"]);
    refuses(&mut command, 3, &["\"gone\"", "base"]);
    results(dir.path(), "far", 50..60, |_| true);
    let mut command = phi_bench();
    command.arg("compare").arg(dir.path().join("base")).arg(dir.path().join("far"));
    refuses(&mut command, 3, &["no question"]);
}
