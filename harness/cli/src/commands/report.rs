//! `phi-bench report`.

use crate::exit::Exit;
use crate::{printer, run_source};
use anyhow::Context;
use clap::{Args, ValueEnum};
use phi_reports::{Analysis, Keep, PageOptions, Run, csv, latex, markdown, pictures, render_html_with, table};
use std::path::{Path, PathBuf};

/// Prints the table of a finished ablation, and writes its HTML report again.
///
/// With --json, or a table for a file (latex, csv), the page is written only where --html says so.
///
/// The report is one HTML file that needs no network: answer, scores, plots, cost, growth, samples, how to reproduce it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench report phi-bench-out/tiling                              the table; report.html there
  phi-bench report phi-bench-out/tiling --table latex > table.tex    for a paper, with booktabs
  phi-bench report phi-bench-out/tiling --table csv > scores.csv     every score and comparison
  phi-bench report phi-bench-out/tiling --pictures figures/          every plot as SVG and as PNG
  phi-bench report phi-bench-out/tiling --html page.html --samples 0")]
pub struct Report {
    /// The ablation's output folder, or a folder of results in lm-evaluation-harness's layout.
    dir: PathBuf,
    /// How to print the table.
    #[arg(long, value_name = "FORMAT", default_value = "terminal", conflicts_with = "json")]
    table: Format,
    /// Print the table as Markdown: the same as --table markdown.
    #[arg(long, conflicts_with_all = ["json", "table"])]
    markdown: bool,
    /// Print the whole run as JSON.
    #[arg(long)]
    json: bool,
    /// Write every plot to this folder, as SVG and as PNG.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Where to write the HTML report [default: report.html in the folder].
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Answers in the report's sample browser at most; 0 leaves it out.
    #[arg(long, value_name = "N", default_value_t = PageOptions::default().max_answers)]
    samples: usize,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading here.
    Terminal,
    /// For a pull request or a job summary.
    Markdown,
    /// For a paper (package booktabs).
    Latex,
    /// One line an arm and metric, all of them.
    Csv,
}

impl Report {
    pub fn run(self) -> anyhow::Result<Exit> {
        let run = run_source::load(&self.dir, Keep::Texts)?;
        let analysis = Analysis::of(&run);
        // What is printed doesn't hang on whether the page can be written.
        let is_for_people = match if self.markdown { Format::Markdown } else { self.table } {
            _ if self.json => {
                printer::json(&run);
                false
            }
            Format::Terminal => {
                printer::line(table(&analysis));
                true
            }
            Format::Markdown => {
                printer::line(markdown(&analysis));
                true
            }
            // Nothing but the table, so that it can go to a file.
            Format::Latex => {
                printer::line(latex(&analysis).trim_end());
                false
            }
            Format::Csv => {
                printer::line(csv(&analysis).trim_end());
                false
            }
        };
        if let Some(dir) = &self.pictures {
            write_pictures(dir, &run, &analysis)?;
        }
        if is_for_people || self.html.is_some() {
            let path = self.html.clone().unwrap_or_else(|| self.page());
            let page = render_html_with(&run, &analysis, PageOptions { max_answers: self.samples })?;
            phi_model::write_whole(&path, page.as_bytes())?;
            if is_for_people {
                printer::line(std::path::absolute(&path).unwrap_or(path).display());
            }
        }
        Ok(Exit::Fine)
    }

    /// Where the page lies by default; results in a file of their own keep it beside them.
    fn page(&self) -> PathBuf {
        let folder = if self.dir.is_dir() { Some(self.dir.as_path()) } else { self.dir.parent() };
        folder.unwrap_or(Path::new(".")).join("report.html")
    }
}

fn write_pictures(dir: &Path, run: &Run, analysis: &Analysis) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
    for picture in pictures(run, analysis) {
        phi_model::write_whole(&dir.join(format!("{}.svg", picture.id())), picture.svg()?.as_bytes())?;
        phi_model::write_whole(&dir.join(format!("{}.png", picture.id())), &picture.png()?)?;
    }
    Ok(())
}
