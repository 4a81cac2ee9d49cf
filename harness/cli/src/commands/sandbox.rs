//! `phi-bench sandbox`.

use crate::exit::Exit;
use crate::printer;
use anyhow::Context;
use clap::{Args, Subcommand};
use phi_sandbox::{Limits, Outcome, Python, Sandbox, default_cache_dir};
use std::path::PathBuf;

/// Runs Python in the WebAssembly sandbox.
#[derive(Debug, Args)]
pub struct SandboxCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Run(Run),
}

/// Runs one file and says how it ended: exit code 0 if it ran to its end, 1 otherwise.
///
/// The program has no file system, no network, no host clock and no host randomness.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench sandbox run solution.py --python both --fuel 1000000000")]
struct Run {
    /// The program.
    file: PathBuf,
    /// Which interpreter.
    #[arg(long, value_parser = ["cpython", "rustpython", "both"], default_value = "cpython")]
    python: String,
    /// Instructions at most.
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT_FUEL)]
    fuel: u64,
    /// Memory at most, in MiB.
    #[arg(long, value_name = "N", default_value_t = Limits::default().memory_bytes >> 20)]
    memory_mb: u64,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl SandboxCommand {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Run(run) => run.run(),
        }
    }
}

impl Run {
    fn run(self) -> anyhow::Result<Exit> {
        let bytes = std::fs::read(&self.file).with_context(|| format!("can't read {}", self.file.display()))?;
        let program =
            String::from_utf8(bytes).map_err(|e| anyhow::anyhow!("{} is not UTF-8: {e}", self.file.display()))?;
        let limits =
            Limits { fuel: self.fuel, memory_bytes: self.memory_mb.saturating_mul(1 << 20), ..Limits::default() };
        let pythons = match self.python.as_str() {
            "rustpython" => vec![Python::Rustpython],
            "both" => vec![Python::Cpython, Python::Rustpython],
            _ => vec![Python::Cpython],
        };
        let mut outcomes = Vec::new();
        for python in pythons {
            outcomes.push((python, open(python)?.run(&program, &limits)));
        }
        if self.json {
            printer::json(
                &outcomes.iter().map(|(p, o)| (p.to_string(), o)).collect::<std::collections::BTreeMap<_, _>>(),
            );
        } else {
            outcomes.iter().for_each(|(python, outcome)| print(*python, outcome));
            if let [(_, a), (_, b)] = outcomes.as_slice() {
                let same = a.verdict.name() == b.verdict.name() && a.stdout == b.stdout;
                printer::note(if same { "the two interpreters agree" } else { "the two interpreters disagree" });
            }
        }
        let passed = outcomes.iter().all(|(_, o)| o.verdict.passed());
        Ok(if passed { Exit::Fine } else { Exit::No })
    }
}

fn print(python: Python, outcome: &Outcome) {
    if !outcome.stdout.is_empty() {
        printer::line(outcome.stdout.trim_end_matches('\n'));
    }
    if !outcome.stderr.is_empty() {
        printer::note(outcome.stderr.trim_end_matches('\n'));
    }
    if let phi_sandbox::Verdict::Failed { traceback, .. } = &outcome.verdict {
        printer::note(traceback.trim_end());
    }
    let detail = outcome.verdict.detail();
    let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
    printer::note(format!(
        "{python}: {}{detail}  [{:.1} ms, {:.1} M fuel, {:.1} MiB]",
        outcome.verdict.name(),
        outcome.wall_ms,
        outcome.fuel_used as f64 / 1e6,
        outcome.peak_memory_bytes as f64 / f64::from(1 << 20)
    ));
}

/// The sandbox, with a word to the user where making it takes a while.
pub fn open(python: Python) -> anyhow::Result<Sandbox> {
    let cache = default_cache_dir();
    if !Sandbox::is_compiled(python, &cache) {
        printer::note(format!("compiling the {python} guest to native code; this is done once a machine"));
    }
    Ok(Sandbox::new(python, &cache)?)
}
