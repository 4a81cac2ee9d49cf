//! `phi-bench corpus`: everything that is done to data before a model is trained on it. One file a subcommand.

mod convert;
mod decontaminate;
mod dedup;
mod filter;
mod input_flags;
mod label;
mod pack;
mod stats;
mod synth;
mod teacher_flags;

use crate::exit::Exit;
use clap::{Args, Subcommand};

/// Works on documents: counts, labels, filters, deduplicates, decontaminates, makes, packs.
///
/// A corpus is JSON lines (.jsonl, also .gz or .zst) with a field text or content, a .parquet file with such a column, a
/// folder of .py files or of such files, or @stdlib, the Python standard library that the program carries. Everything is
/// streamed. A corpus is never rewritten: scores and what was passed over lie in files beside it.
#[derive(Debug, Args)]
pub struct Corpus {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Stats(stats::Stats),
    Convert(convert::Convert),
    Dedup(dedup::Dedup),
    Decontaminate(Box<decontaminate::Decontaminate>),
    Label(Box<label::Label>),
    Filter(filter::Filter),
    Synth(Box<synth::Synth>),
    Pack(pack::Pack),
}

impl Corpus {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Stats(c) => c.run(),
            Action::Convert(c) => c.run(),
            Action::Dedup(c) => c.run(),
            Action::Decontaminate(c) => c.run(),
            Action::Label(c) => c.run(),
            Action::Filter(c) => c.run(),
            Action::Synth(c) => c.run(),
            Action::Pack(c) => c.run(),
        }
    }
}
