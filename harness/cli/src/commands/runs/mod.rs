//! `phi-bench runs`: what the stores hold. One file a subcommand.

mod diff;
mod export;
mod list;
mod remove;
mod show;

use crate::exit::Exit;
use crate::stores;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Lists, shows, compares, removes and exports stored runs.
///
/// Every output folder of `ablate` has its own store, `store.sqlite`. RUN is such a folder (its latest run), a run's name,
/// the beginning of its key, or a folder of results that `eval --output-path` or lm_eval wrote.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs list --task humaneval --since 2026-01-01
  phi-bench runs show tiling
  phi-bench runs diff 61ab 9c2f --changed 10
  phi-bench runs export tiling --format parquet --out tables/")]
pub struct Runs {
    #[command(subcommand)]
    command: RunsCommand,
}

#[derive(Debug, Subcommand)]
enum RunsCommand {
    List(list::List),
    Show(show::Show),
    Diff(diff::Diff),
    Rm(remove::Rm),
    Gc(remove::Gc),
    Export(export::Export),
}

/// Where to look for stores.
#[derive(Debug, Args)]
struct Place {
    /// A store, an output folder, or a folder of output folders.
    #[arg(long, value_name = "PATH", default_value = stores::DEFAULT)]
    store: PathBuf,
}

impl Runs {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            RunsCommand::List(c) => c.run(),
            RunsCommand::Show(c) => c.run(),
            RunsCommand::Diff(c) => c.run(),
            RunsCommand::Rm(c) => c.run(),
            RunsCommand::Gc(c) => c.run(),
            RunsCommand::Export(c) => c.run(),
        }
    }
}
