//! `phi-bench ablate cancel`.

use crate::exit::Exit;
use crate::printer;
use clap::Args;
use phi_ablation::{OutputFolder, slurm};
use std::path::PathBuf;

/// Cancels the Slurm jobs of an output folder; what they have done is kept.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench ablate cancel /shared/my-run")]
pub struct Cancel {
    /// The ablation's output folder.
    dir: PathBuf,
}

impl Cancel {
    pub fn run(self) -> anyhow::Result<Exit> {
        let folder = OutputFolder::visit(&self.dir)?;
        match slurm::cancel(&folder)? {
            0 => printer::line("no job of this folder is waiting or running"),
            n => printer::line(format!("cancelled {n} job{}", if n == 1 { "" } else { "s" })),
        }
        Ok(Exit::Fine)
    }
}
