//! Result files in lm-evaluation-harness's layout: its keys, its hashes, and ours apart.

#![allow(clippy::unwrap_used)]

mod common;

use common::Stub;
use phi_suites::output::{RunFacts, results_json, sample_rows, sanitized_model_name, task_hash};
use phi_suites::{EvalOptions, LoadedTask, ModelFacts, Pair, Prompt, Task, evaluate_questions, questions};
use serde_json::Value;
use std::collections::BTreeMap;

fn load(task: &str, text: &str) -> (tempfile::TempDir, LoadedTask) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.jsonl");
    std::fs::write(&path, text).unwrap();
    let loaded = Task::builtin(task).unwrap().load_file(&path).unwrap();
    (folder, loaded)
}

/// Rows and results of one task under a model that likes short texts and writes "#### 4".
fn written(task: &LoadedTask, options: &EvalOptions) -> (Vec<Value>, Value) {
    let model = Stub {
        max_length: 1024,
        likelihood: |pair: &Pair| -(pair.continuation.len() as f64),
        completion: |_: &Prompt| "so\n#### 4".to_owned(),
    };
    let asked = questions(task, &model, options).unwrap();
    let evaluation = evaluate_questions(task, &asked, &model, None, options, &|_, _| {}).unwrap();
    let rows = sample_rows(task, &asked, &evaluation);
    let hashes = BTreeMap::from([(evaluation.task.clone(), task_hash(&rows))]);
    let facts = RunFacts {
        model: "models/my model",
        model_name: "stub",
        content_hash: Some("abc".to_owned()),
        max_length: 1024,
        model_facts: ModelFacts { num_parameters: Some(7), ..ModelFacts::default() },
        options,
        started: 1.5,
        seconds: 2.0,
        cache: None,
        version: "0",
    };
    let results = results_json(&facts, &[(task, &evaluation)], &[], &hashes);
    (rows, results)
}

/// Python 3.11, with lm-evaluation-harness's own `hash_string` and `json.dumps(doc, indent=2, ensure_ascii=False)`.
#[test]
fn rows_of_choices_are_the_harness_rows() {
    let record = r#"{"id": "é1", "question": {"stem": "2 + 2?", "choices": [{"text": "4", "label": "A"}, {"text": "44", "label": "B"}]}, "answerKey": "A"}"#;
    let (_folder, task) = load("arc_easy", record);
    let (rows, results) = written(&task, &EvalOptions::default());
    assert_eq!(rows.len(), 1);
    let row = rows[0].as_object().unwrap();
    let keys: Vec<&String> = row.keys().collect();
    assert_eq!(
        keys,
        [
            "doc_id",
            "doc",
            "target",
            "arguments",
            "resps",
            "filtered_resps",
            "filter",
            "metrics",
            "doc_hash",
            "prompt_hash",
            "target_hash",
            "acc",
            "acc_norm",
            "phi_bench"
        ]
    );
    assert_eq!(
        row["doc"].to_string(),
        r#"{"id":"é1","question":"2 + 2?","choices":{"text":["4","44"],"label":["A","B"]},"answerKey":"A"}"#
    );
    assert_eq!((&row["target"], &row["filter"]), (&"0".into(), &"none".into()));
    assert_eq!(row["resps"].to_string(), r#"[[["-2.0","False"]],[["-3.0","False"]]]"#);
    assert_eq!(row["filtered_resps"].to_string(), r#"[["-2.0","False"],["-3.0","False"]]"#);
    assert_eq!(row["arguments"]["gen_args_1"]["arg_1"], " 44");
    assert_eq!(row["doc_hash"], DOC_HASH);
    assert_eq!(row["prompt_hash"], PROMPT_HASH);
    assert_eq!(row["target_hash"], TARGET_HASH);
    assert_eq!(results["task_hashes"]["arc_easy"], TASK_HASH);
    assert_eq!(results["results"]["arc_easy"]["acc,none"], 1.0);
    assert_eq!(results["results"]["arc_easy"]["acc_stderr,none"], "N/A", "of one document, as in the harness");
    assert_eq!(results["model_name_sanitized"], "models__my model");
    assert_eq!(results["n-samples"]["arc_easy"]["original"], 1);
    assert_eq!(results["phi_bench"]["tasks"]["arc_easy"]["scores"][0]["interval_method"], "wilson");
    assert_eq!(results["configs"]["arc_easy"]["doc_to_choice"], "{{choices.text}}");
}

#[test]
fn rows_come_by_document_and_filter() {
    let record =
        "{\"question\": \"2 + 2?\", \"answer\": \"so\\n#### 4\"}\n{\"question\": \"1 + 1?\", \"answer\": \"#### 2\"}\n";
    let (_folder, task) = load("gsm8k", record);
    let options = EvalOptions { num_fewshot: Some(0), ..EvalOptions::default() };
    let (rows, results) = written(&task, &options);
    let seen: Vec<(u64, &str, f64)> = rows
        .iter()
        .map(|row| {
            (row["doc_id"].as_u64().unwrap(), row["filter"].as_str().unwrap(), row["exact_match"].as_f64().unwrap())
        })
        .collect();
    let expected = [
        (0, "strict-match", 1.0),
        (1, "strict-match", 0.0),
        (0, "flexible-extract", 1.0),
        (1, "flexible-extract", 0.0),
    ];
    assert_eq!(seen, expected);
    assert_eq!(rows[0]["filtered_resps"].to_string(), r#"["4"]"#);
    assert_eq!(rows[0]["arguments"]["gen_args_0"]["arg_1"]["do_sample"], false);
    assert_eq!(results["results"]["gsm8k"]["exact_match,strict-match"], 0.5);
    assert_eq!(results["higher_is_better"]["gsm8k"]["exact_match"], true);
    assert_eq!(results["n-shot"]["gsm8k"], 0);
}

#[test]
fn folders_are_called_as_the_harness_calls_them() {
    assert_eq!(sanitized_model_name("/models/phi:1*"), "__models__phi__1__");
}

const DOC_HASH: &str = "ab117c0e350582886d4340844888546c31f0ecad5866c58d915a21f91530a654";
const PROMPT_HASH: &str = "1ed91d6b99be8b40071624c4492cde13c37b936b369984d8cac308a443635828";
const TARGET_HASH: &str = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";
const TASK_HASH: &str = "fd2de566abafd3169b2c776ac828972979bef0b2dd0fecbe8a88596fd1731091";
