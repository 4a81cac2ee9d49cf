//! `phi-bench runs export`.

use super::Place;
use crate::exit::{Exit, UsageError};
use crate::{env, printer, stores};
use clap::{Args, ValueEnum};
use phi_reports::{Format, MlflowServer, export, export_mlflow};
use std::path::PathBuf;

/// Writes a run in another program's format.
///
/// `csv` and `parquet` give the tables scores, curves, values (a line a question and metric) and answers; `lm-eval`
/// lm-evaluation-harness's results and samples, a folder an arm and seed; `tensorboard` an event file an arm and seed.
/// `mlflow` sends an MLflow run an arm and seed to a server, which keeps those that it has already.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench runs export tiling --format csv --out tables/
  phi-bench runs export 61ab --format lm-eval --out lm-eval/
  phi-bench runs export tiling --format tensorboard --out logs/ && tensorboard --logdir logs/
  phi-bench runs export tiling --format mlflow --mlflow http://127.0.0.1:5000 --experiment growth")]
pub struct Export {
    /// The run: an output folder, a name, or the beginning of a key.
    run: String,
    #[command(flatten)]
    place: Place,
    /// The format.
    #[arg(long)]
    format: FormatName,
    /// The folder to write into; it is made if need be.
    #[arg(long, value_name = "DIR", required_unless_present = "mlflow")]
    out: Option<PathBuf>,
    /// The MLflow server to send the run to.
    #[arg(long, value_name = "URL", conflicts_with = "out")]
    mlflow: Option<String>,
    /// The experiment on the MLflow server; it is made if need be.
    #[arg(long, value_name = "NAME", default_value = "phi-bench", requires = "mlflow")]
    experiment: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Csv,
    Parquet,
    LmEval,
    Tensorboard,
    Mlflow,
}

impl Export {
    pub fn run(self) -> anyhow::Result<Exit> {
        let found = stores::find(&self.run, &self.place.store)?;
        let format = match self.format {
            FormatName::Csv => Format::Csv,
            FormatName::Parquet => Format::Parquet,
            FormatName::LmEval => Format::LmEval,
            FormatName::Tensorboard => Format::TensorBoard,
            FormatName::Mlflow => {
                let url = self.mlflow.ok_or_else(|| UsageError("--format mlflow needs --mlflow URL".to_owned()))?;
                let server = MlflowServer { url, experiment: self.experiment, token: env::mlflow_token() };
                let sent = export_mlflow(&found.store, &found.key, &server)?;
                sent.run_ids.iter().for_each(printer::line);
                printer::note(format!("{} runs sent; the server had {} already", sent.run_ids.len(), sent.n_known));
                return Ok(Exit::Fine);
            }
        };
        let out = self.out.ok_or_else(|| UsageError("--mlflow goes with --format mlflow".to_owned()))?;
        for file in export(&found.store, &found.key, format, &out)? {
            printer::line(file.display());
        }
        Ok(Exit::Fine)
    }
}
