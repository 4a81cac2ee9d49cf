//! Requests, filters and scores equal lm-evaluation-harness's own, where the reference data are at hand.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Stub, data_root, oracle, writer};
use phi_suites::task::OutputType;
use phi_suites::{EvalOptions, Request, Task, evaluate, request_digest};
use std::cell::RefCell;

#[test]
fn requests_have_the_harness_digests() {
    let test = "requests_have_the_harness_digests";
    let Some(root) = data_root(test) else { return };
    let Some(oracle) = oracle(test, "lm-eval/request_digests.json") else { return };
    for (task, shots) in
        [("arc_easy", 0), ("arc_easy", 5), ("arc_easy", 25), ("gsm8k", 0), ("gsm8k", 5), ("humaneval", 0), ("mbpp", 3)]
    {
        let requests = Task::builtin(task).unwrap().load(&root).unwrap().requests(Some(shots), None).unwrap();
        let expected = &oracle["settings"][format!("{task}.{shots}shot")];
        assert_eq!(requests.len() as u64, expected["requests"].as_u64().unwrap(), "{task} {shots}");
        assert_eq!(request_digest(&requests), expected["sha256"].as_str().unwrap(), "{task} {shots}");
    }
}

#[test]
fn a_limit_gives_the_first_requests_unchanged() {
    let Some(root) = data_root("a_limit_gives_the_first_requests_unchanged") else { return };
    let task = Task::builtin("gsm8k").unwrap().load(&root).unwrap();
    let all = task.requests(None, None).unwrap();
    assert_eq!(task.requests(None, Some(7)).unwrap(), all[..7]);
}

#[test]
fn multiple_choice_scores_equal_the_harness() {
    let test = "multiple_choice_scores_equal_the_harness";
    let Some(root) = data_root(test) else { return };
    for shots in [0, 5] {
        let Some(all) = oracle(test, &format!("lm-eval/all/arc_easy.{shots}shot.json.gz")) else { return };
        let Some(run) = oracle(test, &format!("lm-eval/arc_easy.{shots}shot.json")) else { return };
        let mut sums: Vec<f64> = Vec::new();
        for document in all["loglikelihood"].as_array().unwrap() {
            sums.extend(document.as_array().unwrap().iter().map(|sum| sum.as_f64().unwrap()));
        }
        let rest = RefCell::new(sums.into_iter());
        let model = Stub {
            max_length: 1024,
            likelihood: |_: &_| rest.borrow_mut().next().unwrap(),
            completion: |_: &_| String::new(),
        };
        let task = Task::builtin("arc_easy").unwrap().load(&root).unwrap();
        let options = EvalOptions { num_fewshot: Some(shots), ..EvalOptions::default() };
        let evaluation = evaluate(&task, &model, None, &options, &|_, _| {}).unwrap();
        for metric in ["acc", "acc_norm"] {
            let score = evaluation.scores.iter().find(|score| score.metric == metric).unwrap();
            let expected = |key: String| run["results"][key].as_f64().unwrap();
            assert!((score.value - expected(format!("{metric},none"))).abs() < 1e-9, "{metric}");
            assert!((score.stderr - expected(format!("{metric}_stderr,none"))).abs() < 1e-9, "{metric}");
            let decisions: String =
                evaluation.samples.iter().map(|sample| if sample.metrics[metric] == 1.0 { '1' } else { '0' }).collect();
            assert_eq!(decisions, run["by_document"][metric].as_str().unwrap(), "{metric}");
        }
    }
}

