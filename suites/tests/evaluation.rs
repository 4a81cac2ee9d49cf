//! What an evaluation does with a model's answers, with data of its own.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Stub, WordGrader, data_root, writer};
use phi_suites::{
    Completion, EvalOptions, LanguageModel, LoadedTask, LogLikelihood, ModelError, Pair, Prompt, Sampled, Sampling,
    SuiteError, Task, evaluate, verify,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn exercises(count: usize) -> (tempfile::TempDir, LoadedTask) {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..count)
        .map(|i| {
            serde_json::json!({
                "task_id": format!("exercise/{i}"),
                "prompt": format!("def f{i}():\n    \"\"\"Return {i}.\"\"\"\n"),
                "entry_point": format!("f{i}"),
                "canonical_solution": "    return 'right'",
                "test": "def check(candidate):\n    pass",
                "concept": format!("concept {}", i / 3),
                "difficulty": 1 + i % 2,
            })
            .to_string()
        })
        .collect();
    let path = folder.path().join("exercises.jsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    let task = Task::builtin("code_exercises").unwrap().load_file(&path).unwrap();
    (folder, task)
}

fn options(n_samples: usize) -> EvalOptions {
    let sampled = Sampled { n_samples, ks: vec![1, 5], ..Sampled::default() };
    EvalOptions { sampled: (n_samples > 0).then_some(sampled), ..EvalOptions::default() }
}

#[test]
fn greedy_programs_give_pass_at_1_with_concepts_as_clusters() {
    let (_folder, task) = exercises(6);
    let model =
        writer(|prompt| if prompt.text.contains("f1(") { "    return 1" } else { "    return 'right'" }.to_owned());
    let evaluation = evaluate(&task, &model, Some(&WordGrader), &options(0), &|_, _| {}).unwrap();
    assert_eq!(evaluation.scores.len(), 1);
    let score = &evaluation.scores[0];
    assert_eq!((score.metric.as_str(), score.n, score.clusters), ("pass@1", 6, 2));
    assert!((score.value - 5.0 / 6.0).abs() < 1e-12);
    let sample = &evaluation.samples[1];
    assert_eq!((sample.group.as_str(), sample.cluster.as_str()), ("level 2", "concept 0"));
    assert_eq!(sample.responses[0].verdict.as_deref(), Some("failed"));
    assert_eq!(task.program(1, "    return 1").unwrap(), "def f1():\n    \"\"\"Return 1.\"\"\"\n    return 1\n");
    assert_eq!(sample.target, "def check(candidate):\n    pass\ncheck(f1)");
}

#[test]
fn sampled_programs_have_seeds_of_their_own_that_nothing_else_changes() {
    let (_folder, task) = exercises(4);
    let seeds = |options: &EvalOptions| {
        let seen = RefCell::new(Vec::new());
        let model = writer(|prompt| {
            if let Sampling::Nucleus { seed, .. } = prompt.sampling {
                seen.borrow_mut().push(seed);
            }
            "right".to_owned()
        });
        evaluate(&task, &model, Some(&WordGrader), options, &|_, _| {}).unwrap();
        seen.into_inner()
    };
    let all = seeds(&options(5));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 20);
    assert_eq!(seeds(&EvalOptions { requests_per_call: 3, ..options(5) }), all);
    assert_eq!(seeds(&EvalOptions { limit: Some(2), ..options(5) }), all[..10]);
    assert_ne!(seeds(&EvalOptions { seed: 1, ..options(5) }), all);
}

#[test]
fn sampled_programs_give_the_unbiased_pass_at_k_beside_the_greedy_one() {
    let (_folder, task) = exercises(2);
    let turn = Cell::new(0);
    let model = writer(|prompt| match prompt.sampling {
        Sampling::Greedy => "wrong".to_owned(),
        Sampling::Nucleus { .. } => {
            turn.set(turn.get() + 1);
            if turn.get() % 10 == 1 { "right".to_owned() } else { format!("wrong {}", turn.get()) }
        }
    });
    let evaluation = evaluate(&task, &model, Some(&WordGrader), &options(10), &|_, _| {}).unwrap();
    let values: Vec<(&str, f64)> = evaluation.scores.iter().map(|score| (score.metric.as_str(), score.value)).collect();
    let [("pass@1", greedy), ("pass@1,sampled", one), ("pass@5,sampled", five)] = values[..] else {
        panic!("{values:?}")
    };
    assert_eq!(greedy, 0.0);
    assert!((one - 0.1).abs() < 1e-12 && (five - 0.5).abs() < 1e-12, "{one} {five}");
    assert_eq!(evaluation.samples[0].responses.len(), 11);
}

#[test]
fn a_fault_of_the_sandbox_is_reported_and_never_scored() {
    let (_folder, task) = exercises(5);
    let model = writer(|prompt| if prompt.text.contains("f2(") { "fault" } else { "right" }.to_owned());
    let evaluation = evaluate(&task, &model, Some(&WordGrader), &options(0), &|_, _| {}).unwrap();
    assert_eq!((evaluation.scores[0].value, evaluation.scores[0].n), (1.0, 4));
    assert_eq!(evaluation.faults.len(), 1);
    assert_eq!(evaluation.faults[0].key, "exercise/2");
    assert!(evaluation.samples[2].metrics.is_empty());
}

