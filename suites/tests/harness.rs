//! Requests, filters and scores equal lm-evaluation-harness's own, where the reference data are at hand.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Replay, data_root, oracle, task_and_shots, writer};
use phi_suites::task::OutputType;
use phi_suites::{EvalOptions, Request, Sample, Task, evaluate, request_digest};

/// Every setting that the reference has a digest for, MMLU's 57 subjects among them.
#[test]
fn requests_have_the_harness_digests() {
    let test = "requests_have_the_harness_digests";
    let Some(root) = data_root(test) else { return };
    let Some(oracle) = oracle(test, "lm-eval/request_digests.json") else { return };
    let settings = oracle["settings"].as_object().unwrap();
    assert!(settings.len() >= 82);
    for (setting, expected) in settings {
        let (task, shots) = task_and_shots(setting);
        let requests = Task::builtin(task).unwrap().load(&root).unwrap().requests(Some(shots), None).unwrap();
        assert_eq!(requests.len() as u64, expected["requests"].as_u64().unwrap(), "{setting}");
        assert_eq!(request_digest(&requests), expected["sha256"].as_str().unwrap(), "{setting}");
    }
}

#[test]
fn a_limit_gives_the_first_requests_unchanged() {
    let Some(root) = data_root("a_limit_gives_the_first_requests_unchanged") else { return };
    let task = Task::builtin("gsm8k").unwrap().load(&root).unwrap();
    let all = task.requests(None, None).unwrap();
    assert_eq!(task.requests(None, Some(7)).unwrap(), all[..7]);
}

/// The reference's runs by log-likelihood: the whole split, but for lambada_openai's 500 documents.
const LOG_LIKELIHOOD_RUNS: &[&str] = &[
    "arc_challenge.0shot",
    "arc_challenge.5shot",
    "arc_easy.0shot",
    "arc_easy.5shot",
    "boolq.0shot",
    "commonsense_qa.0shot",
    "lambada_openai.0shot",
    "mmlu_abstract_algebra.5shot",
    "mmlu_high_school_us_history.5shot",
    "openbookqa.0shot",
    "openbookqa.5shot",
    "piqa.0shot",
    "social_iqa.0shot",
    "truthfulqa_mc1.0shot",
    "truthfulqa_mc2.0shot",
    "winogrande.0shot",
];

#[test]
fn log_likelihoods_score_as_in_the_harness() {
    let test = "log_likelihoods_score_as_in_the_harness";
    let Some(root) = data_root(test) else { return };
    for setting in LOG_LIKELIHOOD_RUNS {
        let Some(all) = oracle(test, &format!("lm-eval/all/{setting}.json.gz")) else { return };
        let Some(run) = oracle(test, &format!("lm-eval/{setting}.json")) else { return };
        let (task, shots) = task_and_shots(setting);
        let task = Task::builtin(task).unwrap().load(&root).unwrap();
        let limit = run["docs_evaluated"].as_u64().map(|docs| docs as usize);
        let options = EvalOptions { num_fewshot: Some(shots), limit, ..EvalOptions::default() };
        let evaluation = evaluate(&task, &Replay::new(&all), None, &options, &|_, _| {}).unwrap();
        let expected: Vec<_> = run["results"].as_object().unwrap().iter().collect();
        assert_eq!(evaluation.scores.len() * 2, expected.len(), "{setting}");
        for score in &evaluation.scores {
            let expected = |key: String| run["results"][key].as_f64().unwrap();
            let (value, stderr) =
                (expected(format!("{},none", score.metric)), expected(format!("{}_stderr,none", score.metric)));
            // A perplexity is of any size, so its tolerance is relative; the shares that count are exact.
            let tolerance = if score.metric == "perplexity" { 1e-9 * value } else { 1e-9 };
            assert!((score.value - value).abs() < tolerance, "{setting}: {score:?}, not {value}");
            assert!((score.stderr - stderr).abs() < tolerance, "{setting}: {score:?}, not {stderr}");
            if let Some(decisions) = run["by_document"][&score.metric].as_str() {
                let own = |sample: &Sample| if sample.metrics[&score.metric] == 1.0 { '1' } else { '0' };
                assert_eq!(evaluation.samples.iter().map(own).collect::<String>(), decisions, "{setting}");
            }
        }
    }
}

/// The first documents in full: what is asked, and which answer is right.
#[test]
fn questions_read_as_in_the_harness() {
    let test = "questions_read_as_in_the_harness";
    let Some(root) = data_root(test) else { return };
    for setting in LOG_LIKELIHOOD_RUNS {
        let Some(run) = oracle(test, &format!("lm-eval/{setting}.json")) else { return };
        let (task, shots) = task_and_shots(setting);
        let samples = run["samples"].as_array().unwrap();
        let loaded = Task::builtin(task).unwrap().load(&root).unwrap();
        let questions = loaded.questions(Some(shots), Some(samples.len())).unwrap();
        for (question, sample) in questions.iter().zip(samples) {
            let gold = match &question.labels {
                Some(labels) => labels.iter().map(|&label| u8::from(label)).collect(),
                None if question.choices.is_empty() => serde_json::Value::from(question.target.as_str()),
                None => question.gold.into(),
            };
            assert_eq!(gold, sample["gold"], "{setting} {}", question.key);
            let prompts = sample["prompts"].as_array();
            for (i, request) in question.requests.iter().enumerate() {
                let prompt = prompts.map_or(&sample["prompt"], |prompts| &prompts[i]);
                assert_eq!(request.to_json(), serde_json::json!([prompt, sample["continuations"][i]]), "{setting}");
            }
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
