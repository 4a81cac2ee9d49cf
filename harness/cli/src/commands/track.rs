//! `phi-bench track`.

use crate::exit::{Exit, UsageError};
use crate::{git, printer, run_source, text_table};
use clap::{Args, Subcommand};
use phi_reports::track::{Commit, History, Ledger, Measurement, measurements, sparkline};
use phi_reports::{Keep, date};
use std::path::{Path, PathBuf};

/// Keeps a ledger of scores, latency, memory and training speed by commit, and shows where they changed.
///
/// The ledger is a file of JSON lines in the repository that is only added to. With `*.jsonl merge=union` in .gitattributes,
/// git keeps the lines of both branches.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench track add phi-bench-out/tiling          this commit's measurements, from an ablation
  phi-bench track add results/ --arm nightly        from results of eval or lm_eval
  phi-bench track list --measure humaneval
  phi-bench track report --html history.html        the history, with change points")]
pub struct Track {
    #[command(subcommand)]
    command: TrackCommand,
}

#[derive(Debug, Subcommand)]
enum TrackCommand {
    Add(Add),
    List(List),
    Report(Report),
}

/// Adds a run's measurements to the ledger.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench track add phi-bench-out/tiling
  phi-bench track add results/ --commit v1.2 --date 2026-01-31")]
struct Add {
    /// The ablation's output folder, or a folder of results in lm-evaluation-harness's layout.
    run: PathBuf,
    #[command(flatten)]
    file: File,
    /// The commit that was measured [default: the one that is checked out here].
    #[arg(long, value_name = "ID")]
    commit: Option<String>,
    /// When it was made (UTC) [default: the commit's date].
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    date: Option<u64>,
    /// Call the run's only arm this, whatever its name.
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
}

/// Where the ledger lies.
#[derive(Debug, Args)]
struct File {
    /// The ledger.
    #[arg(long, value_name = "FILE", default_value = "phi-bench-ledger.jsonl")]
    ledger: PathBuf,
}

/// Which measurements to show.
#[derive(Debug, Args)]
struct Filter {
    /// Only arms whose name holds this.
    #[arg(long)]
    arm: Option<String>,
    /// Only measures whose name holds this (a task, a metric, `latency`, `training speed`, `peak memory`).
    #[arg(long)]
    measure: Option<String>,
}

/// Lists the ledger's measurements.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench track list --arm tiling --measure humaneval")]
struct List {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    filter: Filter,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

/// Shows the history of each measure, and marks where its level changed.
///
/// Change points are found by binary segmentation with a permutation test; docs/src/track.md says how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench track report
  phi-bench track report --measure pass@1 --html history.html")]
struct Report {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    filter: Filter,
    /// Chance of a change point in a series that doesn't change.
    #[arg(long, default_value_t = 0.01)]
    alpha: f64,
    /// Write a page with a picture of each series.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Track {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            TrackCommand::Add(c) => c.run(),
            TrackCommand::List(c) => c.run(),
            TrackCommand::Report(c) => c.run(),
        }
    }
}

impl Add {
    fn run(self) -> anyhow::Result<Exit> {
        let mut run = run_source::load(&self.run, Keep::Scores)?;
        if let Some(name) = &self.arm {
            let arms: std::collections::BTreeSet<&str> = run.arms.iter().map(|a| a.arm.as_str()).collect();
            if arms.len() != 1 {
                return Err(UsageError(format!("--arm names a run's only arm, and this run has {}", arms.len())).into());
            }
            run.arms.iter_mut().for_each(|arm| arm.arm.clone_from(name));
        }
        let commit = self.commit()?;
        let measured = measurements(&run, &commit);
        anyhow::ensure!(!measured.is_empty(), "{} holds no score to keep", self.run.display());
        let n_added = Ledger::append(&self.file.ledger, &measured)?;
        printer::line(format!(
            "{n_added} measurements of {} added to {}{}",
            commit.id,
            self.file.ledger.display(),
            if n_added < measured.len() { "; the others stood there already" } else { "" }
        ));
        Ok(Exit::Fine)
    }

