//! `phi-bench check`.

use super::report::load_run;
use crate::exit::{Exit, UsageError};
use crate::printer;
use anyhow::Context;
use clap::Args;
use phi_reports::{Baseline, Threshold, check};
use std::path::{Path, PathBuf};

/// Compares a run with a saved baseline, for CI: exit code 1 only for a significant drop beyond the threshold.
///
/// Scores are compared question by question where both have the same questions, corrected for the number of scores.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench check phi-bench-out/smoke --baseline baseline.json --save      keep this run as the baseline
  phi-bench check phi-bench-out/smoke --baseline baseline.json             compare a later run with it
  phi-bench check phi-bench-out/smoke --baseline baseline.json --junit check.xml --markdown summary.md")]
pub struct Check {
    /// The ablation's output folder.
    #[arg(default_value = "phi-bench-out/tiling")]
    dir: PathBuf,
    /// The baseline, a JSON file that merges well in git.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// Write this run as the baseline instead of comparing.
    #[arg(long)]
    save: bool,
    /// A drop of up to this many points (hundredths) is not a regression, however sure it is.
    #[arg(long, value_name = "POINTS", default_value_t = 1.0)]
    threshold: f64,
    /// Chance of a false alarm over all scores together.
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// Write a JUnit XML report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a Markdown summary.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn run(self) -> anyhow::Result<Exit> {
        if self.threshold.is_nan() || self.threshold < 0.0 {
            return Err(UsageError(format!("--threshold is {}; it must be at least 0", self.threshold)).into());
        }
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(UsageError(format!("--alpha is {}; it must lie between 0 and 1", self.alpha)).into());
        }
        let run = load_run(&self.dir)?;
        if self.save {
            Baseline::of(&run).save(&self.baseline)?;
            printer::line(format!("saved {}", self.baseline.display()));
            return Ok(Exit::Fine);
        }
        let baseline = Baseline::load(&self.baseline)?;
        let report = check(&baseline, &run, Threshold { points: self.threshold, alpha: self.alpha })?;
        let write = |path: &Path, text: String| {
            std::fs::write(path, text).with_context(|| format!("can't write {}", path.display()))
        };
        if let Some(path) = &self.junit {
            write(path, report.to_junit_xml())?;
        }
        if let Some(path) = &self.markdown {
            write(path, report.to_markdown())?;
        }
        if self.json {
            printer::line(report.to_json()?);
        } else {
            printer::line(report.to_text());
        }
        Ok(if report.passed() { Exit::Fine } else { Exit::No })
    }
}
