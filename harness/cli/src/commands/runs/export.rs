//! `phi-bench runs export`.

use super::Place;
use crate::exit::Exit;
use crate::{printer, stores};
use clap::{Args, ValueEnum};
use phi_reports::{Format, export};
use std::path::PathBuf;

/// Writes a run in another program's format.
///
/// `csv` and `parquet` give the tables scores, curves, values (a line a question and metric) and answers; `lm-eval`
/// lm-evaluation-harness's results and samples, a folder an arm and seed; `tensorboard` an event file an arm and seed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs export tiling --format csv --out tables/
  phi-bench runs export 61ab --format lm-eval --out lm-eval/
  phi-bench runs export tiling --format tensorboard --out logs/ && tensorboard --logdir logs/")]
pub struct Export {
    /// The run: an output folder, a name, or the beginning of a key.
    run: String,
    #[command(flatten)]
    place: Place,
    /// The format.
    #[arg(long)]
    format: FormatName,
    /// The folder to write into; it is made if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Csv,
    Parquet,
    LmEval,
    Tensorboard,
}

impl Export {
    pub fn run(self) -> anyhow::Result<Exit> {
        let found = stores::find(&self.run, &self.place.store)?;
        let format = match self.format {
            FormatName::Csv => Format::Csv,
            FormatName::Parquet => Format::Parquet,
            FormatName::LmEval => Format::LmEval,
            FormatName::Tensorboard => Format::TensorBoard,
        };
        for file in export(&found.store, &found.key, format, &self.out)? {
            printer::line(file.display());
        }
        Ok(Exit::Fine)
    }
}
