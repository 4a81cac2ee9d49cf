//! MBPP's splits, HumanEval+'s comparison rules, and limits that a task sets.

#![allow(clippy::unwrap_used)]

mod common;

use common::{data_root, writer};
use phi_sandbox::{Limits, Python, Sandbox, default_cache_dir};
use phi_suites::task::LimitsConfig;
use phi_suites::{EvalOptions, Grader, LimitedSandbox, LoadedTask, Program, Task, evaluate, verify};
use std::collections::BTreeMap;
use std::sync::OnceLock;

fn sandbox() -> LimitedSandbox<'static> {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let sandbox = SANDBOX.get_or_init(|| Sandbox::new(Python::Cpython, &default_cache_dir()).unwrap());
    LimitedSandbox { sandbox, limits: Limits::default() }
}

/// One question in HumanEval+'s fields.
fn question(signature: &str, body: &str, base: &str, plus: &str) -> (tempfile::TempDir, LoadedTask) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plus.jsonl");
    let entry_point = signature.split(['(', ' ']).nth(1).unwrap();
    let record = format!(
        "{{\"task_id\": \"Own/0\", \"prompt\": \"{signature}\\n\", \"entry_point\": \"{entry_point}\", \
         \"canonical_solution\": \"    {body}\\n\", \"base_input\": {base}, \"plus_input\": {plus}, \"atol\": 0}}\n"
    );
    std::fs::write(&file, record).unwrap();
    let task = Task::builtin("humaneval_plus").unwrap().load_file(&file).unwrap();
    (folder, task)
}

/// `pass@1` and `pass@1,base` of a completion.
fn passes(task: &LoadedTask, completion: &str) -> (bool, bool) {
    let options = EvalOptions::default();
    let model = writer(|_| completion.to_owned());
    let evaluation = evaluate(task, &model, Some(&sandbox()), &options, &|_, _| {}).unwrap();
    let metrics: &BTreeMap<String, f64> = &evaluation.samples[0].metrics;
    (metrics["pass@1"] == 1.0, metrics["pass@1,base"] == 1.0)
}

#[test]
fn plus_inputs_decide_and_base_inputs_are_reported_besides() {
    let (_folder, task) = question("def double(x):", "return 2 * x", "[[1]]", "[[100000000000000000000000], [null]]");
    // The reference fails on None; so does everything else.
    assert_eq!(passes(&task, "    return 2 * x"), (false, true));
    let (_folder, task) = question("def double(x):", "return 2 * x", "[[1]]", "[[100000000000000000000000]]");
    assert_eq!(passes(&task, "    return x + x"), (true, true));
    assert_eq!(passes(&task, "    return x * 2.0 if x > 1 else 2"), (false, true), "float isn't the integer");
    assert_eq!(passes(&task, "    return 2"), (false, true));
    assert_eq!(passes(&task, "    return 3"), (false, false));
    let verification = verify(&task, &sandbox(), 1, &|_, _| {}).unwrap();
    assert_eq!((verification.passed, verification.base_passed, verification.total), (1, Some(1), 1));
}

#[test]
fn floats_are_compared_with_evalplus_tolerance_once_a_float_is_expected() {
    let (_folder, task) = question("def half(x):", "return x / 2", "[[1]]", "[[3]]");
    assert_eq!(passes(&task, "    return x * 0.5 + 9e-7"), (true, true));
    assert_eq!(passes(&task, "    return x * 0.5 + 2e-6"), (false, false));
    let (_folder, task) =
        question("def same(x):", "return x", "[[0.5]]", "[[0.5], [[[1.0, 2], [100000000, 4]]], [true]]");
    assert_eq!(passes(&task, "    return [[1.0, 2], [100000001, 4]] if type(x) is list else x"), (true, true));
    assert_eq!(passes(&task, "    return [[1.0, 2], [3, 4]] if type(x) is list else x"), (false, true));
    assert_eq!(passes(&task, "    return tuple(x) if type(x) is list else x"), (false, true));
    assert_eq!(passes(&task, "    return 'text' if type(x) is list else x"), (false, true));
    // The plus inputs begin anew, and a nested list isn't one of floats.
    let (_folder, task) = question("def same(x):", "return x", "[[0.5]]", "[[[[1.0, 2], [100000000, 4]]]]");
    assert_eq!(passes(&task, "    return [[1.0, 2], [100000001, 4]] if type(x) is list else x"), (false, true));
}

#[test]
fn a_solution_that_changes_its_arguments_spoils_nothing() {
    let (_folder, task) = question("def total(xs):", "return sum(xs)", "[[[1, 2]]]", "[[[3]], [[4, 5]]]");
    assert_eq!(passes(&task, "    t = 0\n    while xs: t += xs.pop()\n    return t"), (true, true));
    assert_eq!(passes(&task, "    xs.clear()\n    return 0"), (false, false));
}

/// That all other references pass is a matter of `fidelity.rs`.
#[test]
fn mbpp_has_its_splits_and_two_references_that_no_python_runs() {
    let Some(root) = data_root("mbpp_has_its_splits_and_two_references_that_no_python_runs") else { return };
    for (name, test, all, wrong) in [("mbpp", 500, 974, 2), ("mbpp_sanitized", 257, 427, 0)] {
        let task = Task::builtin(name).unwrap();
        assert_eq!(task.load(&root).unwrap().len(), test, "{name}");
        let every = task.load_every_split(&root).unwrap();
        assert_eq!(every.len(), all, "{name}");
        let wrong_references = &task.config().phi_bench.wrong_references;
        assert_eq!(wrong_references.len(), wrong, "{name}");
        for question in every.questions(Some(0), None).unwrap() {
            if wrong_references.contains_key(&question.key) {
                let solution = every.program(question.doc_id, &every.reference(question.doc_id).unwrap()).unwrap();
                let grade = sandbox().grade(&Program { solution, test: question.target });
                assert_eq!(grade.detail, "NameError: name 'Node' is not defined", "{}", question.key);
            }
        }
    }
}

#[test]
fn a_task_sets_limits_and_a_run_overrides_them() {
    let yaml = include_str!("../tasks/code_exercises.yaml");
    let yaml = format!("{yaml}  limits: {{fuel: 1000000, memory_mb: 64}}\n");
    let limits = Task::from_yaml("own.yaml", &yaml).unwrap().limits();
    assert_eq!((limits.fuel, limits.memory_bytes), (1_000_000, 64 << 20));
    assert_eq!(limits.output_bytes, Limits::default().output_bytes);
    let run = LimitsConfig { fuel: Some(7), print_kb: Some(2048), ..LimitsConfig::default() };
    assert_eq!(run.over(limits), Limits { fuel: 7, output_bytes: 2 << 20, ..limits });

    let (_folder, task) = question("def spin(x):", "return sum(range(x))", "[[10000000]]", "[]");
    let little =
        LimitedSandbox { limits: LimitsConfig { fuel: Some(100_000_000), ..run }.over(Limits::default()), ..sandbox() };
    let verdict =
        |limited: &LimitedSandbox<'_>| verify(&task, limited, 1, &|_, _| {}).unwrap().rows[0].grade.verdict.clone();
    assert_eq!(verdict(&little), "fuel_exhausted");
    assert_eq!(verdict(&sandbox()), "passed");
}
