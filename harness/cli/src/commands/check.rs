//! `phi-bench check`.

use crate::exit::{Exit, UsageError};
use crate::{env, printer, run_source};
use anyhow::Context;
use clap::Args;
use phi_reports::{Baseline, CheckReport, CheckVerdict, Keep, Run, Threshold, check};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Compares a run with a saved baseline, for CI: exit code 1 only for a significant drop beyond the threshold.
///
/// Takes an ablation's output folder, or the results that `eval --output-path DIR --log-samples` or lm_eval wrote. Scores
/// are compared question by question where both have the same questions, and corrected for their number. Each comes out as
/// improved, regressed, no significant change, or inconclusive, with what would settle it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench check results/ --baseline baseline.jsonl --update-baseline  keep these
  phi-bench check results/ --baseline baseline.jsonl                    compare others with them
  phi-bench check results/ --baseline baseline.jsonl --only arc_easy --threshold 2
  phi-bench check phi-bench-out/smoke --baseline baseline.jsonl --github --junit check.xml \\
      --markdown summary.md

docs/src/gate.md has the workflows for GitHub Actions and for GitLab.")]
pub struct Check {
    /// The ablation's output folder, or a folder of results in lm-evaluation-harness's layout.
    #[arg(default_value = "phi-bench-out/tiling")]
    run: PathBuf,
    /// The baseline, a file of JSON lines that merges well in git.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// Write this run as the baseline, after comparing it with the one that is there, if there is one.
    #[arg(long, visible_alias = "save")]
    update_baseline: bool,
    /// Only a drop of surely more than so many points (hundredths) is a regression.
    #[arg(long, value_name = "POINTS", default_value_t = 1.0)]
    threshold: f64,
    /// Chance of a false alarm over all scores together.
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// Check only these: a task, or TASK/METRIC. Fewer scores make a sharper check.
    #[arg(long, value_name = "TASK[/METRIC],...", value_delimiter = ',')]
    only: Vec<String>,
    /// Fail too if the run lacks a score that the baseline has.
    #[arg(long)]
    fail_on_missing: bool,
    /// Write a JUnit XML report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a Markdown summary.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Print GitHub's annotations too, and add the Markdown summary to the file that GITHUB_STEP_SUMMARY names.
    #[arg(long)]
    github: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn run(self) -> anyhow::Result<Exit> {
        if !(self.threshold >= 0.0 && self.threshold.is_finite()) {
            return Err(UsageError(format!("--threshold is {}; it must be at least 0", self.threshold)).into());
        }
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(UsageError(format!("--alpha is {}; it must lie between 0 and 1", self.alpha)).into());
        }
        let run = self.filtered(run_source::load(&self.run, Keep::Scores)?)?;
        let exit = match (self.update_baseline, self.baseline.exists()) {
            (true, false) => Exit::Fine,
            (updates, _) => {
                let baseline = Baseline::load(&self.baseline)?.filtered(|task, metric| self.is_watched(task, metric));
                match check(&baseline, &run, Threshold { points: self.threshold, alpha: self.alpha }) {
                    Err(phi_reports::ReportError::NothingToCompare { .. }) if updates => Exit::Fine,
                    report => self.tell(&report?)?,
                }
            }
        };
        if self.update_baseline {
            self.save(&run)?;
            return Ok(Exit::Fine);
        }
        Ok(exit)
    }

    fn is_watched(&self, task: &str, metric: &str) -> bool {
        let is = |only: &String| match only.split_once('/') {
            Some((t, m)) => t == task && m == metric,
            None => only == task,
        };
        self.only.is_empty() || self.only.iter().any(is)
    }

    /// The run with the scores that are asked for.
    fn filtered(&self, mut run: Run) -> anyhow::Result<Run> {
        for arm in &mut run.arms {
            arm.scores.retain(|s| self.is_watched(&s.task, &s.metric));
        }
        if run.arms.iter().all(|arm| arm.scores.is_empty()) {
            let only = self.only.join(", ");
            anyhow::bail!("{} has no score of {only}", self.run.display());
        }
        Ok(run)
    }

    /// Writes and prints the report.
    fn tell(&self, report: &CheckReport) -> anyhow::Result<Exit> {
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
        if self.github {
            // Standard output is the result's where that is JSON; GitHub reads both.
            let annotations = report.to_github_annotations();
            if self.json {
                annotations.lines().for_each(printer::note)
            } else {
                annotations.lines().for_each(printer::line)
            }
            add_to_job_summary(&report.to_markdown())?;
        }
        let missing = report.count(CheckVerdict::Missing);
        if self.fail_on_missing && missing > 0 {
            printer::note(format!("{missing} of the baseline's scores are missing, which --fail-on-missing forbids"));
            return Ok(Exit::No);
        }
        Ok(if report.passed() { Exit::Fine } else { Exit::No })
    }

    /// Scores that were not asked for stay as they were.
    fn save(&self, run: &Run) -> anyhow::Result<()> {
        let mut baseline = Baseline::of(run);
        if !self.only.is_empty() && self.baseline.exists() {
            let others = Baseline::load(&self.baseline)?.filtered(|task, metric| !self.is_watched(task, metric));
            baseline.scores.extend(others.scores);
        }
        baseline.save(&self.baseline)?;
        printer::note(format!("wrote {} with {} scores", self.baseline.display(), baseline.scores.len()));
        Ok(())
    }
}

fn add_to_job_summary(markdown: &str) -> anyhow::Result<()> {
    let Some(path) = env::github_step_summary() else { return Ok(()) };
    let file = std::fs::File::options().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(markdown.as_bytes()))
        .with_context(|| format!("can't add to the job summary {}", path.display()))
}
