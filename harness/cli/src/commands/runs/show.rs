//! `phi-bench runs show`.

use super::Place;
use crate::exit::Exit;
use crate::{printer, stores, text_table};
use clap::Args;
use phi_reports::{Run, SampleFilter, date};

/// Shows a run: what was asked, the machine, the scores; or its samples.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs show phi-bench-out/tiling
  phi-bench runs show 61ab --samples --task humaneval --verdict failed --limit 5
  phi-bench runs show tiling --samples --text \"def fib\" --json")]
pub struct Show {
    /// The run: an output folder, a name, or the beginning of a key.
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    place: Place,
    /// Show samples instead: prompt, answers and what they are worth.
    #[arg(long)]
    samples: bool,
    /// Only samples of this arm.
    #[arg(long, requires = "samples")]
    arm: Option<String>,
    /// Only samples of this task.
    #[arg(long, requires = "samples")]
    task: Option<String>,
    /// Only samples with an answer of this verdict (`passed`, `failed`, ...).
    #[arg(long, requires = "samples")]
    verdict: Option<String>,
    /// Only samples with these words in key, prompt, target or an answer.
    #[arg(long, requires = "samples", value_name = "WORDS")]
    text: Option<String>,
    /// Samples to show, at most.
    #[arg(long, requires = "samples", value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Print as JSON (samples: a line each).
    #[arg(long)]
    json: bool,
}

impl Show {
    pub fn run(self) -> anyhow::Result<Exit> {
        let found = stores::find(&self.run, &self.place.store)?;
        if !self.samples {
            let run = found.store.load_without_samples(&found.key)?;
            if self.json {
                printer::json(&run)
            } else {
                print(&run)
            }
            return Ok(Exit::Fine);
        }
        let filter = SampleFilter { arm: self.arm, task: self.task, verdict: self.verdict, text: self.text };
        let samples = found.store.samples(&found.key, &filter, self.limit)?;
        for sample in &samples {
            if self.json {
                printer::line(serde_json::to_string(sample)?);
                continue;
            }
            printer::line(format!("== {} seed {}, {} {}", sample.arm, sample.seed, sample.task, sample.key));
            printer::line(&sample.prompt);
            for answer in &sample.responses {
                let verdict = answer.verdict.as_deref().unwrap_or("answer");
                let detail = answer.detail.as_deref().map_or_else(String::new, |d| format!(" ({d})"));
                printer::line(format!("-- {verdict}{detail}\n{}", answer.text));
            }
        }
        printer::note(format!("{} samples", samples.len()));
        Ok(Exit::Fine)
    }
}

fn print(run: &Run) {
    printer::line(format!("{}  {}\n{}", run.key, run.name, run.question));
    printer::line(format!(
        "began {}, {:.0} s of computing\n{}\n",
        date::iso(run.started_unix_s),
        run.compute_s,
        run.command
    ));
    let facts = run.environment.iter().chain(&run.corpus);
    let facts: Vec<Vec<String>> = facts.map(|(name, value)| vec![name.clone(), value.clone()]).collect();
    printer::line(text_table::draw(&["fact", "value"], &facts));
    let rows: Vec<Vec<String>> = run
        .arms
        .iter()
        .flat_map(|arm| arm.scores.iter().map(move |score| (arm, score)))
        .map(|(arm, s)| {
            vec![
                arm.arm.clone(),
                arm.seed.to_string(),
                s.task.clone(),
                s.metric.clone(),
                format!("{:.4}", s.value),
                format!("{:.4} to {:.4}", s.interval.0, s.interval.1),
                s.n.to_string(),
            ]
        })
        .collect();
    printer::line(text_table::draw(&["arm", "seed", "task", "metric", "value", "95 % CI", "n"], &rows));
    for l in &run.left_out {
        printer::line(format!("left out: {}: {}; {}", l.task, l.why, l.how));
    }
}
