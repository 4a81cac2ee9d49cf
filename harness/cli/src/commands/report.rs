//! `phi-bench report`.

use crate::exit::Exit;
use crate::printer;
use clap::Args;
use phi_reports::{Analysis, Run, Store, markdown, render_html, table};
use std::path::{Path, PathBuf};

/// Prints the table of a finished ablation, and writes its HTML report again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench report phi-bench-out/tiling")]
pub struct Report {
    /// The ablation's output folder.
    dir: PathBuf,
    /// Print the table as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print the whole run as JSON.
    #[arg(long)]
    json: bool,
}

impl Report {
    pub fn run(self) -> anyhow::Result<Exit> {
        let run = load_run(&self.dir)?;
        let analysis = Analysis::of(&run);
        let path = self.dir.join("report.html");
        phi_model::write_whole(&path, render_html(&run, &analysis)?.as_bytes())?;
        if self.json {
            printer::json(&run);
            return Ok(Exit::Fine);
        }
        printer::line(if self.markdown { markdown(&analysis) } else { table(&analysis) });
        printer::line(std::path::absolute(&path).unwrap_or(path).display());
        Ok(Exit::Fine)
    }
}

/// The latest run of an output folder.
pub fn load_run(dir: &Path) -> anyhow::Result<Run> {
    let path = dir.join("store.sqlite");
    anyhow::ensure!(
        path.is_file(),
        "{} holds no finished ablation (there is no store.sqlite); run `phi-bench ablate --out {}` to its end first",
        dir.display(),
        dir.display()
    );
    let run = Store::open(&path)?.latest()?;
    run.ok_or_else(|| {
        anyhow::anyhow!("{} holds no run yet; let `phi-bench ablate` come to its end first", path.display())
    })
}
