//! Results in lm-evaluation-harness's layout become a run, and a run becomes such results.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use phi_reports::{Baseline, CheckVerdict, Format, Keep, ReportError, Store, Threshold, check, export, read_lm_eval};
use serde_json::{Value, json};
use std::path::Path;

/// A model's folder as lm-eval 0.4.13 writes it: two MMLU subjects under their group, and gsm8k with two filters.
fn evaluation(folder: &Path, date: &str, right: usize) {
    let share = right as f64 / 10.0;
    let mmlu = json!({ "acc,none": share, "acc_stderr,none": 0.1, "alias": "x" });
    let results = json!({
        "results": {
            "mmlu": { "acc,none": share, "acc_stderr,none": 0.07, "alias": "mmlu" },
            "mmlu_law": mmlu, "mmlu_art": mmlu,
            "gsm8k": { "exact_match,strict-match": 0.0, "exact_match_stderr,strict-match": 0.0,
                       "exact_match,flexible-extract": share, "exact_match_stderr,flexible-extract": 0.1 },
            "wikitext": { "word_perplexity,none": 12.5, "word_perplexity_stderr,none": "N/A" },
        },
        "group_subtasks": { "mmlu": ["mmlu_law", "mmlu_art"], "mmlu_law": [], "mmlu_art": [] },
        "higher_is_better": { "mmlu_law": { "acc": true }, "wikitext": { "word_perplexity": false } },
        "n-samples": { "mmlu_law": { "original": 100, "effective": 10 }, "mmlu_art": { "original": 100, "effective": 10 },
                       "gsm8k": { "original": 10, "effective": 10 }, "wikitext": { "original": 62, "effective": 62 } },
        "config": { "model": "hf", "model_num_parameters": 1_300_000 },
        "date": 1_770_000_000.5, "lm_eval_version": "0.4.13", "model_name": format!("out/{date}/model"),
    });
    std::fs::write(folder.join(format!("results_{date}.json")), results.to_string()).unwrap();
    let row = |i: usize, filter: &str, metric: &str, value: f64| {
        json!({
            "doc_id": i, "doc": {}, "target": "4", "filter": filter, "metrics": [metric], metric: value,
            "arguments": { "gen_args_0": { "arg_0": "2 + 2 =", "arg_1": " 4" }, "gen_args_1": { "arg_0": "2 + 2 =", "arg_1": " 5" } },
            "resps": [[["-0.25", "True"]], [["-2.5", "False"]]], "filtered_resps": [],
            "doc_hash": format!("{i:064x}"), "prompt_hash": "", "target_hash": "",
        })
    };
    let is_right = |i: usize| f64::from(u8::from(i < right));
    let write = |task: &str, rows: Vec<Value>| {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        std::fs::write(folder.join(format!("samples_{task}_{date}.jsonl")), lines.join("\n")).unwrap();
    };
    for task in ["mmlu_law", "mmlu_art"] {
        write(task, (0..10).map(|i| row(i, "none", "acc", is_right(i))).collect());
    }
    let filters = [("strict-match", false), ("flexible-extract", true)];
    let rows = filters.iter().flat_map(|(f, real)| (0..10).map(move |i| (i, *f, *real)));
    write("gsm8k", rows.map(|(i, f, real)| row(i, f, "exact_match", if real { is_right(i) } else { 0.0 })).collect());
}

#[test]
fn a_folder_of_results_is_a_run_with_an_arm_a_model() {
    let folder = tempfile::tempdir().unwrap();
    evaluation(folder.path(), "2026-02-02T12-00-00.5", 7);
    let run = read_lm_eval(folder.path(), Keep::Texts).unwrap();
    let [arm] = run.arms.as_slice() else { panic!("one arm") };
    assert_eq!(
        (arm.arm.as_str(), arm.params, run.started_unix_s),
        ("out/2026-02-02T12-00-00.5/model", 1_300_000, 1_770_000_000)
    );
    let score = |task: &str, metric: &str| arm.scores.iter().find(|s| s.task == task && s.metric == metric).unwrap();
    assert_eq!((score("mmlu_law", "acc").value, score("mmlu_law", "acc").n), (0.7, 10));
    assert_eq!(score("gsm8k", "exact_match,flexible-extract").value, 0.7);
    assert_eq!(score("mmlu", "acc").n, 20, "a group has its tasks' questions");
    let perplexity = score("wikitext", "word_perplexity");
    assert!(!perplexity.higher_is_better && perplexity.stderr.is_nan());
    assert_eq!(run.left_out.len(), 1, "only wikitext has no samples: {:?}", run.left_out);
    let gsm8k: Vec<_> = arm.samples.iter().filter(|s| s.task == "gsm8k").collect();
    assert_eq!((gsm8k.len(), gsm8k[0].metrics.len()), (10, 2), "a question's filters are one sample");
    assert_eq!(gsm8k[3].key, "3-00000000");
    assert_eq!((gsm8k[3].prompt.as_str(), gsm8k[3].responses[1].text.as_str()), ("2 + 2 =", " 5"));
    assert_eq!((gsm8k[3].responses[0].log_likelihood, gsm8k[3].responses[0].is_greedy), (Some(-0.25), Some(true)));
    let bare = read_lm_eval(folder.path(), Keep::Scores).unwrap();
    assert!(bare.arms[0].samples.iter().all(|s| s.prompt.is_empty() && s.responses.is_empty()));
    assert_eq!(bare.key, run.key);
}

