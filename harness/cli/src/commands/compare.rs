//! `phi-bench compare`.

use crate::exit::{Exit, UsageError};
use crate::{printer, run_source};
use anyhow::Context;
use clap::Args;
use phi_reports::{Keep, PageOptions, Side, SideBySide, comparison_table, flips_text, render_comparison};
use std::path::{Path, PathBuf};

/// Compares two models, or two arms of an ablation, question by question.
///
/// Says for each task who is right where (both, only A, only B, neither), the paired difference B minus A with its interval,
/// a p-value by McNemar's exact test (right or wrong, one seed) or a paired t-test (shares, clusters, several seeds), Holm's
/// correction over the tasks, and the smallest difference that could have been seen. Questions that only one of the two
/// answered are left out and told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench compare results/base results/tuned          kept by `eval --log-samples`
  phi-bench compare phi-bench-out/tiling --arm-a scratch --arm-b tiling
  phi-bench compare this-out/tiling other-out/tiling --arm-a tiling --arm-b tiling
  phi-bench compare results/base results/tuned --show 5            with questions that flipped
  phi-bench compare results/base results/tuned --html compare.html with all answers side by side")]
pub struct Compare {
    /// A: an ablation's output folder, or results in lm-evaluation-harness's layout.
    a: PathBuf,
    /// B, likewise [default: the same as A].
    b: Option<PathBuf>,
    /// Which arm or model of A; needed where there are several.
    #[arg(long, value_name = "ARM")]
    arm_a: Option<String>,
    /// Which arm or model of B.
    #[arg(long, value_name = "ARM")]
    arm_b: Option<String>,
    /// Compare by this metric [default: each task's main one: pass@1, acc, exact_match ...].
    #[arg(long)]
    metric: Option<String>,
    /// Show so many flipped questions of each task, with both answers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Write a page with the comparison and all answers side by side.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Answers in the page at most.
    #[arg(long, value_name = "N", default_value_t = PageOptions::default().max_answers)]
    samples: usize,
    /// Print the comparison as JSON, the flipped questions included.
    #[arg(long, conflicts_with = "show")]
    json: bool,
}

impl Compare {
    pub fn run(self) -> anyhow::Result<Exit> {
        if self.b.is_none() && (self.arm_a.is_none() || self.arm_b.is_none()) {
            return Err(UsageError("with one folder, say which arms to compare: --arm-a and --arm-b".to_owned()).into());
        }
        let b_path = self.b.as_deref().unwrap_or(&self.a);
        let a = side(&self.a, self.arm_a.as_deref(), self.b.is_some())?;
        let b = side(b_path, self.arm_b.as_deref(), self.b.is_some())?;
        let compared = SideBySide::of(&a, &b, self.metric.as_deref())?;
        if let Some(path) = &self.html {
            let page = render_comparison(&compared, &a, &b, PageOptions { max_answers: self.samples })?;
            phi_model::write_whole(path, page.as_bytes()).with_context(|| format!("can't write {}", path.display()))?;
        }
        if self.json {
            printer::json(&compared);
            return Ok(Exit::Fine);
        }
        printer::line(comparison_table(&compared).trim_end());
        if self.show > 0 {
            printer::line(flips_text(&compared, &a, &b, self.show).trim_end());
        }
        if let Some(path) = &self.html {
            printer::line(std::path::absolute(path).unwrap_or_else(|_| path.clone()).display());
        }
        Ok(Exit::Fine)
    }
}

/// One side; with two folders it is called by its folder too.
fn side(path: &Path, arm: Option<&str>, two_folders: bool) -> anyhow::Result<Side> {
    let side = Side::of_run(run_source::load(path, Keep::Texts)?, arm)?;
    let name = if two_folders { format!("{} ({})", side.name, path.display()) } else { side.name.clone() };
    Ok(side.named(name))
}
