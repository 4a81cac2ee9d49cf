//! What the tests share: one loaded sandbox an interpreter.

use std::sync::OnceLock;

use phi_sandbox::{Limits, Outcome, Python, Sandbox, default_cache_dir};

pub fn sandbox(python: Python) -> &'static Sandbox {
    static CPYTHON: OnceLock<Sandbox> = OnceLock::new();
    static RUSTPYTHON: OnceLock<Sandbox> = OnceLock::new();
    let cell = match python {
        Python::Cpython => &CPYTHON,
        Python::Rustpython => &RUSTPYTHON,
    };
    cell.get_or_init(|| Sandbox::new(python, &default_cache_dir()).expect("the interpreter loads"))
}

/// Limits that keep the tests short: a third of a second of computing.
#[allow(dead_code)]
pub fn limits() -> Limits {
    Limits { fuel: 3_000_000_000, ..Limits::default() }
}

#[allow(dead_code)]
pub fn run(program: &str) -> Outcome {
    sandbox(Python::Cpython).run(program, &limits())
}

#[allow(dead_code)]
pub fn grade(solution: &str, test: &str) -> Outcome {
    sandbox(Python::Cpython).grade(solution, test, &limits())
}
