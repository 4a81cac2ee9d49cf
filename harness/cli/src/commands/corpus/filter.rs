//! `phi-bench corpus filter`.

use super::input_flags::{InputFlags, speed, tell_skipped, tokenizer};
use crate::exit::{Exit, UsageError};
use crate::printer;
use clap::Args;
use phi_corpus::JsonLog;
use phi_corpus::documents::scores::{Score, Scores, beside};
use phi_corpus::documents::{SkipLog, Writer, for_each};
use phi_corpus::embedding::{Embedder, ModelEmbedder};
use phi_corpus::filter::{Keep, Kept, Learner, Quality, TrainedFilter, TrainingOptions, threshold_of_share};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Trains a classifier on the labels of some documents, says how good it is, and keeps the best documents of all.
///
/// Documents are embedded by hashed n-grams, and a random forest (or gradient boosting) predicts their label from 0 to 5.
/// Of the labels 7 of 10 are trained on, 1 of 10 sets the threshold, and 2 of 10 say how good it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus filter code.jsonl.zst --labels code.jsonl.zst.scores.jsonl --share 0.25 \\
      --out kept.jsonl.zst
  phi-bench corpus filter code.parquet --labels sample.scores.jsonl --threshold 3 \\
      --learner boosting --json
  phi-bench corpus filter @stdlib --labels stdlib.scores.jsonl     (only the report)")]
pub struct Filter {
    #[command(flatten)]
    input: InputFlags,
    /// Scores of documents of this corpus, as `corpus label` writes them.
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,
    /// Where the documents that are kept go; without it, only the report is made.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What is trained.
    #[arg(long, value_name = "NAME", default_value = "random-forest", value_parser = ["random-forest", "boosting"])]
    learner: String,
    /// Embed documents by the hidden states of this Phi's folder, as phi-1 did, instead of hashed n-grams; slower.
    #[arg(long, value_name = "DIR")]
    embed: Option<PathBuf>,
    /// Keep documents with a prediction of at least this [default: what separates labels at the cut best, by F1].
    #[arg(long, value_name = "X", conflicts_with = "share")]
    threshold: Option<f64>,
    /// Keep the best documents that make up this share of the bytes.
    #[arg(long, value_name = "X")]
    share: Option<f64>,
    /// A document is good from this label on.
    #[arg(long, value_name = "X", default_value_t = 3.0)]
    cut: f64,
    /// Labels to use at most.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(10..=200_000))]
    max_labels: u32,
    /// Count tokens by this tokenizer.json or model's folder; words and signs are counted otherwise.
    #[arg(long, value_name = "PATH")]
    tokenizer: Option<PathBuf>,
    /// Seed of the split and of the trees.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    labellers: Vec<String>,
    learner: String,
    embedding: String,
    tokens_are: &'static str,
    quality: Quality,
    realised: Option<Kept>,
    training_seconds: f64,
    filtering_seconds: Option<f64>,
    filtering_mb_per_second: Option<f64>,
}

impl Filter {
    pub fn run(self) -> anyhow::Result<Exit> {
        let keep = match (self.threshold, self.share) {
            (Some(threshold), _) => Keep::Threshold(threshold),
            (_, Some(share)) if share > 0.0 && share <= 1.0 => Keep::ShareOfBytes(share),
            (_, Some(share)) => {
                return Err(UsageError(format!("--share is {share}; it lies above 0 and at most at 1")).into());
            }
            _ => Keep::BestF1,
        };
        let start = Instant::now();
        let scores = Scores::load(&self.labels)?;
        let options = TrainingOptions {
            learner: self.learner.parse::<Learner>().map_err(UsageError)?,
            keep,
            cut: self.cut,
            max_labels: self.max_labels as usize,
            seed: self.seed,
        };
        let tokenizer = self.tokenizer.as_deref().map(tokenizer).transpose()?;
        let embedder = match &self.embed {
            Some(dir) => Embedder::Model(Box::new(ModelEmbedder::load(dir)?)),
            None => Embedder::HashedNgrams,
        };
        let embedding = embedder.name();
        let reader = self.input.open()?;
        let name = self.input.input().to_string();
        let mut filter = TrainedFilter::train(reader, &name, &scores, tokenizer.as_ref(), embedder, options)?;
        if let Keep::ShareOfBytes(share) = keep {
            filter.set_threshold(threshold_of_share(self.predictions(&filter)?, share));
        }
        let mut report = Report {
            labellers: scores.labellers.clone(),
            learner: options.learner.to_string(),
            embedding,
            tokens_are: if tokenizer.is_some() { "tokens" } else { "words and signs" },
            quality: filter.quality.clone(),
            realised: None,
            training_seconds: start.elapsed().as_secs_f64(),
            filtering_seconds: None,
            filtering_mb_per_second: None,
        };
        if !self.json {
            print(&report);
        }
        if let Some(out) = &self.out {
            let start = Instant::now();
            let (bytes, realised) = self.filter(out, &filter, &report)?;
            let seconds = start.elapsed().as_secs_f64();
            report.realised = Some(realised);
            report.filtering_seconds = Some(seconds);
            report.filtering_mb_per_second = Some(bytes as f64 / 1e6 / seconds.max(1e-9));
            if !self.json {
                printer::line(format!("kept, predicted {}", shares(&report.quality.predicted, report.tokens_are)));
                printer::line(format!("kept, realised  {}", shares(&realised, report.tokens_are)));
                printer::line(format!("filtered {} into {}", speed(bytes, start), out.display()));
            }
        }
        if self.json {
            printer::json(&report);
        }
        Ok(Exit::Fine)
    }

