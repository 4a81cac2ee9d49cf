//! What judging a benchmark costs: `reference_solutions PROGRAMS.jsonl [cpython|rustpython] [THREADS] [ROUNDS]`, where each
//! line holds `key`, `solution` and `test`.

#![allow(clippy::print_stdout, reason = "a measurement")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use phi_sandbox::{Limits, Outcome, Python, Sandbox, default_cache_dir};
use serde::Deserialize;

#[derive(Deserialize)]
struct Program {
    key: String,
    solution: String,
    test: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: reference_solutions PROGRAMS.jsonl [PYTHON] [THREADS] [ROUNDS]")?;
    let python: Python = arguments.next().as_deref().unwrap_or("cpython").parse()?;
    let threads: usize = arguments.next().as_deref().unwrap_or("1").parse()?;
    let rounds: usize = arguments.next().as_deref().unwrap_or("5").parse()?;
    let text = std::fs::read_to_string(file)?;
    let programs: Vec<Program> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let start = Instant::now();
    let sandbox = Sandbox::new(python, &default_cache_dir())?;
    println!("{python}: ready after {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    for _ in 0..rounds {
        let start = Instant::now();
        let outcomes = judge(&sandbox, &programs, threads);
        report(&programs, &outcomes, start.elapsed().as_secs_f64());
    }
    Ok(())
}

fn judge(sandbox: &Sandbox, programs: &[Program], threads: usize) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
            mine.push((&program.key, sandbox.grade(&program.solution, &program.test, &Limits::default())));
        }
        mine
    };
    let mut outcomes: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    outcomes.sort_by_key(|(key, _)| programs.iter().position(|program| program.key == **key));
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn report(programs: &[Program], outcomes: &[Outcome], seconds: f64) {
    let passed = outcomes.iter().filter(|outcome| outcome.verdict.passed()).count();
    let mut order: Vec<usize> = (0..outcomes.len()).collect();
    order.sort_by(|&a, &b| outcomes[a].wall_ms.total_cmp(&outcomes[b].wall_ms));
    let at = |share: f64| outcomes[order[(share * (order.len() - 1) as f64) as usize]].wall_ms;
    let slowest = order.iter().rev().take(4);
    let slowest: Vec<String> = slowest.map(|&i| format!("{} {:.1}", programs[i].key, outcomes[i].wall_ms)).collect();
    println!(
        "{passed}/{} in {seconds:.3} s; median {:.3} ms, p90 {:.2}, p99 {:.2}; slowest {}",
        outcomes.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        slowest.join(", ")
    );
    if std::env::var_os("EACH").is_some() {
        for (program, outcome) in programs.iter().zip(outcomes) {
            let detail: String = outcome.verdict.detail().chars().take(90).collect();
            println!("  {:.3} ms {:>12} fuel  {}: {detail}", outcome.wall_ms, outcome.fuel_used, program.key);
        }
    }
}
