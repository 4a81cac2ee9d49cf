//! Exercises and textbooks from a model behind a server.

use super::{Synth, print_diversity};
use crate::commands::sandbox::open;
use crate::count_bar::CountBar;
use crate::exit::Exit;
use crate::{interrupt, printer};
use anyhow::{Context, bail};
use phi_corpus::JsonLog;
use phi_corpus::documents::{ReadOptions, Reader, for_each};
use phi_corpus::synth::served::{SeedDocuments, ServedJob, ServedReport, Unfinished, topics};
use phi_corpus::teacher::{Spending, Teacher};
use phi_sandbox::Python;
use serde::Serialize;
use std::time::Instant;

#[derive(Debug, Serialize)]
struct Report {
    seed: u64,
    exercises: Option<ServedReport>,
    textbooks: Option<ServedReport>,
    spending: Spending,
    seconds: f64,
}

impl Synth {
    pub(super) fn synth_by_server(&self, teacher: &Teacher) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let stop = interrupt::flag()?;
        let job = ServedJob {
            teacher,
            seed: self.seed,
            topics: self.topics()?,
            seeds: self.seed_pieces()?,
            near: self.near(),
            threads: self.threads(),
            stop: &stop,
        };
        let forecast = job.forecast(self.exercises as u64, self.textbooks as u64);
        let text = self.teacher.forecast(&forecast, teacher.budget());
        if self.teacher.is_dry() {
            if self.json {
                printer::json(&forecast);
            } else {
                printer::line(text);
            }
            return Ok(Exit::Fine);
        }
        printer::note(text);
        let exercises = (self.exercises > 0).then(|| self.served_exercises(&job)).transpose()?;
        let textbooks = (self.textbooks > 0).then(|| self.served_textbooks(&job)).transpose()?;
        let report = Report {
            seed: self.seed,
            exercises,
            textbooks,
            spending: teacher.spending(),
            seconds: start.elapsed().as_secs_f64(),
        };
        self.write_report(&report)?;
        if self.json {
            printer::json(&report);
        } else {
            self.print(&report);
        }
        let unfinished = [&report.exercises, &report.textbooks].into_iter().flatten().find_map(|it| it.unfinished);
        Ok(match unfinished {
            None => Exit::Fine,
            Some(Unfinished::Budget) => {
                printer::note(
                    "the budget is spent before there are enough; the same command with a larger --max-cost or \
                     --max-tokens-total goes on",
                );
                Exit::No
            }
            Some(Unfinished::TooManyRejected) => {
                printer::note("too many were thrown away, and there are fewer than wanted; see the reasons");
                Exit::No
            }
        })
    }

    fn served_exercises(&self, job: &ServedJob<'_>) -> anyhow::Result<ServedReport> {
        let sandbox = open(Python::Cpython)?;
        let mut out = JsonLog::create(&self.folder()?.join("exercises.jsonl"))?;
        let bar = CountBar::new();
        let progress = |done, total| bar.set(done, total);
        let report = job.exercises(self.exercises, &sandbox, &progress, &mut |it| out.write(it));
        bar.finish();
        let report = report?;
        out.finish()?;
        Ok(report)
    }

    fn served_textbooks(&self, job: &ServedJob<'_>) -> anyhow::Result<ServedReport> {
        let mut out = JsonLog::create(&self.folder()?.join("textbooks.jsonl"))?;
        let bar = CountBar::new();
        let progress = |done, total| bar.set(done, total);
        let report = job.textbooks(self.textbooks, &progress, &mut |it| out.write(it));
        bar.finish();
        let report = report?;
        out.finish()?;
        Ok(report)
    }

    fn topics(&self) -> anyhow::Result<Vec<String>> {
        let Some(path) = &self.topics else { return Ok(topics()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let topics: Vec<String> = lines.map(str::to_owned).collect();
        if topics.is_empty() {
            bail!("{} holds no topics; give one a line", path.display());
        }
        Ok(topics)
    }

    fn seed_pieces(&self) -> anyhow::Result<Vec<String>> {
        let Some(input) = &self.seed_documents else { return Ok(vec![]) };
        let mut seeds = SeedDocuments::default();
        for_each(
            Reader::open(input, ReadOptions::default())?,
            |_| (),
            |result| {
                if let Ok((record, ())) = result {
                    seeds.add(&record.document);
                }
                Ok(())
            },
        )?;
        Ok(seeds.pieces())
    }

    fn print(&self, report: &Report) {
        for (name, made) in [("exercises", &report.exercises), ("textbook passages", &report.textbooks)] {
            let Some(made) = made else { continue };
            let rejected: Vec<String> = made.rejected.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
            let rejected = if rejected.is_empty() { "none".to_owned() } else { rejected.join(", ") };
            printer::line(format!(
                "{} {name} kept of {} asked for, by {}; thrown away: {rejected}",
                made.kept, made.asked, made.writer
            ));
            print_diversity(&made.diversity);
        }
        self.teacher.tell_spending(&report.spending);
        printer::line(format!("{:.1} s", report.seconds));
    }
}
