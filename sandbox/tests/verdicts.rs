//! Each verdict, by a program that earns it.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{grade, limits, run, sandbox};
use phi_sandbox::{FUEL_PER_SECOND, Limits, Outcome, Python, Verdict};

const ADD: &str = "def add(x, y):\n    return x + y\n";
const TEST: &str =
    "def check(candidate):\n    assert candidate(2, 3) == 5\n    assert candidate(-1, 1) == 0\ncheck(add)\n";

#[test]
fn a_right_answer_passes() {
    let outcome = grade(ADD, TEST);
    assert_eq!(outcome.verdict, Verdict::Passed);
    assert!(outcome.fuel_used > 0 && outcome.peak_memory_bytes > 0 && outcome.wall_ms > 0.0);
}

#[test]
fn a_wrong_answer_fails_with_a_traceback_of_its_own_lines() {
    let outcome = grade("def add(x, y):\n    return x - y\n", TEST);
    let Verdict::Failed { exception, traceback, .. } = outcome.verdict else { panic!("{:?}", outcome.verdict) };
    assert_eq!(exception, "AssertionError");
    assert!(traceback.contains("File \"<test>\", line 2, in check"), "{traceback}");
    assert!(traceback.contains("assert candidate(2, 3) == 5"), "{traceback}");
    assert!(!traceback.contains("sandbox"), "{traceback}");
}

#[test]
fn what_is_not_python_is_a_syntax_error() {
    let Verdict::SyntaxError { message } = run("x = 1\ndef f(:\n").verdict else { panic!("no syntax error") };
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn a_syntax_error_at_run_time_is_a_failure() {
    assert_eq!(run("eval('1 +')").verdict.name(), "failed");
}

#[test]
fn an_endless_loop_uses_up_its_fuel() {
    assert_eq!(run("while True:\n    pass\n").verdict, Verdict::FuelExhausted);
    assert_eq!(
        run("while True:\n    try:\n        while True: pass\n    except BaseException: pass\n").verdict,
        Verdict::FuelExhausted
    );
    assert_eq!(run("import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')").verdict, Verdict::FuelExhausted);
    assert_eq!(run("x = 10 ** 10 ** 9").verdict.name(), "fuel_exhausted");
}

#[test]
fn sleeping_costs_fuel_and_no_time() {
    let limits = Limits { fuel: 3 * FUEL_PER_SECOND, ..limits() };
    let long = sandbox(Python::Cpython).run("import time\ntime.sleep(4)", &limits);
    assert_eq!(long.verdict, Verdict::FuelExhausted);
    let short = sandbox(Python::Cpython)
        .run("import time\na = time.time()\ntime.sleep(2)\nassert 2 <= time.time() - a < 2.1", &limits);
    assert_eq!(short.verdict, Verdict::Passed);
    assert!(short.fuel_used >= 2 * FUEL_PER_SECOND);
}

#[test]
fn memory_bombs_run_out_of_memory() {
    assert_eq!(run("a = [0] * 10 ** 9").verdict, Verdict::OutOfMemory);
    assert_eq!(run("a = 'a' * 10 ** 10").verdict, Verdict::OutOfMemory);
    assert_eq!(run("a = []\nwhile True:\n    a.append('x' * 1_000_000)").verdict, Verdict::OutOfMemory);
}

#[test]
fn a_caught_memory_error_is_no_verdict() {
    assert_eq!(
        run("try:\n    a = [0] * 10 ** 9\nexcept MemoryError:\n    a = []\nassert a == []").verdict,
        Verdict::Passed
    );
}

#[test]
fn deep_recursion_is_a_recursion_error() {
    let Verdict::Failed { exception, .. } = run("def f(n):\n    return f(n + 1)\nf(0)").verdict else {
        panic!("it passed")
    };
    assert_eq!(exception, "RecursionError");
    assert_eq!(run("def f(n):\n    return 0 if n == 0 else f(n - 1)\nf(990)").verdict, Verdict::Passed);
}

#[test]
fn recursion_inside_the_interpreter_stays_within_its_stack() {
    for program in [
        "a = []\nfor _ in range(100_000):\n    a = [a]\nrepr(a)",
        "eval('(' * 100_000 + ')' * 100_000)",
        "eval('-' * 100_000 + '1')",
        "class A:\n    def __repr__(self): return repr(self)\nrepr(A())",
        "class A:\n    def __eq__(self, o): return [self] == [o]\nA() == A()",
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): return sorted([1], key=lambda _: f())\nf()",
    ] {
        let name = run(program).verdict.name();
        assert!(
            ["failed", "stack_overflow", "out_of_memory", "fuel_exhausted", "syntax_error"].contains(&name),
            "{name}: {program}"
        );
    }
}

#[test]
fn exiting_does_not_pass() {
    for exit in [
        "import sys\nsys.exit(0)",
        "import os\nos._exit(0)",
        "raise SystemExit(0)",
        "raise SystemExit",
        "exit()",
        "quit(0)",
    ] {
        assert_eq!(run(exit).verdict, Verdict::Exited { code: 0 }, "{exit}");
        let answer = format!("def add(x, y):\n    {}\n", exit.replace('\n', "\n    "));
        assert_eq!(grade(&answer, TEST).verdict, Verdict::Exited { code: 0 }, "{answer}");
    }
    assert_eq!(run("import sys\nsys.exit(7)").verdict, Verdict::Exited { code: 7 });
    assert_eq!(run("import sys\nsys.exit('words')").verdict, Verdict::Exited { code: 1 });
    assert_eq!(run("import os\nos.abort()").verdict, Verdict::Exited { code: 134 });
}

