//! Exercises against the real sandbox.

use phi_corpus::{Checked, Exercise, check_exercise, check_exercises, generate_checked, generate_exercises};
use phi_sandbox::{Python, Sandbox, default_cache_dir};

fn sandbox() -> Sandbox {
    Sandbox::new(Python::Cpython, &default_cache_dir()).unwrap()
}

#[test]
fn solutions_pass_their_tests_and_trivial_answers_do_not() {
    let set = generate_exercises(5, 300, 100);
    let (kept, report) = check_exercises(&set, &sandbox(), 2, &|_| {}).unwrap();
    assert_eq!(report.rejected_solution, 0, "{:?}", report.by_concept);
    assert!(report.rejected_weak_tests <= 4, "{:?}", report.by_concept);
    assert_eq!(kept.train.len() + kept.heldout.len(), report.kept);
}

#[test]
fn checked_generation_is_full_and_does_not_depend_on_the_number_of_threads() {
    let judge = sandbox();
    let one = generate_checked(2, 60, 20, &judge, 1, &|_| {}).unwrap();
    let three = generate_checked(2, 60, 20, &judge, 3, &|_| {}).unwrap();
    assert_eq!(one, three);
    assert_eq!((one.0.train.len(), one.0.heldout.len()), (60, 20));
}

fn exercise(body: &str, test: &str) -> Exercise {
    Exercise {
        task_id: "t".into(),
        concept: "c".into(),
        difficulty: 1,
        prompt: "def f(x):\n    \"\"\"Return x plus 7.\n    \"\"\"\n".into(),
        entry_point: "f".into(),
        canonical_solution: body.into(),
        test: test.into(),
    }
}

#[test]
fn bad_solutions_and_weak_tests_are_told_apart() {
    let judge = sandbox();
    let good = "def check(candidate):\n    assert candidate(1) == 8\n    assert candidate(2) == 9\n";
    let check = |body: &str, test: &str| check_exercise(&exercise(body, test), &judge).unwrap();
    assert_eq!(check("    return x + 7\n", good), Checked::Kept);
    assert!(matches!(check("    return x + 6\n", good), Checked::BadSolution(_)));
    let none = "def check(candidate):\n    candidate(1)\n";
    assert_eq!(check("    return x + 7\n", none), Checked::WeakTests("returns None".into()));
    let loose = "def check(candidate):\n    assert candidate(1) > 3\n";
    assert_eq!(check("    return x + 7\n", loose), Checked::WeakTests("has a constant off by one".into()));
}
