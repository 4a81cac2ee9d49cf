//! `phi-bench corpus synth`.

mod embedded;
mod served;

use super::teacher_flags::TeacherFlags;
use crate::exit::{Exit, UsageError};
use crate::printer;
use anyhow::Context;
use clap::Args;
use phi_corpus::concepts;
use phi_corpus::dedup::DedupOptions;
use phi_corpus::documents::Input;
use phi_corpus::grammar::Concept;
use phi_corpus::synth::Diversity;
use serde::Serialize;
use std::path::PathBuf;

/// Makes exercises and textbooks, from the embedded grammar or from a language model, and measures how varied they are.
///
/// Every exercise's solution runs in the sandbox against its tests, and so do trivial wrong answers; what fails, what has weak
/// tests and what nearly repeats an earlier one is thrown away and counted. OUTPUT gets exercises.jsonl (HumanEval's fields,
/// with concept and difficulty), textbooks.jsonl and synth.json. Stopped or killed, the same command goes on without running or
/// paying anything twice. The same seed gives the same files, of a model as long as its answers are kept.
///
/// With --server a language model writes: textbooks by topic, audience and words that must come up; exercises by topic, audience,
/// difficulty and the name of the function; and each on a piece of your own documents, with --seed-documents.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus synth --exercises 100000 --textbooks 50000 --out synth/
  phi-bench corpus synth --exercises 1000 --seed 7 --near 0.9 --out small/ --json
  phi-bench corpus synth --list-concepts
  phi-bench corpus synth --exercises 2000 --textbooks 500 --out llm/ \\
      --server http://localhost:8000/v1 --model qwen2.5-72b --num-concurrent 16
  phi-bench corpus synth --textbooks 500 --exercises 0 --out llm/ --server URL --model NAME \\
      --topics my-topics.txt --seed-documents web.jsonl.zst --dry-run")]
pub struct Synth {
    /// Exercises wanted.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    exercises: usize,
    /// Textbook passages wanted.
    #[arg(long, value_name = "N", default_value_t = 0)]
    textbooks: usize,
    /// The folder to write.
    #[arg(long, value_name = "DIR", required_unless_present = "list_concepts")]
    out: Option<PathBuf>,
    /// Seed of the grammar, or of what a model is asked for.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Jaccard similarity of 5-word shingles from which a text is thrown away as a near-duplicate.
    #[arg(long, value_name = "X", default_value_t = 0.8)]
    near: f64,
    /// Programs at once [default: the number of cores]. Results don't depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print the concepts of the embedded grammar, and the topics that a model is given, and do nothing.
    #[arg(long)]
    list_concepts: bool,
    /// Topics for a model, one a line; lines that begin with # are passed over [default: 169 built-in ones].
    #[arg(long, value_name = "FILE", requires = "server")]
    topics: Option<PathBuf>,
    /// Documents whose beginnings a model is shown, to build on: a .jsonl or .parquet file, a folder, or @stdlib.
    #[arg(long, value_name = "CORPUS", requires = "server")]
    seed_documents: Option<Input>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    teacher: TeacherFlags,
}

impl Synth {
    pub fn run(self) -> anyhow::Result<Exit> {
        if self.list_concepts {
            return Ok(self.list());
        }
        if !(self.near > 0.0 && self.near <= 1.0) {
            return Err(UsageError(format!("--near is {}; it lies above 0 and at most at 1", self.near)).into());
        }
        if self.exercises + self.textbooks == 0 {
            return Err(UsageError("nothing to make: --exercises and --textbooks are both 0".into()).into());
        }
        match self.teacher.open()? {
            Some(teacher) => self.synth_by_server(&teacher),
            None => self.synth_by_grammar(),
        }
    }

    fn list(&self) -> Exit {
        let (concepts, topics) = (concepts(), phi_corpus::synth::served::topics());
        if self.json {
            let concept = |it: &Concept| serde_json::json!({ "name": it.name(), "level": it.level() });
            let concepts: Vec<_> = concepts.iter().map(concept).collect();
            printer::json(&serde_json::json!({ "concepts": concepts, "topics": topics }));
            return Exit::Fine;
        }
        printer::line(format!("{} concepts of the embedded grammar:", concepts.len()));
        concepts.iter().for_each(|it| printer::line(format!("  {} (level {})", it.name(), it.level())));
        printer::line(format!("{} topics that a model is given:", topics.len()));
        topics.iter().for_each(|it| printer::line(format!("  {it}")));
        Exit::Fine
    }

    /// The folder to write, which is made.
    fn folder(&self) -> anyhow::Result<PathBuf> {
        let out = self.out.clone().context("--out DIR is needed")?;
        std::fs::create_dir_all(&out).with_context(|| format!("can't make {}", out.display()))?;
        Ok(out)
    }

    fn threads(&self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
    }

    /// Rare bands miss pairs: 42 bands of 3 find a pair of similarity 0.8 but for once in ten million times.
    fn near(&self) -> DedupOptions {
        DedupOptions { threshold: self.near, bands: 42, rows: 3, ..DedupOptions::default() }
    }

    /// Writes the figures beside what was made.
    fn write_report(&self, report: &impl Serialize) -> anyhow::Result<()> {
        let path = self.folder()?.join("synth.json");
        std::fs::write(&path, serde_json::to_string_pretty(report)?)
            .with_context(|| format!("can't write {}", path.display()))
    }
}

fn print_diversity(it: &Diversity) {
    let [one, two, three] = it.distinct;
    printer::line(format!("  distinct-1, -2, -3  {one:.4}, {two:.4}, {three:.4}"));
    printer::line(format!("  near-duplicates  {:.3} %", 100.0 * it.near_duplicate_share));
    printer::line(format!("  embedding spread  {:.3}", it.embedding_spread));
    printer::line(format!("  topics  {} of {}, evenness {:.3}", it.topics.0, it.topics.1, it.topic_evenness));
}
