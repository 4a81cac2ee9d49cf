//! `phi-bench runs list`.

use super::Place;
use crate::exit::Exit;
use crate::{printer, stores, text_table};
use clap::Args;
use phi_reports::{RunFilter, RunSummary, Store, date};
use serde::Serialize;
use std::path::PathBuf;

/// Lists stored runs, the newest first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs list
  phi-bench runs list --arm tiling --since 2026-01-01
  phi-bench runs list --text \"Xeon\" --json")]
pub struct List {
    #[command(flatten)]
    place: Place,
    /// Only runs whose name holds this, or whose key begins so.
    #[arg(long)]
    name: Option<String>,
    /// Only runs with an arm whose name holds this.
    #[arg(long)]
    arm: Option<String>,
    /// Only runs with a score on a task whose name holds this.
    #[arg(long)]
    task: Option<String>,
    /// Only runs that began on this day (UTC) or later: 2026-01-31, or 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<u64>,
    /// Only runs that began before this day (UTC).
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<u64>,
    /// Only runs with these words in their name, question, recipe, command, or facts about machine and data.
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

/// A run and where it lies.
#[derive(Serialize)]
struct Listed {
    store: PathBuf,
    #[serde(flatten)]
    run: RunSummary,
}

impl List {
    pub fn run(self) -> anyhow::Result<Exit> {
        let filter = RunFilter {
            name: self.name,
            arm: self.arm,
            task: self.task,
            since_unix_s: self.since,
            until_unix_s: self.until,
            text: self.text,
        };
        let mut runs = Vec::new();
        for store in stores::stores(&self.place.store)? {
            let found = Store::open_existing(&store)?.list(&filter)?;
            runs.extend(found.into_iter().map(|run| Listed { store: store.clone(), run }));
        }
        runs.sort_by_key(|listed| std::cmp::Reverse(listed.run.started_unix_s));
        if self.json {
            printer::json(&runs);
        } else {
            print(&runs);
        }
        Ok(Exit::Fine)
    }
}

fn print(runs: &[Listed]) {
    let head = ["key", "name", "began (UTC)", "arms", "seeds x arms", "samples", "tasks", "store"];
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|Listed { store, run }| {
            vec![
                run.key.chars().take(8).collect(),
                run.name.clone(),
                date::iso(run.started_unix_s).replace('T', " ").chars().take(16).collect(),
                run.arms.len().to_string(),
                run.n_arm_runs.to_string(),
                run.n_samples.to_string(),
                text_table::some(&run.tasks, 3),
                store.display().to_string(),
            ]
        })
        .collect();
    printer::line(text_table::draw(&head, &rows));
    printer::note(format!("{} runs", runs.len()));
}

fn day(text: &str) -> Result<u64, String> {
    date::parse(text).ok_or_else(|| "a date looks like 2026-01-31, or 2026-01-31T12:00:00Z".to_owned())
}
