//! `phi-bench corpus decontaminate`.

use super::input_flags::{InputFlags, speed, tell_skipped};
use crate::commands::tasks::load;
use crate::exit::{Exit, UsageError};
use crate::printer;
use crate::task_flags::builtin_library;
use anyhow::Context;
use clap::Args;
use phi_corpus::JsonLog;
use phi_corpus::contamination::{
    BenchmarkItem, Contamination, Decontaminator, Method, Split, Thresholds, html, markdown,
};
use phi_corpus::documents::{SkipLog, Writer, for_each, scores};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Leaves out documents that give a benchmark's questions or answers away, and says which and why.
///
/// ngram13: 13 words in a row in common (phi-1). ngram10: 10 words in a row, and more than half of the question with its
/// answer found again (Cosmopedia). embedding: cosine of hashed n-grams, function by function. syntax: match rate of syntax
/// trees, function by function, 1 - edit distance / size (phi-1); names of variables aren't compared.
///
/// Every match is listed in OUTPUT.contamination.jsonl; --report writes the strongest side by side. --split writes which
/// problems have a similar function in the corpus, at tau 0.95, 0.9, 0.85 and 0.8.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus decontaminate code.jsonl.zst --tasks humaneval,mbpp --out clean.jsonl.zst \\
      --report matches.html
  phi-bench corpus decontaminate exercises.jsonl --tasks humaneval --by syntax --tau 0.8 \\
      --split split.json
  phi-bench corpus decontaminate text.parquet --tasks gsm8k,arc_easy --by ngram13,ngram10 --json")]
pub struct Decontaminate {
    #[command(flatten)]
    input: InputFlags,
    /// Tasks to compare with (`phi-bench tasks list`); their data are found by PHI_BENCH_DATA.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    tasks: Vec<String>,
    /// Which ways to compare.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "ngram13,ngram10,syntax", value_parser = ["ngram13", "ngram10", "embedding", "syntax"])]
    by: Vec<String>,
    /// Where the other documents go; without it, they are only counted.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Match rate of syntax trees from which a document is left out; matches are listed from 0.8 on.
    #[arg(long, value_name = "X", default_value_t = 0.9)]
    tau: f64,
    /// Share of a question and its answer that must be found again for ngram10.
    #[arg(long, value_name = "X", default_value_t = 0.5)]
    matched_share: f64,
    /// Cosine from which embeddings count as the same.
    #[arg(long, value_name = "X", default_value_t = 0.95)]
    cosine: f64,
    /// Nodes of a function's syntax tree at least; smaller functions are everybody's.
    #[arg(long, value_name = "N", default_value_t = 25)]
    min_nodes: usize,
    /// Write the strongest matches side by side (.html, or .md).
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write which problems are similar to something in the corpus, as JSON.
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    thresholds: Thresholds,
    #[serde(flatten)]
    figures: &'a Contamination,
    splits: Vec<Split>,
    seconds: f64,
}

impl Decontaminate {
    pub fn run(self) -> anyhow::Result<Exit> {
        for (name, value) in [("tau", self.tau), ("matched-share", self.matched_share), ("cosine", self.cosine)] {
            if !(value > 0.0 && value <= 1.0) {
                return Err(UsageError(format!("--{name} is {value}; it lies above 0 and at most at 1")).into());
            }
        }
        let methods: Vec<Method> = self.by.iter().map(|it| it.parse()).collect::<Result<_, _>>().map_err(UsageError)?;
        let thresholds = Thresholds {
            matched_share: self.matched_share,
            cosine: self.cosine,
            tau: self.tau,
            min_nodes: self.min_nodes,
        };
        let mut items = vec![];
        for task in &self.tasks {
            items.extend(benchmark_items(task)?);
        }
        let decontaminator = Decontaminator::new(items, methods, thresholds);
        let start = Instant::now();
        let beside = self.out.clone().unwrap_or_else(|| self.input.stem());
        let reader = self.input.open()?;
        let mut log = SkipLog::beside(&beside);
        let mut out = self.out.as_deref().map(Writer::create).transpose()?;
        let mut list = JsonLog::create(&scores::beside(&beside, "contamination.jsonl"))?;
        let mut figures = Contamination::default();
        for_each(
            reader,
            |record| decontaminator.examine(&record.document),
            |result| {
                let (record, matches) = match result {
                    Ok(it) => it,
                    Err(skip) => return log.add(&skip),
                };
                matches.iter().try_for_each(|found| list.write(found))?;
                let is_removed = figures.add(record.document.text.len() as u64, &matches);
                match &mut out {
                    Some(out) if !is_removed => out.write(&record),
                    _ => Ok(()),
                }
            },
        )?;
        if let Some(out) = out {
            out.finish()?;
        }
        let list = list.finish()?;
        let seconds = start.elapsed().as_secs_f64();
        tell_skipped(&log);
        if let Some(path) = &self.report {
            let is_markdown = path.extension().is_some_and(|it| it == "md");
            let render = if is_markdown { markdown } else { html };
            std::fs::write(path, render(&mut figures, &decontaminator))
                .with_context(|| format!("can't write {}", path.display()))?;
        }
        let splits = figures.splits(&decontaminator);
        if let Some(path) = &self.split {
            std::fs::write(path, serde_json::to_string_pretty(&splits)?)
                .with_context(|| format!("can't write {}", path.display()))?;
        }
        if self.json {
            printer::json(&Report { thresholds, figures: &figures, splits, seconds });
            return Ok(Exit::Fine);
        }
        figures.summary(&decontaminator).into_iter().for_each(printer::line);
        printer::line(format!("{}; matches listed in {}", speed(figures.bytes, start), list.display()));
        Ok(Exit::Fine)
    }
}

/// The questions of a task with their answers; for code, the reference solution.
fn benchmark_items(name: &str) -> anyhow::Result<Vec<BenchmarkItem>> {
    let task = load(&builtin_library(), name, None)?;
    let mut items = vec![];
    for question in task.questions(Some(0), None)? {
        let code = match task.reference(question.doc_id) {
            Ok(reference) => Some(task.program(question.doc_id, &reference)?),
            Err(phi_suites::SuiteError::NotCode { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let answer = match (&code, question.choices.get(question.gold)) {
            (Some(_), _) => task.reference(question.doc_id)?,
            (None, Some(choice)) => choice.clone(),
            (None, None) => question.target.clone(),
        };
        let text = format!("{}\n{answer}", question.prompt);
        items.push(BenchmarkItem { task: name.to_owned(), key: question.key, text, code });
    }
    Ok(items)
}
