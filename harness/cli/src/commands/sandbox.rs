//! `phi-bench sandbox`.

use crate::exit::Exit;
use crate::limit_flags::LimitFlags;
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
    #[command(flatten)]
    limits: LimitFlags,
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
        let limits = self.limits.over(Limits::default());
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
                printer::note(differences(a, b));
            }
        }
        let passed = outcomes.iter().all(|(_, o)| o.verdict.passed());
        Ok(if passed { Exit::Fine } else { Exit::No })
    }
}

/// What two interpreters say differently of one program.
fn differences(cpython: &Outcome, rustpython: &Outcome) -> String {
    let mut lines = Vec::new();
    let mut tell = |what: &str, a: &str, b: &str| {
        if a != b {
            lines.push(format!("  {what}: cpython {a}, rustpython {b}"));
        }
    };
    tell("verdict", cpython.verdict.name(), rustpython.verdict.name());
    if cpython.verdict.name() == rustpython.verdict.name() {
        tell("how", &cpython.verdict.detail(), &rustpython.verdict.detail());
    }
    let (mut a, mut b) = (cpython.stdout.lines(), rustpython.stdout.lines());
    for number in 1.. {
        match (a.next(), b.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => {
                let said = |line: Option<&str>| line.map_or("has ended".to_owned(), |line| format!("{line:?}"));
                tell(&format!("stdout, line {number}"), &said(a), &said(b));
                break;
            }
        }
    }
    if lines.is_empty() {
        return "the two interpreters agree".to_owned();
    }
    format!("the two interpreters disagree\n{}", lines.join("\n"))
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
