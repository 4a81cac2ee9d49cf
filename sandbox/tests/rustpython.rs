//! The rustpython guest gives the same verdicts, as far as its interpreter goes.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{limits, sandbox};
use phi_sandbox::{Outcome, Python, Verdict};

fn run(program: &str) -> Outcome {
    sandbox(Python::Rustpython).run(program, &limits())
}

fn grade(solution: &str, test: &str) -> Outcome {
    sandbox(Python::Rustpython).grade(solution, test, &limits())
}

#[test]
fn rustpython_gives_each_verdict() {
    for (program, verdict) in [
        ("x = [i * i for i in range(10)]\nassert sum(x) == 285", "passed"),
        ("assert 1 == 2", "failed"),
        ("x = (1 +", "syntax_error"),
        ("while True: pass", "fuel_exhausted"),
        ("import time\ntime.sleep(1e6)", "fuel_exhausted"),
        ("import sys\nsys.exit(0)", "exited"),
        ("import os\nos._exit(0)", "exited"),
        ("while True: print('spam' * 1000)", "output_limit"),
        ("import numpy", "unsupported"),
        ("open('x')", "failed"),
    ] {
        let outcome = run(program);
        assert_eq!(outcome.verdict.name(), verdict, "{program}: {:?}", outcome.verdict);
    }
}

#[test]
fn rustpython_runs_a_test_after_a_solution() {
    let outcome = grade("def add(x, y):\n    print('hi')\n    return x + y\n", "assert add(2, 3) == 5");
    assert_eq!((outcome.verdict, outcome.stdout.as_str()), (Verdict::Passed, "hi\n"));
    assert_eq!(grade("def add(x, y):\n    return 0\n", "assert add(2, 3) == 5").verdict.name(), "failed");
}

#[test]
fn rustpython_catches_an_always_equal_answer() {
    let outcome = grade("class A:\n    def __eq__(self, o): return True\ndef f(): return A()\n", "assert f() == 5");
    assert!(outcome.verdict.detail().contains("claims to equal everything"), "{:?}", outcome.verdict);
}

#[test]
fn rustpython_imports_the_modules_that_solutions_use() {
    let modules = "math cmath random re string collections itertools functools heapq bisect copy operator typing datetime decimal \
        fractions statistics hashlib json dataclasses enum array textwrap abc io time os sys unittest";
    for module in modules.split_whitespace() {
        let outcome = run(&format!("import {module}"));
        assert_eq!(outcome.verdict, Verdict::Passed, "{module}");
    }
}

#[test]
fn rustpython_is_deterministic() {
    let program = "import random, time\nprint(random.random(), time.time(), hash('x'))";
    let (first, second) = (run(program), run(program));
    assert_eq!(first.verdict, Verdict::Passed);
    assert_eq!((first.stdout, first.fuel_used), (second.stdout, second.fuel_used));
}