    /// The prediction of every document with its bytes: 16 bytes of memory a document.
    fn predictions(&self, filter: &TrainedFilter) -> anyhow::Result<Vec<(f64, u64)>> {
        let mut predictions = Vec::new();
        for_each(
            self.input.open()?,
            |record| filter.judge(&record.document, None).map(|it| (it.prediction, record.document.text.len() as u64)),
            |result| {
                if let Ok((_, predicted)) = result {
                    predictions.push(predicted?);
                }
                Ok(())
            },
        )?;
        Ok(predictions)
    }

    /// Writes the documents that are kept, and every document's prediction; returns the bytes seen and what was kept.
    fn filter(&self, out: &std::path::Path, filter: &TrainedFilter, report: &Report) -> anyhow::Result<(u64, Kept)> {
        let mut writer = Writer::create(out)?;
        let mut log = SkipLog::beside(out);
        let mut predictions = JsonLog::create(&beside(out, "predictions.jsonl"))?;
        let labeller =
            format!("{} on {}, trained on {}", report.learner, report.embedding, report.labellers.join(", "));
        let (mut kept, mut seen) = ([0; 3], [0; 3]);
        let tokenizer = self.tokenizer.as_deref().map(tokenizer).transpose()?;
        for_each(
            self.input.open()?,
            |record| filter.judge(&record.document, tokenizer.as_ref()),
            |result| {
                let (record, judged) = match result {
                    Ok(it) => it,
                    Err(skip) => return log.add(&skip),
                };
                let judged = judged?;
                let amount = [1, record.document.text.len() as u64, judged.tokens];
                let add = |sum: &mut [u64; 3]| sum.iter_mut().zip(amount).for_each(|(sum, more)| *sum += more);
                add(&mut seen);
                predictions.write(&Score {
                    id: record.document.id.clone(),
                    hash: record.document.content_hash(),
                    labeller: labeller.clone(),
                    score: judged.prediction,
                    reason: if judged.is_kept { "kept".to_owned() } else { "left out".to_owned() },
                })?;
                if judged.is_kept {
                    add(&mut kept);
                    writer.write(&record)?;
                }
                Ok(())
            },
        )?;
        writer.finish()?;
        predictions.finish()?;
        tell_skipped(&log);
        Ok((seen[1], Kept::of(kept, seen)))
    }
}

fn shares(kept: &Kept, tokens_are: &str) -> String {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    format!(
        "{} of documents, {} of bytes, {} of {tokens_are}",
        percent(kept.documents),
        percent(kept.bytes),
        percent(kept.tokens)
    )
}

fn print(report: &Report) {
    let quality = &report.quality;
    let figure = |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.3}"));
    printer::line(format!(
        "{} on {}, trained on {} labels by {} in {:.1} s; {} held out",
        report.learner,
        report.embedding,
        quality.trained_on,
        report.labellers.join(", "),
        report.training_seconds,
        quality.held_out
    ));
    printer::line("held-out labels and predictions");
    for score in 0..6 {
        let (labels, predictions) = (quality.label_histogram[score], quality.prediction_histogram[score]);
        printer::line(format!("  {score}  {labels:>7} {predictions:>7}"));
    }
    for cut in &quality.cuts {
        printer::line(format!("AUC at label >= {}: {} ({} positives)", cut.cut, figure(cut.auc), cut.positives));
    }
    printer::line(format!(
        "at label >= {} and prediction >= {:.3}: F1 {:.3}, precision {:.3}, recall {:.3}",
        quality.cut, quality.threshold, quality.f1, quality.precision, quality.recall
    ));
    printer::line(format!(
        "rank correlation of predictions: with labels {}, with length {} (labels with length {}, errors with length {})",
        figure(quality.correlation_with_label),
        figure(quality.correlation_with_length),
        figure(quality.label_correlation_with_length),
        figure(quality.error_correlation_with_length)
    ));
    printer::line("by length: mean bytes, labelled, predicted (a fifth of the documents each)");
    for bin in &quality.by_length {
        printer::line(format!("  {:>7.0}  {:.2}  {:.2}", bin.bytes, bin.labelled, bin.predicted));
    }
    printer::line("calibration: predicted, labelled (mean of a tenth each)");
    for bin in &quality.calibration {
        printer::line(format!("  {:.2}  {:.2}", bin.predicted, bin.labelled));
    }
    let origins: Vec<String> = quality.auc_by_origin.iter().map(|(name, auc)| format!("{name} {auc:.3}")).collect();
    if !origins.is_empty() {
        printer::line(format!("AUC by collection (30 held-out labels or more): {}", origins.join(", ")));
    }
    printer::line(format!("kept of the held-out: {}", shares(&quality.predicted, report.tokens_are)));
    printer::line(format!("their labels' choice: {}", shares(&quality.by_labels, report.tokens_are)));
    if quality.predicted.documents > 0.99 {
        printer::note(
            "nearly every document is kept, since nearly every label is good at this --cut; give --share or --threshold, or a \
             higher --cut",
        );
    }
}
