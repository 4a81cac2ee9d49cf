//! `phi-bench corpus dedup`.

use super::input_flags::{InputFlags, percent, speed, tell_skipped};
use crate::exit::{Exit, UsageError};
use crate::printer;
use clap::Args;
use phi_corpus::JsonLog;
use phi_corpus::dedup::{DedupOptions, Deduplicator, Measured, measure_dedup};
use phi_corpus::documents::{Read, SkipLog, Writer, for_each, scores};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Leaves out documents that repeat an earlier one: the same text, or nearly the same.
///
/// Near-duplicates are found by MinHash with locality-sensitive hashing over shingles of words and signs. Each document is
/// compared with those kept before it; the first of a group stays. What was left out, and of which document it is a
/// copy, is listed in OUTPUT.duplicates.jsonl.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus dedup code.jsonl.zst --out unique.jsonl.zst
  phi-bench corpus dedup code.parquet --out unique.parquet --threshold 0.7 --bands 25 --rows 5
  phi-bench corpus dedup @stdlib --measure     precision and recall, on planted copies")]
pub struct Dedup {
    #[command(flatten)]
    input: InputFlags,
    /// Where the documents that are kept go (.jsonl, .jsonl.gz, .jsonl.zst, .parquet); without it they are only counted.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Estimated Jaccard similarity from which a document counts as a near-duplicate.
    #[arg(long, value_name = "X", default_value_t = DedupOptions::default().threshold)]
    threshold: f64,
    /// Words and signs of a shingle.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    shingle: u16,
    /// Bands of the signature.
    #[arg(long, value_name = "N", default_value_t = 21, value_parser = clap::value_parser!(u16).range(1..=256))]
    bands: u16,
    /// Minima of a band.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=64))]
    rows: u16,
    /// Look for the same text only.
    #[arg(long)]
    exact_only: bool,
    /// Plant edited copies of the first 2000 documents, and say how many of them are found.
    #[arg(long, conflicts_with_all = ["out", "exact_only"])]
    measure: bool,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Figures {
    documents: u64,
    kept: u64,
    exact_duplicates: u64,
    near_duplicates: u64,
    bytes: u64,
    kept_bytes: u64,
    seconds: f64,
    memory_bytes_per_kept_document: f64,
}

impl Dedup {
    pub fn run(self) -> anyhow::Result<Exit> {
        if !(self.threshold > 0.0 && self.threshold <= 1.0) {
            return Err(
                UsageError(format!("--threshold is {}; it lies above 0 and at most at 1", self.threshold)).into()
            );
        }
        let options = DedupOptions {
            shingle: self.shingle.into(),
            bands: self.bands.into(),
            rows: self.rows.into(),
            threshold: self.threshold,
            exact_only: self.exact_only,
        };
        if self.measure { self.measure(options) } else { self.dedup(options) }
    }

    fn dedup(&self, options: DedupOptions) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let reader = self.input.open()?;
        let beside = self.out.clone().unwrap_or_else(|| self.input.stem());
        let mut out = self.out.as_deref().map(Writer::create).transpose()?;
        let mut duplicates = JsonLog::create(&scores::beside(&beside, "duplicates.jsonl"))?;
        let mut log = SkipLog::beside(&beside);
        let mut dedup = Deduplicator::new(options);
        let mut figures = Figures::default();
        let fingerprint = dedup.fingerprinter();
        for_each(
            reader,
            |record| fingerprint(&record.document),
            |result| {
                let (record, fingerprint) = match result {
                    Ok(it) => it,
                    Err(skip) => return log.add(&skip),
                };
                let bytes = record.document.text.len() as u64;
                figures.documents += 1;
                figures.bytes += bytes;
                match dedup.add(&record.document.id, &fingerprint) {
                    Some(duplicate) => {
                        let count =
                            if duplicate.exact { &mut figures.exact_duplicates } else { &mut figures.near_duplicates };
                        *count += 1;
                        duplicates.write(&duplicate)
                    }
                    None => {
                        figures.kept += 1;
                        figures.kept_bytes += bytes;
                        out.as_mut().map_or(Ok(()), |out| out.write(&record))
                    }
                }
            },
        )?;
        if let Some(out) = out {
            out.finish()?;
        }
        let duplicates = duplicates.finish()?;
        figures.seconds = start.elapsed().as_secs_f64();
        figures.memory_bytes_per_kept_document = dedup.bytes_per_document();
        tell_skipped(&log);
        if self.json {
            printer::json(&figures);
            return Ok(Exit::Fine);
        }
        printer::line(format!(
            "{} of {} documents kept ({} of the bytes); left out: {} of the same text, {} near-duplicates",
            figures.kept,
            figures.documents,
            percent(figures.kept_bytes, figures.bytes),
            figures.exact_duplicates,
            figures.near_duplicates
        ));
        printer::line(format!(
            "{}; {:.0} bytes of memory a kept document",
            speed(figures.bytes, start),
            figures.memory_bytes_per_kept_document
        ));
        printer::line(format!("duplicates listed in {}", duplicates.display()));
        Ok(Exit::Fine)
    }

    fn measure(&self, options: DedupOptions) -> anyhow::Result<Exit> {
        const MOST: usize = 2000;
        let mut documents = vec![];
        for read in self.input.open()? {
            if let Read::Record(record) = read? {
                documents.push(record.document);
            }
            if documents.len() == MOST {
                break;
            }
        }
        let measured = measure_dedup(&documents, options, 0);
        if self.json {
            printer::json(&measured);
        } else {
            print(&measured, options.threshold);
        }
        Ok(Exit::Fine)
    }
}

fn print(measured: &Measured, threshold: f64) {
    printer::line(format!(
        "{} copies planted, {} of them at or above a Jaccard similarity of {threshold}",
        measured.planted, measured.true_duplicates
    ));
    printer::line(format!(
        "recall {:.4}   precision {:.4} of {} found",
        measured.recall, measured.precision, measured.found
    ));
    printer::line("exact similarity      copies      found");
    for bin in &measured.by_similarity {
        printer::line(format!("  from {:.1} {:>16} {:>10}", bin.from, bin.copies, bin.found));
    }
}