#[test]
fn a_flood_of_output_is_stopped_even_if_the_program_catches_everything() {
    assert_eq!(run("print('a' * 10_000_000)").verdict, Verdict::OutputLimit);
    let outcome = run("while True:\n    try:\n        print('spam')\n    except BaseException:\n        pass\n");
    assert_eq!(outcome.verdict, Verdict::OutputLimit);
    assert_eq!(outcome.stdout.len() as u64, limits().output_bytes);
}

#[test]
fn output_is_kept() {
    let outcome = run("import sys\nprint('out', 'ü')\nprint('err', file=sys.stderr)\nsys.stdout.buffer.write(b'')");
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("out ü\n", "err\n"));
    assert_eq!(run("print('before')\n1 / 0").stdout, "before\n");
}

#[test]
fn a_missing_module_is_named() {
    assert_eq!(run("import numpy as np").verdict, Verdict::Unsupported { module: "numpy".to_owned() });
    assert_eq!(run("try:\n    import numpy\nexcept ImportError:\n    numpy = None\n").verdict, Verdict::Passed);
}

#[test]
fn processor_time_is_a_backstop() {
    let limits = Limits { cpu_ms: 50, fuel: u64::MAX / 2, ..Limits::default() };
    assert_eq!(sandbox(Python::Cpython).run("while True: pass", &limits).verdict, Verdict::TimedOut);
}

#[test]
fn others_on_the_processor_do_not_bring_the_backstop_nearer() {
    // A fifth of a second's work, and a dozen others on each core: it takes more than two seconds.
    let limits = Limits { cpu_ms: 1_500, fuel: FUEL_PER_SECOND / 5, ..Limits::default() };
    let sandbox = sandbox(Python::Cpython);
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get().min(16));
    let is_over = AtomicBool::new(false);
    let verdict = std::thread::scope(|scope| {
        for _ in 0..12 * cores {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let verdict = sandbox.run("while True: pass", &limits).verdict;
        is_over.store(true, Ordering::Relaxed);
        verdict
    });
    assert_eq!(verdict, Verdict::FuelExhausted);
}

#[test]
fn strange_sources_are_judged_like_any_other() {
    assert_eq!(run("x = 1\0").verdict.name(), "syntax_error");
    assert_eq!(run("print('\\ud800')\nx = '\\udfff'").stdout, "\\ud800\n");
    assert_eq!(run("raise ValueError('\\ud800')").verdict.name(), "failed");
    assert_eq!(run("").verdict, Verdict::Passed);
    assert_eq!(run(&format!("x = [{}]", "1, ".repeat(50_000))).verdict, Verdict::Passed);
}

#[test]
fn deeply_nested_source_ends_as_it_does_in_cpython() {
    let of = |program: &str| run(program).verdict;
    assert_eq!(of(&format!("x = {}{}", "[".repeat(150), "]".repeat(150))), Verdict::Passed);
    let parentheses = of(&format!("x = {}1", "(".repeat(10_000)));
    assert_eq!(parentheses.name(), "syntax_error");
    assert!(parentheses.detail().contains("too many nested parentheses"), "{parentheses:?}");
    for (program, exception) in [
        (format!("x = {}1", "-".repeat(100_000)), "MemoryError"),
        (format!("x = {}1", "1+".repeat(20_000)), "RecursionError"),
        (format!("x = 1{}", ".real".repeat(20_000)), "SyntaxError"),
        (format!("x = y{}", ".real".repeat(20_000)), "RecursionError"),
    ] {
        let verdict = of(&program);
        let Verdict::Failed { exception: got, .. } = &verdict else {
            assert_eq!((verdict.name(), exception), ("syntax_error", "SyntaxError"), "{}", &program[..20]);
            continue;
        };
        assert_eq!(got, exception, "{}", &program[..20]);
    }
    assert_eq!(run("print(1)").stdout, "1\n");
}

#[test]
fn a_source_of_five_megabytes_ends_within_its_limits() {
    let source = format!("x = [\n{}]\n", "1234567, ".repeat(560_000));
    assert!(source.len() > 5_000_000);
    assert_eq!(run(&source).verdict, Verdict::FuelExhausted);
    let limits = Limits::default();
    assert_eq!(sandbox(Python::Cpython).run(&source, &limits).verdict, Verdict::Passed);
    assert_eq!(run("print(1)").stdout, "1\n");
}

#[test]
fn a_program_uses_the_same_fuel_on_an_idle_and_on_a_loaded_machine() {
    let program = "import random, re\nwords = [str(random.random()) for _ in range(200)]\n\
        assert len(set(words)) == 200 and all(re.match(r'0\\.\\d+', word) for word in words)\nprint(hash(words[0]))\n";
    let first = run(program);
    assert_eq!(first.verdict, Verdict::Passed);
    let same = |outcome: &Outcome| {
        (outcome.verdict.clone(), outcome.fuel_used, outcome.peak_memory_bytes, outcome.stdout.clone())
    };
    let all_equal = || (0..50).all(|_| same(&run(program)) == same(&first));
    assert!(all_equal());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    run("sum(range(100_000))");
                }
            });
        }
        let equal = all_equal();
        stop.store(true, Ordering::Relaxed);
        assert!(equal);
    });
}

#[test]
fn a_class_named_like_a_pass_does_not_pass() {
    assert_eq!(run("class Passed(Exception): pass\nraise Passed()").verdict.name(), "failed");
    assert_eq!(run("class E(Exception):\n    def __str__(self): raise self\nraise E()").verdict.name(), "failed");
}
