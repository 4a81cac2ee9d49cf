//! The sandbox's verdicts equal those of native interpreters: reference solutions, and 2,000 broken variants of them.
//!
//! The tables under `fidelity/` were made by `tests/peers/native_verdicts.py` (CPython) and `tests/peers/evalplus_verdicts.py`
//! (EvalPlus); `tests/peers/broken_variants.py` makes the programs again from the data. `differences.tsv` lists every known
//! difference with its reason.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test")]

mod common;

use common::data_root;
use phi_sandbox::{FUEL_PER_SECOND, Limits, Python, Sandbox, default_cache_dir};
use phi_suites::{Grade, Grader, LimitedSandbox, Program, Task};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

const NATIVE: &str = include_str!("fidelity/native_verdicts.tsv");
const EVALPLUS: &str = include_str!("fidelity/evalplus_verdicts.tsv");
const DIFFERENCES: &str = include_str!("fidelity/differences.tsv");

/// Programs that natively ran out of time have a fifth of a second here: they must not pass in less either.
const ENDLESS: u64 = 2 * FUEL_PER_SECOND / 10;

#[test]
fn cpython_says_what_native_cpython_says() {
    let Some(rows) = native_rows("cpython_says_what_native_cpython_says") else { return };
    let found = differences(&rows, &grades(Python::Cpython, &rows));
    let new = new_differences("cpython", &found);
    let passed = |verdict: &str| verdict == "passed";
    let contrary: Vec<_> = found.iter().filter(|it| passed(&it.native) != passed(&it.sandbox)).collect();
    assert!(contrary.is_empty(), "right here and wrong natively, or the other way round: {contrary:#?}");
    assert!(new.is_empty(), "differences without a known reason: {new:#?}");
}

#[test]
fn rustpython_differs_from_native_cpython_as_is_known() {
    let Some(rows) = native_rows("rustpython_differs_from_native_cpython_as_is_known") else { return };
    let found = differences(&rows, &grades(Python::Rustpython, &rows));
    let new = new_differences("rustpython", &found);
    assert!(new.is_empty(), "differences without a known reason: {new:#?}");
}

#[test]
fn humaneval_plus_says_what_evalplus_says() {
    let test = "humaneval_plus_says_what_evalplus_says";
    let Some(root) = data_root(test) else { return };
    let Some(programs) = programs(test) else { return };
    let task = Task::builtin("humaneval_plus").unwrap().load(&root).unwrap();
    let questions = task.questions(None, None).unwrap();
    let mut expected = Vec::new();
    let mut jobs = Vec::new();
    for line in EVALPLUS.lines() {
        let [id, digest, base, plus] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let question = questions.iter().find(|question| Some(question.key.as_str()) == id.split('#').next()).unwrap();
        let solution = if id.ends_with("#plus_reference") {
            task.program(question.doc_id, &task.reference(question.doc_id).unwrap()).unwrap()
        } else {
            programs[id].solution.clone()
        };
        assert_eq!(sha256(&solution), digest, "{id}");
        let limits = task.task().limits();
        for (set, test, passes) in [
            ("base", question.base_test.clone().unwrap(), base == "pass"),
            ("base and plus", question.target.clone(), base == "pass" && plus == "pass"),
        ] {
            jobs.push(Job { program: Program { solution: solution.clone(), test }, limits });
            expected.push((format!("{id}, {set}"), passes, format!("{base} {plus}")));
        }
    }
    let mut found = BTreeSet::new();
    for ((id, passes, evalplus), grade) in expected.iter().zip(run(Python::Cpython, &jobs)) {
        if *passes != (grade.verdict == "passed") {
            let sandbox = in_native_words(&grade);
            found.insert(Difference { id: id.clone(), native: evalplus.clone(), sandbox });
        }
    }
    println!("{} solutions, base and plus: {} verdicts aren't EvalPlus's", jobs.len() / 2, found.len());
    let new = new_differences("humaneval_plus", &found);
    assert!(new.is_empty(), "differences without a known reason: {new:#?}");
}

/// A program of the table, and what CPython says of it.
struct Row {
    id: String,
    native: String,
    job: Job,
}

struct Job {
    program: Program,
    limits: Limits,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    id: String,
    native: String,
    sandbox: String,
}

