//! The end of an ablation: what failed and why, the stored run, the table and the report.

use crate::exit::{Exit, classify};
use crate::machine::{cores, processor};
use crate::run_source::STORE;
use crate::{git, printer};
use anyhow::Context as _;
use phi_ablation::{Outcome, OutputFolder, Plan, Recipe, gather, run_key};
use phi_reports::{Analysis, Store, render_html, table};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What was printed last, to be printed again where nothing has changed.
const ANSWER: &str = "answer.json";

#[derive(Serialize, Deserialize)]
struct Answer {
    run_key: String,
    version: String,
    table: String,
}

/// Stores and reports what was done, and says what failed. The exit code is that of the first failure.
pub fn finish(
    recipe: &Recipe,
    plan: &Plan,
    folder: &OutputFolder,
    outcome: Outcome,
    command: &str,
    steps_at_once: &str,
) -> anyhow::Result<Exit> {
    let out = folder.path();
    let report = out.join("report.html");
    let key = run_key(recipe, plan, &outcome);
    let baseline_is_whole = plan
        .cells
        .iter()
        .any(|cell| recipe.arms[cell.arm].name == recipe.baseline && cell.steps().all(|i| outcome.done[i]));
    if baseline_is_whole {
        let known = stored_answer(out).filter(|a| a.run_key == key && outcome.executed == 0 && report.is_file());
        let table = match known {
            Some(answer) => answer.table,
            None => write(recipe, plan, folder, &outcome, command, steps_at_once, &report)?,
        };
        printer::line(table);
    }
    let path = std::path::absolute(&report).context("the report's path can't be made absolute")?;
    let exit = summary(plan, outcome, baseline_is_whole);
    if baseline_is_whole {
        printer::line(path.display());
    }
    Ok(exit)
}

fn stored_answer(out: &Path) -> Option<Answer> {
    let answer: Answer = serde_json::from_slice(&std::fs::read(out.join(ANSWER)).ok()?).ok()?;
    // A run may have been removed from the store since.
    let is_stored =
        || Store::open_existing(out.join(STORE)).and_then(|store| store.has_run(&answer.run_key)).unwrap_or(false);
    (answer.version == env!("CARGO_PKG_VERSION") && is_stored()).then_some(answer)
}

fn write(
    recipe: &Recipe,
    plan: &Plan,
    folder: &OutputFolder,
    outcome: &Outcome,
    command: &str,
    steps_at_once: &str,
    report: &Path,
) -> anyhow::Result<String> {
    let out = folder.path();
    let run = gather(recipe, plan, folder, outcome, command, environment(steps_at_once))?;
    Store::open(out.join(STORE))?.save_run(&run)?;
    let analysis = Analysis::of(&run);
    let table = table(&analysis);
    phi_model::write_whole(report, render_html(&run, &analysis)?.as_bytes())?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let answer = Answer { run_key: run_key(recipe, plan, outcome), version, table: table.clone() };
    phi_model::write_whole(&out.join(ANSWER), &serde_json::to_vec(&answer)?)?;
    Ok(table)
}

/// Lists the failures with their causes.
fn summary(plan: &Plan, outcome: Outcome, reported: bool) -> Exit {
    if outcome.failures.is_empty() {
        return Exit::Fine;
    }
    let held_up = outcome.held_up();
    let failed = outcome.failures.len();
    let mut exit = None;
    for (index, error) in outcome.failures {
        let error = anyhow::Error::new(error);
        exit = exit.or(Some(classify(&error)));
        printer::note(format!("failed: {}: {error:#}", plan.steps[index].label));
    }
    let exit = exit.unwrap_or(Exit::Environment);
    let rest = if held_up > 0 { format!(", which held up {held_up} more") } else { String::new() };
    let report = if reported { "the report leaves their arms out" } else { "there is no report without the baseline" };
    let message = format!(
        "{failed} of {} steps failed{rest}; {report}. The same command tries them again and keeps what is done",
        plan.steps.len()
    );
    printer::error(&anyhow::anyhow!(message), exit);
    exit
}

/// Facts about the machine and the program.
fn environment(steps_at_once: &str) -> Vec<(String, String)> {
    let mut facts = vec![
        ("phi-bench".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("build".to_owned(), if cfg!(debug_assertions) { "development" } else { "release" }.to_owned()),
        ("system".to_owned(), format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("cores".to_owned(), cores().to_string()),
        ("steps at once".to_owned(), steps_at_once.to_owned()),
    ];
    facts.extend(processor().map(|name| ("processor".to_owned(), name)));
    facts.extend(git::head().map(|commit| ("git commit here".to_owned(), commit.id)));
    facts
}
