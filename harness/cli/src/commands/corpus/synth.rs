//! `phi-bench corpus synth`.

use crate::commands::sandbox::open;
use crate::count_bar::CountBar;
use crate::exit::{Exit, UsageError};
use crate::{interrupt, printer};
use anyhow::Context;
use clap::Args;
use phi_corpus::dedup::DedupOptions;
use phi_corpus::synth::{Diversity, DiversityMeter, SynthOptions, SynthReport, synth_exercises};
use phi_corpus::{JsonLog, concepts, generate_textbooks};
use phi_sandbox::Python;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Makes exercises and textbooks from the embedded grammar, and measures how varied they are.
///
/// Every exercise's solution runs in the sandbox against its tests, and so do trivial wrong answers; what fails, what has
/// weak tests and what nearly repeats an earlier one is thrown away and counted. OUTPUT gets exercises.jsonl (HumanEval's
/// fields, with concept and difficulty), textbooks.jsonl and synth.json. Stopped or killed, the same command goes on
/// without running anything twice. The same seed gives the same files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus synth --exercises 100000 --textbooks 50000 --out synth/
  phi-bench corpus synth --exercises 1000 --seed 7 --near 0.9 --out small/ --json")]
pub struct Synth {
    /// Exercises wanted.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    exercises: usize,
    /// Textbook passages wanted.
    #[arg(long, value_name = "N", default_value_t = 0)]
    textbooks: usize,
    /// The folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of the grammar.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Jaccard similarity of 5-word shingles from which an exercise is thrown away as a near-duplicate.
    #[arg(long, value_name = "X", default_value_t = 0.8)]
    near: f64,
    /// Programs at once [default: the number of cores]. Results don't depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    seed: u64,
    exercises: Option<SynthReport>,
    textbooks: Option<Diversity>,
    seconds: f64,
}

impl Synth {
    pub fn run(self) -> anyhow::Result<Exit> {
        if !(self.near > 0.0 && self.near <= 1.0) {
            return Err(UsageError(format!("--near is {}; it lies above 0 and at most at 1", self.near)).into());
        }
        if self.exercises + self.textbooks == 0 {
            return Err(UsageError("nothing to make: --exercises and --textbooks are both 0".into()).into());
        }
        let start = Instant::now();
        std::fs::create_dir_all(&self.out).with_context(|| format!("can't make {}", self.out.display()))?;
        let exercises = (self.exercises > 0).then(|| self.make_exercises()).transpose()?;
        let textbooks = (self.textbooks > 0).then(|| self.make_textbooks()).transpose()?;
        let report = Report { seed: self.seed, exercises, textbooks, seconds: start.elapsed().as_secs_f64() };
        let path = self.out.join("synth.json");
        std::fs::write(&path, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("can't write {}", path.display()))?;
        if self.json {
            printer::json(&report);
        } else {
            print(&report);
        }
        Ok(Exit::Fine)
    }

    fn make_exercises(&self) -> anyhow::Result<SynthReport> {
        let stop = interrupt::flag()?;
        let sandbox = open(Python::Cpython)?;
        let threads = self
            .jobs
            .map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from);
        // Rare bands miss pairs: 42 bands of 3 find a pair of similarity 0.8 but for once in ten million times.
        let near = DedupOptions { threshold: self.near, bands: 42, rows: 3, ..DedupOptions::default() };
        let options = SynthOptions { seed: self.seed, exercises: self.exercises, threads, near };
        let mut out = JsonLog::create(&self.out.join("exercises.jsonl"))?;
        let bar = CountBar::new();
        let progress = |done, total| bar.set(done, total);
        let verdicts = self.out.join("verdicts.txt");
        let report = synth_exercises(options, &sandbox, &verdicts, &stop, &progress, &mut |it| out.write(it));
        bar.finish();
        let report = report?;
        out.finish()?;
        Ok(report)
    }

    fn make_textbooks(&self) -> anyhow::Result<Diversity> {
        let mut out = JsonLog::create(&self.out.join("textbooks.jsonl"))?;
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

fn print_diversity(it: &Diversity) {
    let [one, two, three] = it.distinct;
    printer::line(format!("  distinct-1, -2, -3  {one:.4}, {two:.4}, {three:.4}"));
    printer::line(format!("  near-duplicates  {:.3} %", 100.0 * it.near_duplicate_share));
    printer::line(format!("  embedding spread  {:.3}", it.embedding_spread));
    printer::line(format!("  topics  {} of {}, evenness {:.3}", it.topics.0, it.topics.1, it.topic_evenness));
}