fn native_rows(test: &str) -> Option<Vec<Row>> {
    let mut programs = programs(test)?;
    let suites = ["humaneval", "mbpp", "mbpp_sanitized"].map(|name| Task::builtin(name).unwrap().limits());
    let suites = BTreeMap::from([("HumanEval", suites[0]), ("Mbpp", suites[1]), ("MbppSanitized", suites[2])]);
    let rows = NATIVE.lines().map(|line| {
        let [id, digest, native] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let program = programs.remove(id).unwrap_or_else(|| panic!("{id} isn't made any more"));
        assert_eq!(sha256(&format!("{}\0{}", program.solution, program.test)), digest, "{id} has another text");
        let suite = suites[id.split('/').next().unwrap()];
        let limits = if native == "timed_out" { Limits { fuel: ENDLESS, ..suite } } else { suite };
        Row { id: id.to_owned(), native: native.to_owned(), job: Job { program, limits } }
    });
    let rows: Vec<Row> = rows.collect();
    assert!(programs.is_empty(), "{} programs aren't in the table", programs.len());
    Some(rows)
}

/// The programs by id, made by the script that made those of the tables.
fn programs(test: &str) -> Option<BTreeMap<String, Program>> {
    data_root(test)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers/broken_variants.py");
    let data = std::env::var_os("PHI_BENCH_DATA")?;
    let output = match Command::new("python3").arg("-Wignore").arg(script).arg(data).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("{test}: left out, python3 can't be run: {error}");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| row[name].as_str().unwrap().to_owned();
        (field("id"), Program { solution: field("solution"), test: field("test") })
    };
    Some(String::from_utf8(output.stdout).unwrap().lines().map(program).collect())
}

fn grades(python: Python, rows: &[Row]) -> Vec<Grade> {
    let jobs: Vec<&Job> = rows.iter().map(|row| &row.job).collect();
    run(python, &jobs)
}

fn run<J: std::borrow::Borrow<Job> + Sync>(python: Python, jobs: &[J]) -> Vec<Grade> {
    let sandbox = Sandbox::new(python, &default_cache_dir()).unwrap();
    let next = AtomicUsize::new(0);
    let grades = Mutex::new(vec![None; jobs.len()]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(|| {
                while let Some((i, Job { program, limits })) = {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(i).map(|job| (i, job.borrow()))
                } {
                    let grade = LimitedSandbox { sandbox: &sandbox, limits: *limits }.grade(program);
                    grades.lock().unwrap_or_else(PoisonError::into_inner)[i] = Some(grade);
                }
            });
        }
    });
    grades.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}

fn differences(rows: &[Row], grades: &[Grade]) -> BTreeSet<Difference> {
    let mut found = BTreeSet::new();
    for (row, grade) in rows.iter().zip(grades) {
        let sandbox = in_native_words(grade);
        // Indentation errors are syntax errors.
        let native = row.native.split(' ').take(if row.native.starts_with("syntax") { 1 } else { 9 });
        let native = native.collect::<Vec<_>>().join(" ");
        if native != sandbox {
            found.insert(Difference { id: row.id.clone(), native, sandbox });
        }
    }
    println!("{} of {} verdicts equal native CPython's", rows.len() - found.len(), rows.len());
    found
}

/// The sandbox's verdict as `native_verdicts.py` words it: running out of fuel is running out of time, and out of memory
/// an uncaught `MemoryError`.
fn in_native_words(grade: &Grade) -> String {
    match (grade.verdict.as_str(), &grade.exception) {
        ("fuel_exhausted", _) => "timed_out".to_owned(),
        ("out_of_memory", _) => "failed MemoryError".to_owned(),
        ("failed", Some(exception)) => format!("failed {exception}"),
        // The backstop of processor time says nothing of a program: no table has this.
        ("timed_out", _) => "ended by the backstop".to_owned(),
        ("unsupported", _) => "failed ModuleNotFoundError".to_owned(),
        (verdict, _) => verdict.to_owned(),
    }
}

/// Prints every known difference with its reason, tells those that are gone, and gives back those that aren't listed.
fn new_differences<'a>(python: &str, found: &'a BTreeSet<Difference>) -> Vec<&'a Difference> {
    let mut known = BTreeMap::new();
    for line in DIFFERENCES.lines().filter(|line| !line.starts_with('#')) {
        let [of, id, native, sandbox, reason] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        if of == python {
            let [id, native, sandbox] = [id, native, sandbox].map(str::to_owned);
            known.insert(Difference { id, native, sandbox }, reason);
        }
    }
    for (Difference { id, native, sandbox }, reason) in &known {
        println!("{python} {id}: natively {native}, here {sandbox}: {reason}");
    }
    for gone in known.keys().filter(|difference| !found.contains(difference)) {
        println!("{python} {}: a known difference is gone; take it off differences.tsv", gone.id);
    }
    let new: Vec<_> = found.iter().filter(|difference| !known.contains_key(difference)).collect();
    for Difference { id, native, sandbox } in &new {
        println!("new\t{python}\t{id}\t{native}\t{sandbox}");
    }
    new
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