#[test]
fn gsm8k_outputs_score_as_in_the_harness() {
    let test = "gsm8k_outputs_score_as_in_the_harness";
    let Some(root) = data_root(test) else { return };
    let Some(run) = oracle(test, "lm-eval/gsm8k.5shot.json") else { return };
    let samples = run["samples"].as_array().unwrap();
    let task = Task::builtin("gsm8k").unwrap().load(&root).unwrap();
    let model = writer(|prompt| {
        let sample = samples.iter().find(|sample| sample["prompt"] == prompt.text.as_str()).unwrap();
        sample["output"].as_str().unwrap().to_owned()
    });
    let options = EvalOptions { limit: Some(samples.len()), ..EvalOptions::default() };
    let evaluation = evaluate(&task, &model, None, &options, &|_, _| {}).unwrap();
    for (ours, theirs) in evaluation.samples.iter().zip(samples) {
        for filter in ["strict-match", "flexible-extract"] {
            let score = theirs["scores"][filter]["exact_match"].as_f64().unwrap();
            assert_eq!(ours.metrics[&format!("exact_match,{filter}")], score, "{} {filter}", ours.key);
        }
        for filter in task.task().filters() {
            assert_eq!(filter.apply(&ours.responses[0].text), theirs["filtered"][filter.name()].as_str().unwrap());
        }
    }
}

#[test]
fn made_up_answers_are_read_as_the_harness_reads_them() {
    let Some(oracle) = oracle("made_up_answers_are_read_as_the_harness_reads_them", "gsm8k_filters.json") else {
        return;
    };
    let task = Task::builtin("gsm8k").unwrap();
    let rows = oracle["rows"].as_array().unwrap();
    assert!(rows.len() >= 20);
    for row in rows {
        for filter in task.filters() {
            let expected = &row[filter.name()];
            let answer = filter.apply(row["response"].as_str().unwrap());
            assert_eq!(answer, expected["prediction"].as_str().unwrap(), "{row}");
            let right = task.exact_match().unwrap().matches(&answer, "She has 2 * 9 = 18.\n#### 18");
            assert_eq!(u64::from(right), expected["exact_match"].as_u64().unwrap(), "{row}");
        }
    }
}

#[test]
fn known_answers_are_read_without_any_reference_files() {
    let task = Task::builtin("gsm8k").unwrap();
    let [strict, flexible] = task.filters() else { panic!("two filters") };
    for (response, strict_answer, strict_right, flexible_right) in [
        ("#### 18", "18", true, true),
        ("#### 18.", "18.", true, true),
        ("#### $18", "[invalid]", false, true),
        ("#### 1,8", "1,8", true, true),
        ("#### 18.00", "18.00", false, false),
        ("####18", "[invalid]", false, true),
        ("20 then 18", "[invalid]", false, true),
        ("#### 18 dollars\n#### 19", "18", true, false),
    ] {
        let right = |answer: &str| task.exact_match().unwrap().matches(answer, "so 18\n#### 18");
        assert_eq!(strict.apply(response), strict_answer);
        assert_eq!(right(&strict.apply(response)), strict_right, "{response}");
        assert_eq!(right(&flexible.apply(response)), flexible_right, "{response}");
    }
}

#[test]
fn every_builtin_task_describes_itself() {
    for task in Task::all() {
        let summary = task.summary();
        assert_eq!(summary.name, task.name());
        assert!(!summary.licence.is_empty() && !summary.metrics.is_empty());
        assert!(summary.how_to_get.contains("PHI_BENCH_DATA") || summary.how_to_get.contains("by path"));
        assert_eq!(task.generation().is_some(), summary.output_type == OutputType::GenerateUntil);
    }
}

#[test]
fn requests_are_written_as_python_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gsm8k.jsonl");
    std::fs::write(&file, "{\"question\": \"caf\\u00e9?\", \"answer\": \"#### 1\"}\n").unwrap();
    let requests = Task::builtin("gsm8k").unwrap().load_file(&file).unwrap().requests(Some(0), None).unwrap();
    assert!(matches!(&requests[0], Request::Generate { prompt, .. } if prompt == "Question: café?\nAnswer:"));
    // Python 3.11: hashlib.sha256(json.dumps([["Question: café?\nAnswer:", {"until": ["Question:", "</s>",
    // "<|im_end|>"], "do_sample": False, "temperature": 0.0}]], sort_keys=True).encode()).hexdigest()
    assert_eq!(request_digest(&requests), "c5cedd080fb0d73f29077570721137ae6d22bd83fa0f4734fd160b6924bd76de");
}