#[test]
fn the_newest_results_of_a_task_count_and_the_gate_takes_them() {
    let before = tempfile::tempdir().unwrap();
    evaluation(before.path(), "2026-02-02T12-00-00", 9);
    let baseline = Baseline::of(&read_lm_eval(before.path(), Keep::Scores).unwrap());
    let after = tempfile::tempdir().unwrap();
    let model = after.path().join("model");
    std::fs::create_dir(&model).unwrap();
    evaluation(&model, "2026-02-03T12-00-00", 9);
    evaluation(&model, "2026-02-04T12-00-00", 0);
    let report = check(&baseline, &read_lm_eval(after.path(), Keep::Scores).unwrap(), Threshold::default()).unwrap();
    let verdict = |task: &str| report.rows.iter().find(|r| r.task == task).unwrap().verdict;
    assert_eq!(verdict("mmlu"), CheckVerdict::Regressed, "{}", report.to_text());
    let row = report.rows.iter().find(|r| r.task == "mmlu").unwrap();
    assert_eq!(row.comparison.unwrap().n_questions, 20, "the group is compared question by question");
    assert_eq!(verdict("wikitext"), CheckVerdict::Inconclusive, "nothing is known of its error");
}

#[test]
fn what_cannot_be_read_is_told_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let read = || read_lm_eval(folder.path(), Keep::Scores).unwrap_err();
    assert!(read().to_string().contains("results_<date>.json"));
    let date = "2026-02-02";
    evaluation(folder.path(), date, 5);
    let samples = folder.path().join(format!("samples_gsm8k_{date}.jsonl"));
    let good = std::fs::read_to_string(&samples).unwrap();
    for (text, word) in [
        (good[..good.len() - 30].to_owned(), "line 20"),
        (good.replacen("\"doc_id\":4", "\"doc_id\":\"x\"", 1), "line 5: there is no `doc_id`"),
        (good.replacen("\"metrics\"", "\"others\"", 1), "line 1: there is no list `metrics`"),
        (
            format!("{good}\n{}", good.lines().next().unwrap()),
            "line 21: the question 0 has exact_match,strict-match twice",
        ),
    ] {
        std::fs::write(&samples, text).unwrap();
        let error = read();
        assert!(matches!(error, ReportError::BadResults { .. }), "{error}");
        assert!(error.to_string().contains(word) && error.to_string().contains("samples_gsm8k"), "{word}: {error}");
    }
    std::fs::write(folder.path().join(format!("results_{date}.json")), "{\"results\": []}").unwrap();
    assert!(read().to_string().contains("there is no object `results`"));
}

#[test]
fn a_run_that_is_exported_to_the_layout_is_read_back_with_the_same_values() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::in_memory().unwrap();
    let mut whole = run(&SPECS[..2], 2, 20);
    whole.arms[0].arm = "../../etc/passwd".to_owned();
    store.save_run(&whole).unwrap();
    let files = export(&store, &whole.key, Format::LmEval, folder.path()).unwrap();
    assert_eq!(files.len(), 4 * 2);
    assert!(files.iter().all(|f| f.starts_with(folder.path()) && f.is_file()), "nothing outside the folder: {files:?}");
    for arm in &whole.arms[2..] {
        let back = read_lm_eval(&folder.path().join(format!("{}-seed{}", arm.arm, arm.seed)), Keep::Texts).unwrap();
        let back = &back.arms[0];
        assert_eq!((&back.arm, back.params), (&arm.arm, arm.params));
        assert_eq!(
            back.scores.iter().map(|s| s.value).collect::<Vec<_>>(),
            arm.scores.iter().map(|s| s.value).collect::<Vec<_>>()
        );
        for (b, a) in back.samples.iter().zip(&arm.samples) {
            assert_eq!(
                (&b.key, &b.cluster, &b.group, &b.prompt, &b.target),
                (&a.key, &a.cluster, &a.group, &a.prompt, &a.target)
            );
            assert_eq!(b.metrics, a.metrics);
            assert!(b.responses.iter().map(|r| &r.text).eq(a.responses.iter().map(|r| &r.text)));
        }
    }
}
