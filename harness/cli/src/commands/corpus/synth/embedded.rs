//! Exercises and textbooks from the embedded grammar.

use super::{Synth, print_diversity};
use crate::commands::sandbox::open;
use crate::count_bar::CountBar;
use crate::exit::Exit;
use crate::{interrupt, printer};
use phi_corpus::synth::{Diversity, DiversityMeter, SynthOptions, SynthReport, synth_exercises};
use phi_corpus::{JsonLog, concepts, generate_textbooks};
use phi_sandbox::Python;
use serde::Serialize;
use std::time::Instant;

#[derive(Debug, Serialize)]
struct Report {
    seed: u64,
    exercises: Option<SynthReport>,
    textbooks: Option<Diversity>,
    seconds: f64,
}

impl Synth {
    pub(super) fn synth_by_grammar(&self) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let exercises = (self.exercises > 0).then(|| self.grammar_exercises()).transpose()?;
        let textbooks = (self.textbooks > 0).then(|| self.grammar_textbooks()).transpose()?;
        let report = Report { seed: self.seed, exercises, textbooks, seconds: start.elapsed().as_secs_f64() };
        self.write_report(&report)?;
        if self.json {
            printer::json(&report);
        } else {
            print(&report);
        }
        Ok(Exit::Fine)
    }

    fn grammar_exercises(&self) -> anyhow::Result<SynthReport> {
        let folder = self.folder()?;
        let stop = interrupt::flag()?;
        let sandbox = open(Python::Cpython)?;
        let options =
            SynthOptions { seed: self.seed, exercises: self.exercises, threads: self.threads(), near: self.near() };
        let mut out = JsonLog::create(&folder.join("exercises.jsonl"))?;
        let bar = CountBar::new();
        let progress = |done, total| bar.set(done, total);
        let verdicts = folder.join("verdicts.txt");
        let report = synth_exercises(options, &sandbox, &verdicts, &stop, &progress, &mut |it| out.write(it));
        bar.finish();
        let report = report?;
        out.finish()?;
        Ok(report)
    }

    fn grammar_textbooks(&self) -> anyhow::Result<Diversity> {
        let mut out = JsonLog::create(&self.folder()?.join("textbooks.jsonl"))?;
        let mut meter = DiversityMeter::new(concepts().len());
        for passage in generate_textbooks(self.seed, self.textbooks) {
            // The source is grammar/CONCEPT/AUDIENCE.
            meter.add(&passage, passage.source.split('/').nth(1).unwrap_or_default());
            out.write(&passage)?;
        }
        out.finish()?;
        Ok(meter.measure())
    }
}

fn print(report: &Report) {
    if let Some(exercises) = &report.exercises {
        let rejected = exercises.rejected;
        printer::line(format!(
            "{} exercises kept of {} drawn; thrown away: {} near-duplicates, {} with a failing solution, {} with weak tests",
            exercises.kept, exercises.drawn, rejected.near_duplicate, rejected.bad_solution, rejected.weak_tests
        ));
        let levels: Vec<String> = exercises.by_difficulty.iter().map(|(level, n)| format!("{level}: {n}")).collect();
        printer::line(format!("  by difficulty  {}", levels.join(", ")));
        print_diversity(&exercises.diversity);
    }
    if let Some(textbooks) = &report.textbooks {
        printer::line(format!("{} textbook passages", textbooks.texts));
        print_diversity(textbooks);
    }
    printer::line(format!("{:.1} s", report.seconds));
}