    fn commit(&self) -> anyhow::Result<Commit> {
        let here = if self.commit.is_some() && self.date.is_some() { None } else { git::head() };
        let usage = |what: &str| {
            UsageError(format!("there is no commit here to take the {what} from: give --commit and --date"))
        };
        let id = match &self.commit {
            Some(id) => id.clone(),
            None => here.as_ref().ok_or_else(|| usage("name"))?.id.clone(),
        };
        let unix_s = match (self.date, here) {
            (Some(date), _) => date,
            (None, Some(here)) if here.id.starts_with(&id) => here.unix_s,
            (None, Some(_)) => {
                return Err(
                    UsageError(format!("--commit {id} isn't the commit that is checked out: give its --date")).into()
                );
            }
            (None, None) => return Err(usage("date").into()),
        };
        Ok(Commit { id, unix_s })
    }
}

/// The ledger's measurements that fit; broken lines are told.
fn load(path: &Path, filter: &Filter) -> anyhow::Result<Vec<Measurement>> {
    anyhow::ensure!(
        path.exists(),
        "no ledger at {}: `phi-bench track add RUN` begins one, `--ledger FILE` names another",
        path.display()
    );
    let ledger = Ledger::load(path)?;
    for broken in &ledger.broken {
        printer::note(format!("{}, line {}: skipped: {}", path.display(), broken.number, broken.reason));
    }
    let holds = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|w| name.contains(w.as_str()));
    let mut measurements = ledger.measurements;
    measurements.retain(|m| holds(&filter.arm, &m.arm) && holds(&filter.measure, &m.measure));
    Ok(measurements)
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let measurements = load(&self.file.ledger, &self.filter)?;
        if self.json {
            printer::json(&measurements);
            return Ok(Exit::Fine);
        }
        let rows: Vec<Vec<String>> = measurements
            .iter()
            .map(|m| {
                let interval = m.interval.map(|(low, high)| format!("{} to {}", m.unit.show(low), m.unit.show(high)));
                let date = m.date.chars().take(10).collect();
                let commit = m.commit.chars().take(10).collect();
                let n = m.n.map_or_else(String::new, |n| n.to_string());
                vec![
                    date,
                    commit,
                    m.arm.clone(),
                    m.measure.clone(),
                    m.unit.show(m.value),
                    interval.unwrap_or_default(),
                    n,
                ]
            })
            .collect();
        printer::line(text_table::draw(&["date", "commit", "arm", "measure", "value", "95 % CI", "n"], &rows));
        Ok(Exit::Fine)
    }
}

impl Report {
    fn run(self) -> anyhow::Result<Exit> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(UsageError(format!("--alpha is {}; it must lie between 0 and 1", self.alpha)).into());
        }
        let history = History::of(&load(&self.file.ledger, &self.filter)?, self.alpha);
        anyhow::ensure!(!history.series.is_empty(), "{} holds no such measurement", self.file.ledger.display());
        let rows: Vec<Vec<String>> = history
            .series
            .iter()
            .map(|s| {
                let values: Vec<f64> = s.points.iter().map(|p| p.value).collect();
                let marks: Vec<usize> = s.change_points.iter().map(|c| c.index).collect();
                let n = s.points.len().to_string();
                vec![s.arm.clone(), s.measure.clone(), n, s.unit.show(s.last().value), sparkline(&values, &marks)]
            })
            .collect();
        printer::line(text_table::draw(&["arm", "measure", "commits", "last", "history (| a change)"], &rows));
        for s in &history.series {
            for change in &s.change_points {
                printer::line(format!("{} {}: {}", s.arm, s.measure, s.sentence(change)));
            }
        }
        if let Some(path) = &self.html {
            phi_model::write_whole(path, history.to_html("phi-bench: history")?.as_bytes())?;
            printer::line(std::path::absolute(path).unwrap_or_else(|_| path.clone()).display());
        }
        Ok(Exit::Fine)
    }
}

fn parse_date(text: &str) -> Result<u64, String> {
    date::parse(text).ok_or_else(|| "a date looks like 2026-01-31, or 2026-01-31T12:00:00Z".to_owned())
}
