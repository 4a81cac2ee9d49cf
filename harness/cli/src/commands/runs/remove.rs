//! `phi-bench runs rm` and `phi-bench runs gc`.

use super::Place;
use crate::exit::Exit;
use crate::{printer, stores};
use clap::Args;
use phi_reports::{Collected, Store};

/// Removes runs from their store.
///
/// The outputs of an ablation's steps stay in its folder, and the same `ablate` command stores the run again. `runs gc` gives
/// the space back to the disk.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench runs rm 61ab")]
pub struct Rm {
    /// The runs: names, or the beginnings of keys.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    #[command(flatten)]
    place: Place,
}

impl Rm {
    pub fn run(self) -> anyhow::Result<Exit> {
        let found: Vec<stores::FoundRun> =
            self.runs.iter().map(|run| stores::find(run, &self.place.store)).collect::<Result<_, _>>()?;
        for run in found {
            // Found for reading; only now is it opened to be changed.
            let path = run.store.path().to_path_buf();
            anyhow::ensure!(
                path.is_file(),
                "these are results in files of their own, not in a store: remove the files"
            );
            drop(run.store);
            Store::open(&path)?.remove_run(&run.key)?;
            printer::line(format!("removed {} from {}", run.key, path.display()));
        }
        Ok(Exit::Fine)
    }
}

/// Drops what no run needs, and gives the space back to the disk.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs gc
  phi-bench runs gc --store phi-bench-out/tiling --json")]
pub struct Gc {
    #[command(flatten)]
    place: Place,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

impl Gc {
    pub fn run(self) -> anyhow::Result<Exit> {
        let mut all: Vec<(String, Collected)> = Vec::new();
        for path in stores::stores(&self.place.store)? {
            all.push((path.display().to_string(), Store::open(&path)?.collect_garbage()?));
        }
        if self.json {
            let list: Vec<_> =
                all.iter().map(|(path, c)| serde_json::json!({ "store": path, "collected": c })).collect();
            printer::json(&list);
            return Ok(Exit::Fine);
        }
        for (path, c) in &all {
            printer::line(format!(
                "{path}: {} bytes given back ({} -> {}), {} lists of questions dropped",
                c.bytes_before.saturating_sub(c.bytes_after),
                c.bytes_before,
                c.bytes_after,
                c.n_question_sets
            ));
        }
        Ok(Exit::Fine)
    }
}
