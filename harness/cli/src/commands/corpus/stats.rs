//! `phi-bench corpus stats`.

use super::input_flags::{InputFlags, percent, tell_skipped, tokenizer};
use crate::exit::Exit;
use crate::printer;
use anyhow::Context;
use clap::Args;
use phi_corpus::dedup::DedupOptions;
use phi_corpus::documents::SkipLog;
use phi_corpus::survey::{Amount, LogHistogram, Survey, survey};
use std::path::PathBuf;

/// Says what a corpus holds: documents, bytes, tokens, lengths, languages, collections, duplicates.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus stats @stdlib
  phi-bench corpus stats code.jsonl.zst --tokenizer run/model --pictures pictures/
  phi-bench corpus stats code.parquet --json")]
pub struct Stats {
    #[command(flatten)]
    input: InputFlags,
    /// Count tokens of this tokenizer.json, or of this model's folder.
    #[arg(long, value_name = "PATH")]
    tokenizer: Option<PathBuf>,
    /// Write histograms as SVG into this folder.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Look for documents of the same text only, not for near-duplicates, which is quicker.
    #[arg(long)]
    exact_only: bool,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub fn run(self) -> anyhow::Result<Exit> {
        let tokenizer = self.tokenizer.as_deref().map(tokenizer).transpose()?;
        let reader = self.input.open()?;
        let options = DedupOptions { exact_only: self.exact_only, ..DedupOptions::default() };
        let mut log = SkipLog::beside(&self.input.stem());
        let survey = survey(reader, tokenizer.as_ref(), options, Some(&mut log))?;
        tell_skipped(&log);
        if let Some(folder) = &self.pictures {
            std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
            for (name, svg) in survey.pictures() {
                let path = folder.join(format!("{name}.svg"));
                std::fs::write(&path, svg).with_context(|| format!("can't write {}", path.display()))?;
            }
        }
        if self.json {
            printer::json(&survey);
        } else {
            print(&survey, &self.input.input().to_string());
        }
        Ok(Exit::Fine)
    }
}

fn print(survey: &Survey, name: &str) {
    let total = &survey.total;
    printer::line(format!(
        "{name}: {} documents, {:.2} MB, {} lines, {} words and signs{}",
        total.documents,
        total.bytes as f64 / 1e6,
        survey.lines,
        survey.words,
        total.tokens.map_or(String::new(), |tokens| format!(", {tokens} tokens")),
    ));
    printer::line(format!(
        "duplicates: {} of the same text, {} near ({} of the bytes)",
        survey.exact_duplicates,
        survey.near_duplicates,
        percent(survey.duplicate_bytes, total.bytes)
    ));
    printer::line(format!(
        "{:<22} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "a document", "mean", "p10", "median", "p90", "max"
    ));
    let lengths = |name: &str, histogram: &LogHistogram| {
        let q = |share| histogram.quantile(share);
        printer::line(format!(
            "  {name:<20} {:>10.0} {:>10} {:>10} {:>10} {:>10}",
            histogram.mean(),
            q(0.1),
            q(0.5),
            q(0.9),
            histogram.max()
        ));
    };
    lengths("bytes", &survey.document_bytes);
    lengths("lines", &survey.document_lines);
    if total.tokens.is_some() {
        lengths("tokens", &survey.document_tokens);
    }
    let kinds = survey.by_kind.iter().map(|(kind, amount)| (format!("{kind:?}").to_lowercase(), amount));
    table("kind", kinds.collect(), total);
    table("language", survey.by_language.iter().map(|(name, it)| ((*name).to_owned(), it)).collect(), total);
    table("collection", survey.by_origin.iter().map(|(name, it)| (name.clone(), it)).collect(), total);
}

/// The largest rows of a table by documents, and a last one for the rest.
fn table(title: &str, mut rows: Vec<(String, &Amount)>, total: &Amount) {
    const SHOWN: usize = 15;
    rows.sort_by(|a, b| b.1.bytes.cmp(&a.1.bytes).then(a.0.cmp(&b.0)));
    printer::line(format!("{title:<22} {:>10} {:>10} {:>10}", "documents", "MB", "of bytes"));
    for (name, amount) in rows.iter().take(SHOWN) {
        let share = percent(amount.bytes, total.bytes);
        printer::line(format!("  {name:<20} {:>10} {:>10.2} {share:>10}", amount.documents, amount.bytes as f64 / 1e6));
    }
    if rows.len() > SHOWN {
        printer::line(format!("  and {} more (--json has all)", rows.len() - SHOWN));
    }
}
