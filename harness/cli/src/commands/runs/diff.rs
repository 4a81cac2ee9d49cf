//! `phi-bench runs diff`.

use super::Place;
use crate::exit::Exit;
use crate::{printer, stores, text_table};
use clap::Args;
use phi_reports::RunDiff;

/// Says what differs between two runs: recipe, machine, scores, and how many questions rose and fell.
///
/// `phi-bench check` says whether a difference is more than chance.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs diff phi-bench-out/before phi-bench-out/after
  phi-bench runs diff 61ab 9c2f --changed 10
  phi-bench runs diff results-monday/ results-friday/ --json")]
pub struct Diff {
    /// The first run: an output folder, a name, the beginning of a key, or a folder of results.
    before: String,
    /// The second run.
    after: String,
    #[command(flatten)]
    place: Place,
    /// List so many of the questions that changed.
    #[arg(long, value_name = "N", default_value_t = 0)]
    changed: usize,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub fn run(self) -> anyhow::Result<Exit> {
        let before = stores::find(&self.before, &self.place.store)?;
        let after = stores::find(&self.after, &self.place.store)?;
        let diff = before.store.diff(&before.key, &after.store, &after.key, self.changed)?;
        if self.json {
            printer::json(&diff)
        } else {
            print(&diff)
        }
        Ok(Exit::Fine)
    }
}

fn print(diff: &RunDiff) {
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let facts: Vec<Vec<String>> = diff.facts.iter().map(|(n, a, b)| vec![n.clone(), or_none(a), or_none(b)]).collect();
    if !facts.is_empty() {
        printer::line(text_table::draw(&["fact", "before", "after"], &facts));
    }
    for (sign, lines) in [("-", &diff.recipe_before), ("+", &diff.recipe_after)] {
        lines.iter().for_each(|line| printer::line(format!("{sign} {line}")));
    }
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
    let rows: Vec<Vec<String>> = diff
        .scores
        .iter()
        .map(|s| {
            let change = s.before.zip(s.after).map_or_else(|| "-".to_owned(), |(a, b)| format!("{:+.4}", b - a));
            let name = [s.arm.clone(), s.task.clone(), s.metric.clone(), number(s.before), number(s.after), change];
            let counts = [s.n_common, s.n_rose, s.n_fell].map(|n| n.to_string());
            name.into_iter().chain(counts).collect()
        })
        .collect();
    let head = ["arm", "task", "metric", "before", "after", "change", "in common", "rose", "fell"];
    printer::line(text_table::draw(&head, &rows));
    for c in &diff.changed {
        printer::line(format!(
            "{} seed {}, {} {} {}: {} -> {}",
            c.arm, c.seed, c.task, c.metric, c.key, c.before, c.after
        ));
    }
}
