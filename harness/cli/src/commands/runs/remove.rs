//! `phi-bench runs rm` and `phi-bench runs gc`.

use super::Place;
use crate::exit::Exit;
use crate::{printer, stores};
use clap::Args;
use phi_ablation::{OutputFolder, UnneededStep};
use phi_reports::{Collected, RunFilter, Store};
use std::path::{Path, PathBuf};

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
  phi-bench runs gc --steps --dry-run
  phi-bench runs gc --store phi-bench-out/tiling --json")]
pub struct Gc {
    #[command(flatten)]
    place: Place,
    /// Drop the outputs of steps too that neither a stored run nor the folder's plan needs: models of recipes that were
    /// changed since.
    #[arg(long)]
    steps: bool,
    /// With --steps: say what would be dropped, and drop nothing.
    #[arg(long, requires = "steps")]
    dry_run: bool,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

impl Gc {
    pub fn run(self) -> anyhow::Result<Exit> {
        let mut all = Vec::new();
        for path in stores::stores(&self.place.store)? {
            let steps = if self.steps { self.steps_of(&path)? } else { Vec::new() };
            let store = if self.dry_run { None } else { Some(Store::open(&path)?.collect_garbage()?) };
            all.push(Dropped { path, store, steps });
        }
        if self.json {
            let list: Vec<_> = all.iter().map(Dropped::json).collect();
            printer::json(&list);
        } else {
            all.iter().for_each(|dropped| dropped.print(self.dry_run));
        }
        Ok(Exit::Fine)
    }

    /// The steps of a store's folder that nothing needs; they are dropped unless this is a dry run.
    fn steps_of(&self, store: &Path) -> anyhow::Result<Vec<UnneededStep>> {
        let folder = OutputFolder::take(store.parent().unwrap_or(Path::new(".")))?;
        let runs = Store::open_existing(store)?;
        let mut records = Vec::new();
        for run in runs.list(&RunFilter::default())? {
            records.extend(runs.load_without_samples(&run.key)?.steps);
        }
        let unneeded = folder.unneeded_steps(&records)?;
        if !self.dry_run {
            unneeded.iter().try_for_each(|step| folder.remove_step(step))?;
        }
        Ok(unneeded)
    }
}

/// What was dropped of one output folder.
struct Dropped {
    path: PathBuf,
    store: Option<Collected>,
    steps: Vec<UnneededStep>,
}

impl Dropped {
    fn json(&self) -> serde_json::Value {
        let steps: Vec<_> =
            self.steps.iter().map(|s| serde_json::json!({ "step": s.name, "bytes": s.bytes })).collect();
        serde_json::json!({ "store": self.path, "collected": self.store, "steps": steps })
    }

    fn print(&self, dry_run: bool) {
        let path = self.path.display();
        if let Some(c) = &self.store {
            printer::line(format!(
                "{path}: {} bytes given back ({} -> {}), {} lists of questions dropped",
                c.bytes_before.saturating_sub(c.bytes_after),
                c.bytes_before,
                c.bytes_after,
                c.n_question_sets
            ));
        }
        let what = if dry_run { "would be dropped" } else { "dropped" };
        for step in &self.steps {
            printer::line(format!("{path}: step {} {what}, {} bytes", step.name, step.bytes));
        }
    }
}
