//! `phi-bench corpus label`.

use super::input_flags::{InputFlags, percent, speed, tell_skipped};
use crate::exit::Exit;
use crate::printer;
use clap::Args;
use phi_corpus::documents::scores::{Score, ScoreWriter, beside};
use phi_corpus::documents::{Record, SkipLog, for_each};
use phi_corpus::label::{RUBRIC, rubric};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Scores how educational each document is, from 0 to 5 with a reason, into a file beside the corpus.
///
/// The embedded labeller judges Python by its syntax tree: docstrings, self-containedness, function length, boilerplate,
/// naming, nesting, comments, dead imports. It is no language model, and every line of its output names it. The file,
/// INPUT.scores.jsonl, is keyed by a document's id and the hash of its text. A run that was stopped or killed goes on when
/// the same command is given again; what is scored already is left alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus label code.jsonl.zst
  phi-bench corpus label @stdlib --out stdlib.scores.jsonl
  phi-bench corpus filter code.jsonl.zst --labels code.jsonl.zst.scores.jsonl --share 0.25 --out kept.jsonl.zst")]
pub struct Label {
    #[command(flatten)]
    input: InputFlags,
    /// The file of scores [default: INPUT.scores.jsonl].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Figures {
    labeller: &'static str,
    documents: u64,
    bytes: u64,
    /// Documents of scores 0, 1, ... 5.
    histogram: [u64; 6],
    earlier: u64,
    seconds: f64,
}

impl Label {
    pub fn run(self) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let out = self.out.clone().unwrap_or_else(|| beside(&self.input.stem(), "scores.jsonl"));
        let reader = self.input.open()?;
        let mut log = SkipLog::beside(&self.input.stem());
        let mut writer = ScoreWriter::open(&out, RUBRIC)?;
        let mut figures = Figures { labeller: RUBRIC, ..Figures::default() };
        let earlier = writer.earlier_scores();
        let work = |record: &Record| {
            let document = &record.document;
            earlier.of(document).map_or_else(
                || {
                    let labelled = rubric(&document.text);
                    let score = Score {
                        id: document.id.clone(),
                        hash: document.content_hash(),
                        labeller: RUBRIC.to_owned(),
                        score: f64::from(labelled.score),
                        reason: labelled.reason,
                    };
                    (score.score, Some(score))
                },
                |score| (score, None),
            )
        };
        for_each(reader, work, |result| {
            let (record, (score, new)) = match result {
                Ok(it) => it,
                Err(skip) => return log.add(&skip),
            };
            figures.documents += 1;
            figures.bytes += record.document.text.len() as u64;
            figures.histogram[score.round().clamp(0.0, 5.0) as usize] += 1;
            match new {
                Some(score) => writer.write(&score),
                None => {
                    figures.earlier += 1;
                    Ok(())
                }
            }
        })?;
        writer.flush()?;
        figures.seconds = start.elapsed().as_secs_f64();
        tell_skipped(&log);
        if self.json {
            printer::json(&figures);
            return Ok(Exit::Fine);
        }
        printer::line(format!(
            "{} documents scored by {RUBRIC}, {} of them earlier ({})",
            figures.documents,
            figures.earlier,
            speed(figures.bytes, start)
        ));
        for (score, count) in figures.histogram.iter().enumerate() {
            printer::line(format!("  score {score} {count:>9} {:>9}", percent(*count, figures.documents)));
        }
        printer::line(format!("scores in {}", out.display()));
        Ok(Exit::Fine)
    }
}