#[test]
fn threads_and_batches_change_nothing() {
    let (_folder, task) = exercises(20);
    let model = writer(|prompt| if prompt.text.len() % 3 == 0 { "wrong" } else { "right" }.to_owned());
    let run = |threads, requests_per_call| {
        let options = EvalOptions { threads, requests_per_call, ..options(3) };
        evaluate(&task, &model, Some(&WordGrader), &options, &|_, _| {}).unwrap()
    };
    let one = run(1, 1);
    assert_eq!(run(4, 7), one);
    assert_eq!(run(2, 1000), one);
}

#[test]
fn progress_never_goes_back_and_ends_at_the_total() {
    let (_folder, task) = exercises(9);
    let seen = RefCell::new(Vec::new());
    let model = writer(|_| "right".to_owned());
    let options = EvalOptions { requests_per_call: 2, ..options(2) };
    evaluate(&task, &model, Some(&WordGrader), &options, &|done, total| seen.borrow_mut().push((done, total))).unwrap();
    let seen = seen.into_inner();
    assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1));
    assert_eq!(seen.last(), Some(&(54, 54)));
}

#[test]
fn equal_programs_run_once() {
    struct Counting(std::sync::atomic::AtomicUsize);
    impl phi_suites::Grader for Counting {
        fn grade(&self, program: &phi_suites::Program) -> phi_suites::Grade {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            WordGrader.grade(program)
        }
    }
    let (_folder, task) = exercises(3);
    let grader = Counting(0.into());
    evaluate(&task, &writer(|_| "right".to_owned()), Some(&grader), &options(8), &|_, _| {}).unwrap();
    assert_eq!(grader.0.into_inner(), 3);
}

#[test]
fn what_does_not_fit_is_counted() {
    let (_folder, task) = exercises(3);
    let allowed = Cell::new(0);
    let model = Stub {
        max_length: 100,
        likelihood: |_: &Pair| 0.0,
        completion: |prompt: &Prompt| {
            allowed.set(prompt.max_tokens);
            "right".to_owned()
        },
    };
    let evaluation = evaluate(&task, &model, Some(&WordGrader), &options(0), &|_, _| {}).unwrap();
    assert_eq!((allowed.get(), evaluation.capped_max_tokens), (50, Some(50)));
    let options = EvalOptions { max_tokens: Some(20), ..options(0) };
    let evaluation =
        evaluate(&task, &Stub { max_length: 8, ..model }, Some(&WordGrader), &options, &|_, _| {}).unwrap();
    assert_eq!((allowed.get(), evaluation.truncated_requests), (4, 3));
}

#[test]
fn code_is_refused_without_a_sandbox() {
    let (_folder, task) = exercises(1);
    let error = evaluate(&task, &writer(|_| String::new()), None, &options(0), &|_, _| {}).unwrap_err();
    assert!(matches!(error, SuiteError::NoSandbox { .. }), "{error}");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let (_folder, task) = exercises(1);
    let sampled = |sampled: Sampled| EvalOptions { sampled: Some(sampled), ..EvalOptions::default() };
    for (options, option) in [
        (EvalOptions { limit: Some(0), ..EvalOptions::default() }, "limit"),
        (EvalOptions { max_tokens: Some(0), ..EvalOptions::default() }, "max_tokens"),
        (sampled(Sampled { n_samples: 0, ..Sampled::default() }), "n_samples"),
        (sampled(Sampled { temperature: 0.0, ..Sampled::default() }), "temperature"),
        (sampled(Sampled { top_p: 1.5, ..Sampled::default() }), "top_p"),
    ] {
        let error = evaluate(&task, &writer(|_| String::new()), Some(&WordGrader), &options, &|_, _| {}).unwrap_err();
        assert!(matches!(error, SuiteError::Options { option: named, .. } if named == option), "{error}");
    }
}

#[test]
fn an_interrupted_model_ends_the_evaluation_as_interrupted() {
    struct Interrupted;
    impl LanguageModel for Interrupted {
        fn name(&self) -> &str {
            "interrupted"
        }
        fn max_length(&self) -> usize {
            10
        }
        fn loglikelihood(&self, _: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
            Err(ModelError::Interrupted)
        }
        fn loglikelihood_rolling(&self, _: &[String]) -> Result<Vec<f64>, ModelError> {
            Err(ModelError::Interrupted)
        }
        fn generate(&self, _: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
            Err(ModelError::Interrupted)
        }
    }
    let (_folder, task) = exercises(1);
    let error = evaluate(&task, &Interrupted, Some(&WordGrader), &options(0), &|_, _| {}).unwrap_err();
    assert!(error.is_interrupted());
}

#[test]
fn the_references_of_exercises_are_verified() {
    let (_folder, task) = exercises(7);
    let verification = verify(&task, &WordGrader, 2, &|_, _| {}).unwrap();
    assert!(verification.all_passed());
    assert_eq!((verification.passed, verification.total, verification.failures().count()), (7, 7, 0));
}

/// Every reference solution of HumanEval passes in the real sandbox.
#[test]
fn humaneval_references_pass_in_the_sandbox() {
    let Some(root) = data_root("humaneval_references_pass_in_the_sandbox") else { return };
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let sandbox = phi_sandbox::Sandbox::new(phi_sandbox::Python::Cpython, &cache.join("phi-suites-sandbox")).unwrap();
    let task = Task::builtin("humaneval").unwrap().load(&root).unwrap();
    let verification = verify(&task, &sandbox, 2, &|_, _| {}).unwrap();
    let failures: Vec<_> = verification.failures().map(|row| (&row.key, &row.grade.detail)).collect();
    assert_eq!((verification.passed, verification.total), (164, 164), "{failures:?}");
}
