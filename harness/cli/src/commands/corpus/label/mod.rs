//! `phi-bench corpus label`.

mod embedded;
mod served;

use super::input_flags::{InputFlags, percent, speed};
use super::teacher_flags::TeacherFlags;
use crate::exit::Exit;
use crate::printer;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_corpus::documents::scores::beside;
use phi_corpus::documents::{Read, SkipLog, for_each};
use phi_corpus::label::HashSample;
use phi_corpus::teacher::Spending;
use phi_corpus::{CorpusError, Document};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Scores how educational each document is, from 0 to 5 with a reason, into a file beside the corpus.
///
/// With --server a language model is asked, in phi-1's words, how educational a sample is for a student whose goal is to learn
/// basic coding concepts. First it is said what that will cost. Every answer is kept as soon as it comes, so no sample is paid
/// twice; answers that aren't a score are asked for again, and then listed in INPUT.unlabelled.jsonl. When the budget is spent,
/// the exit code is 1, and the same command with a larger one goes on.
///
/// Without a server the embedded labeller judges Python by its syntax tree: docstrings, self-containedness, function length,
/// boilerplate, naming, nesting, comments, dead imports. It is no language model, and every line of its output names it.
///
/// The file, INPUT.scores.jsonl, is keyed by a document's id and the hash of its text. A run that was stopped or killed goes on
/// when the same command is given again; what is scored already is left alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus label code.jsonl.zst
  phi-bench corpus label code.jsonl.zst --server http://localhost:8000/v1 \\
      --model llama-3.1-70b --num-concurrent 32 --sample 100000
  phi-bench corpus label code.parquet --server https://api.openai.com/v1 --model gpt-4o-mini \\
      --price-in 0.15 --price-out 0.6 --max-cost 5 --dry-run
  phi-bench corpus label @stdlib --out stdlib.scores.jsonl
  phi-bench corpus filter code.jsonl.zst --labels code.jsonl.zst.scores.jsonl --share 0.25 \\
      --out kept.jsonl.zst")]
pub struct Label {
    #[command(flatten)]
    input: InputFlags,
    /// The file of scores [default: INPUT.scores.jsonl].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Score only so many documents: those of the smallest hashes, which are as good as drawn at random. The filter is trained
    /// on them; phi-1 took 100,000.
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1 << 24))]
    sample: Option<usize>,
    /// KiB of a document that a model is shown, its first ones.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    shown_kb: usize,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    teacher: TeacherFlags,
}

#[derive(Debug, Default, Serialize)]
struct Figures {
    labeller: String,
    documents: u64,
    bytes: u64,
    /// Documents of scores 0, 1, ... 5.
    histogram: [u64; 6],
    /// Scored by an earlier run.
    earlier: u64,
    /// Without a score, since the model's answers are of no use.
    unusable: u64,
    /// Without a score, since the budget is spent.
    beyond_budget: u64,
    /// What a model's answers cost.
    spending: Option<Spending>,
    seconds: f64,
}

impl Label {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.teacher.open()? {
            Some(teacher) => self.label_by_server(&teacher),
            None => self.label_by_rubric(),
        }
    }

    /// The file of scores.
    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| beside(&self.input.stem(), "scores.jsonl"))
    }

    /// The sample that is wanted, if not everything is.
    fn sample(&self) -> anyhow::Result<Option<HashSample>> {
        let Some(most) = self.sample else { return Ok(None) };
        let mut sample = HashSample::new(most);
        self.each_document(|document| sample.add(document))?;
        Ok(Some(sample))
    }

    /// Reads the corpus once through.
    fn each_document(&self, mut each: impl FnMut(&Document)) -> anyhow::Result<()> {
        for_each(
            self.input.open()?,
            |_| (),
            |result| {
                if let Ok((record, ())) = result {
                    each(&record.document);
                }
                Ok(())
            },
        )?;
        Ok(())
    }

    fn report(&self, figures: &Figures, start: Instant) {
        if self.json {
            printer::json(figures);
            return;
        }
        printer::line(format!(
            "{} documents scored by {}, {} of them earlier ({})",
            figures.histogram.iter().sum::<u64>(),
            figures.labeller,
            figures.earlier,
            speed(figures.bytes, start)
        ));
        for (score, count) in figures.histogram.iter().enumerate() {
            printer::line(format!("  score {score} {count:>9} {:>9}", percent(*count, figures.documents)));
        }
        if let Some(spending) = &figures.spending {
            self.teacher.tell_spending(spending);
        }
        printer::line(format!("scores in {}", self.out().display()));
    }
}

impl Figures {
    fn add(&mut self, document: &Document) {
        self.documents += 1;
        self.bytes += document.text.len() as u64;
    }

    fn add_score(&mut self, score: f64, is_earlier: bool) {
        self.histogram[score.round().clamp(0.0, 5.0) as usize] += 1;
        self.earlier += u64::from(is_earlier);
    }
}

/// Passes over the documents that aren't of the sample.
fn is_wanted(sample: Option<&HashSample>, read: &Result<Read, CorpusError>) -> bool {
    match (sample, read) {
        (Some(sample), Ok(Read::Record(record))) => sample.holds(&record.document),
        _ => true,
    }
}

/// Notes what was passed over.
fn skip_log(label: &Label) -> SkipLog {
    SkipLog::beside(&label.input.stem())
}
