//! What a program that computes nothing costs: `cost_of_nothing [cpython|rustpython] [COUNT]`.

#![allow(clippy::print_stdout, reason = "a measurement")]

use std::time::Instant;

use phi_sandbox::{Limits, Python, Sandbox, default_cache_dir};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let python: Python = arguments.next().as_deref().unwrap_or("cpython").parse()?;
    let count: usize = arguments.next().as_deref().unwrap_or("500").parse()?;
    let start = Instant::now();
    let sandbox = Sandbox::new(python, &default_cache_dir())?;
    println!("{python}: ready after {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let outcomes: Vec<_> = (0..count).map(|_| sandbox.run("pass", &Limits::default())).collect();
    let mut times: Vec<f64> = outcomes.iter().map(|outcome| outcome.wall_ms).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(share * (count - 1) as f64) as usize];
    println!("median {:.3} ms, best {:.3} ms, p99 {:.3} ms", at(0.5), at(0.0), at(0.99));
    let last = outcomes.last().ok_or("no programs")?;
    println!(
        "{} fuel, {:.1} MiB, {}",
        last.fuel_used,
        last.peak_memory_bytes as f64 / 1_048_576.0,
        last.verdict.name()
    );
    Ok(())
}
