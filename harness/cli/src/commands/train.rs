//! `phi-bench train`.

use super::train_flags::TrainFlags;
use super::train_progress::{TrainingProgress, describe};
use super::train_scorer::TrainScorer;
use crate::device::TrainDeviceFlags;
use crate::exit::{Exit, UsageError};
use crate::{interrupt, printer};
use anyhow::Context;
use clap::Args;
use clap::builder::PossibleValuesParser;
use phi_corpus::{PackedFolder, Prepared, prepare, save_tokenizer};
use phi_model::{Checkpoint, OptimiserState, PRESETS, ParamLayout, PhiConfig, Preset};
use phi_train::{
    HYPERS, Hooks, Hyper, Keep, MemoryForecast, Metrics, RunFolder, Schedule, TrainError, TrainSpec, TrainTensors,
};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Headings of the help.
const OPTIMISER: &str = "Optimiser";
const KEPT: &str = "Validation, and what is kept";
const RUNNING: &str = "Running";

/// Trains a Phi on your own text, from random weights or from a checkpoint.
///
/// The folder holds model/ (Hugging Face's layout) at the end, metrics.jsonl (one line a step), and what is needed to go
/// on: stop it with Ctrl-C, or kill it, and the same command goes on, with the result of an unbroken run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench train --data src/ --out run/ --preset micro --epochs 2
  phi-bench train --data exercises.jsonl --out aligned/ --init run/model \\
      --hyper phi-1-finetune --steps 200
  phi-bench train --data src/ --out run/ --preset phi-1-small --device cuda --dtype bf16
  phi-bench train --data src/ --out run/ --eval-tasks arc_easy,piqa --eval-every 200 \\
      --eval-limit 100
  phi-bench train --data src/ --out run/ --preset phi-1-small --dry-run
  phi-bench train --data src/ --out run/ --dropout 0.1 --keep-best --keep-last 3 --spike-z 6
  phi-bench grow run/model large/ --method tiling-preserving --width 2")]
pub struct Train {
    /// A folder of .py files, JSON lines with a field `text` or `content`, or a folder that `corpus pack` made.
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// Folder of the run; made if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Shape of the model.
    #[arg(long, default_value = "micro", value_parser = PossibleValuesParser::new(PRESETS.map(|it| it.name)))]
    preset: String,
    /// Begin from this checkpoint, with its shape and tokenizer, instead of random weights.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["preset", "tokenizer", "vocab_size"])]
    init: Option<PathBuf>,
    /// Begin without AdamW's moments, even where they lie beside --init's weights.
    #[arg(long, requires = "init")]
    fresh_optimiser: bool,
    /// A tokenizer.json to use; otherwise one is trained on the data.
    #[arg(long, value_name = "FILE", conflicts_with = "vocab_size")]
    tokenizer: Option<PathBuf>,
    /// Entries of the tokenizer that is trained on the data, at most.
    #[arg(long, value_name = "N", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(257..=65_536))]
    vocab_size: u32,
    /// Tokens of a row.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(8..=65_536))]
    seq_len: u32,
    /// Rows of a step.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch_rows: u32,
    /// How often the data are gone through; a fraction will do.
    #[arg(long, value_name = "X", default_value_t = 1.0, conflicts_with = "steps")]
    epochs: f64,
    /// Optimiser steps, instead of epochs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// A paper's settings of the optimiser; each of these flags goes before them.
    #[arg(long, default_value = "phi-1-base", value_parser = PossibleValuesParser::new(HYPERS.map(|it| it.name)), help_heading = OPTIMISER)]
    hyper: String,
    /// Peak learning rate.
    #[arg(long, value_name = "X", help_heading = OPTIMISER)]
    lr: Option<f64>,
    /// Steps over which the learning rate rises [default: --hyper's, a tenth of all steps at most].
    #[arg(long, value_name = "N", help_heading = OPTIMISER)]
    warmup: Option<u64>,
    /// How it falls: linear, cosine, constant, or wsd (falls over the last fifth).
    #[arg(long, value_parser = ["linear", "cosine", "constant", "wsd"], help_heading = OPTIMISER)]
    schedule: Option<String>,
    /// Share of the peak that is left at the end.
    #[arg(long, value_name = "X", default_value_t = 0.0, help_heading = OPTIMISER)]
    final_lr: f64,
    /// Decoupled weight decay, of the parameters that --decay names.
    #[arg(long, value_name = "X", help_heading = OPTIMISER)]
    weight_decay: Option<f64>,
    /// Decay of AdamW's first moment.
    #[arg(long, value_name = "X", help_heading = OPTIMISER)]
    beta1: Option<f64>,
    /// Decay of AdamW's second moment.
    #[arg(long, value_name = "X", help_heading = OPTIMISER)]
    beta2: Option<f64>,
    /// Added to the root of AdamW's second moment.
    #[arg(long, value_name = "X", help_heading = OPTIMISER)]
    epsilon: Option<f64>,
    #[command(flatten, next_help_heading = OPTIMISER)]
    options: TrainFlags,
    /// The gradient's norm is cut to this.
    #[arg(long, value_name = "X", default_value_t = 1.0, help_heading = OPTIMISER)]
    clip: f64,
    /// Seed of weights and of the order of the data.
    #[arg(long, default_value_t = 0, help_heading = RUNNING)]
    seed: u64,
    /// Threads that share a step. A result depends on it in its last bits.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256), help_heading = RUNNING)]
    threads: u32,
    /// Steps between measurements of the validation loss.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..), help_heading = KEPT)]
    eval_every: u64,
    /// Score the model on these tasks, too, whenever the validation loss is measured; into metrics.jsonl. The training is the
    /// same with and without it.
    #[arg(long, value_name = "TASKS", value_delimiter = ',', help_heading = KEPT)]
    eval_tasks: Vec<String>,
    /// Questions of each task at most.
    #[arg(long, value_name = "N", requires = "eval_tasks", value_parser = clap::value_parser!(u32).range(1..), help_heading = KEPT)]
    eval_limit: Option<u32>,
    /// Rows that are kept apart for validation [default: a quarter of the rows, 32 at most].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = KEPT)]
    validation_rows: Option<u32>,
    /// Keep the last models, too, so many of them, whenever the validation loss is measured: in checkpoints/STEP/.
    #[arg(long, value_name = "K", default_value_t = 0, help_heading = KEPT)]
    keep_last: u32,
    /// Keep the model with the lowest validation loss, too: in best/.
    #[arg(long, help_heading = KEPT)]
    keep_best: bool,
    /// Write AdamW's moments beside the model at the end: --init and `grow --with-optimiser` go on with them.
    #[arg(long, help_heading = KEPT)]
    keep_optimiser: bool,
    /// Say what would be trained, how long and in how much memory, and do nothing.
    #[arg(long, help_heading = RUNNING)]
    dry_run: bool,
    /// Begin anew in a folder that holds a run.
    #[arg(long, help_heading = RUNNING)]
    restart: bool,
    #[command(flatten, next_help_heading = RUNNING)]
    device: TrainDeviceFlags,
}

impl Train {
    pub fn run(self) -> anyhow::Result<Exit> {
        let stop = interrupt::flag()?;
        let gpu = self.device.open()?;
        let init = self.init.as_deref().map(Checkpoint::load).transpose()?;
        let tokenizer = self.init.as_ref().map(|dir| dir.join("tokenizer.json")).or_else(|| self.tokenizer.clone());
        let mut text =
            prepare(&self.data, tokenizer.as_deref(), self.vocab_size as usize, self.seq_len as usize, self.seed)?;
        self.split(&mut text)?;
        let entries = text.tokenizer.get_vocab_size(true);
        let config = match &init {
            Some(checkpoint) => checkpoint.config().clone(),
            None => preset_config(&self.preset, entries, text.end_of_text)?,
        };
        let mut spec = self.spec(text.train.num_rows())?;
        let moments = self.moments(&config)?;
        if let Some(state) = &moments {
            spec.options.optimiser = state.record.clone();
            printer::line(format!(
                "goes on with the moments of {} updates (--fresh-optimiser: without)",
                state.record.updates
            ));
        }
        if let (Some(_), Some(reason)) = (&gpu, spec.needs_processor()) {
            let how = "leave it out (grown moments: --fresh-optimiser), or train with --device cpu";
            return Err(UsageError(format!("{reason}: {how}")).into());
        }
        let mut settings = serde_json::json!({
            "model": config.to_hugging_face(), "init": init.as_ref().map(Checkpoint::content_hash), "train": spec,
            "seq_len": self.seq_len, "data": text.hash,
        });
        if let Some(device) = self.device.setting() {
            settings["device"] = device.into();
        }
        if self.validation_rows.is_some() {
            settings["validation_rows"] = text.validation.num_rows().into();
        }
        let seq_len = self.seq_len as usize;
        let forecast = MemoryForecast::new(&config, &spec, seq_len);
        if self.dry_run {
            self.describe(&text, &config, &spec);
            printer::line(match &gpu {
                Some(gpu) => format!("memory of the device: {} MiB", gpu.memory_bytes(&config, &spec, seq_len) >> 20),
                None => format!("memory: {forecast}"),
            });
            return Ok(Exit::Fine);
        }
        if self.restart {
            RunFolder::clear(&self.out)?;
        }
        let mut folder = RunFolder::open(&self.out, &settings)?;
        if self.keep_optimiser {
            folder = folder.keeping_optimiser();
        }
        if folder.is_done() {
            printer::note(format!("{} is done; --restart trains anew", self.out.display()));
            return Ok(Exit::Fine);
        }
        if gpu.is_none() {
            forecast.check()?;
        }
        let skipped = text.skipped.not_utf8 + text.skipped.too_large + text.skipped.empty;
        if skipped > 0 {
            printer::note(format!("{skipped} files or lines passed over (not UTF-8, empty, or over 1 MiB)"));
        }
        self.describe(&text, &config, &spec);
        // Before the weights, whose presence says that the run is done.
        std::fs::create_dir_all(folder.model()).with_context(|| format!("can't make {}", folder.model().display()))?;
        save_tokenizer(&text.tokenizer, &folder.model().join("tokenizer.json"))?;
        let scorer = TrainScorer::open(&self.eval_tasks, self.eval_limit, &config, &folder.model(), &stop)?;
        let progress = TrainingProgress::new();
        let start = || {
            let params = init.unwrap_or_else(|| Checkpoint::random(&config, self.seed)).to_flat();
            match moments {
                Some(OptimiserState { first, second, .. }) => TrainTensors { params, first, second },
                None => TrainTensors::new(params),
            }
        };
        let mut go_on = |metrics: &Metrics, steps: u64| {
            progress.show(metrics, steps);
            !stop.load(Ordering::Relaxed)
        };
        let mut score = |weights: &[f32]| scorer.score(weights);
        let keep = Keep { last: self.keep_last as usize, best: self.keep_best };
        let hooks = Hooks::new(&mut go_on).with_kept(keep);
        let hooks = if self.eval_tasks.is_empty() { hooks } else { hooks.with_scorer(&mut score) };
        let hooks = match gpu {
            Some(gpu) => {
                let (config, spec) = (&config, &spec);
                hooks.with_engine(Box::new(move |tensors| gpu.engine(config, spec, seq_len, tensors)))
            }
            None => hooks,
        };
        let trained = folder.train(&spec, &config, start, &text.train, &text.validation, hooks);
        let last = progress.finish();
        let progress = trained.map_err(|error| advise(error, &folder))?;
        if let Some(point) = progress.curve.last() {
            printer::line(format!(
                "validation loss {:.4} nats a token after {} steps and {:.0} s",
                point.val_loss, point.step, progress.seconds
            ));
        }
        if let Some(metrics) = last {
            printer::line(describe(&metrics));
        }
        printer::line(format!("model in {}", folder.model().display()));
        Ok(Exit::Fine)
    }

    /// AdamW's state beside --init's weights.
    fn moments(&self, config: &PhiConfig) -> anyhow::Result<Option<OptimiserState>> {
        match &self.init {
            Some(dir) if !self.fresh_optimiser => Ok(OptimiserState::load(dir, &ParamLayout::new(config))?),
            _ => Ok(None),
        }
    }

    /// Cuts the rows for validation as it is asked for.
    fn split(&self, text: &mut Prepared) -> anyhow::Result<()> {
        let Some(wanted) = self.validation_rows.map(|n| n as usize) else { return Ok(()) };
        if PackedFolder::is_one(&self.data) {
            let why = "--validation-rows can't change a folder of packed tokens; pack it with other rows";
            return Err(UsageError(why.into()).into());
        }
        text.train.append(&text.validation);
        if wanted >= text.train.num_rows() {
            let rows = text.train.num_rows();
            return Err(UsageError(format!("--validation-rows is {wanted}, and there are {rows} rows in all")).into());
        }
        text.validation = text.train.split_off_last(wanted);
        Ok(())
    }

    /// Says what is trained, on what, and for how long.
    fn describe(&self, text: &Prepared, config: &PhiConfig, spec: &TrainSpec) {
        let rows = text.train.num_rows();
        printer::line(format!(
            "{} documents, {rows} rows of {} tokens to train on, {} to validate with; tokenizer of {} entries",
            text.documents,
            self.seq_len,
            text.validation.num_rows(),
            text.tokenizer.get_vocab_size(true),
        ));
        printer::line(format!(
            "{} layers, hidden {}, {} heads of {}, rotary {}, MLP {}, vocabulary {}",
            config.num_layers,
            config.hidden_size,
            config.num_heads,
            config.head_dim(),
            config.rotary_dim,
            config.intermediate_size,
            config.vocab_size
        ));
        let flops = config.train_flops_per_token(self.seq_len as usize);
        let tokens = spec.steps as f64 * f64::from(self.batch_rows) * f64::from(self.seq_len);
        printer::line(format!(
            "{} parameters, {} steps, {:.3} M tokens ({:.2} epochs), {:.3e} FLOPs",
            config.num_params(),
            spec.steps,
            tokens / 1e6,
            spec.steps as f64 * f64::from(self.batch_rows) / rows as f64,
            tokens * flops,
        ));
    }

    fn spec(&self, rows: usize) -> anyhow::Result<TrainSpec> {
        let hyper = Hyper::named(&self.hyper).with_context(|| format!("no settings named {}", self.hyper))?;
        if !(self.epochs > 0.0 && self.epochs <= 1e6) {
            return Err(UsageError(format!("--epochs is {}; it must lie above 0", self.epochs)).into());
        }
        let of_epochs = (self.epochs * rows as f64 / f64::from(self.batch_rows)).ceil().max(1.0) as u64;
        let steps = self.steps.unwrap_or(of_epochs);
        let schedule = match self.schedule.as_deref() {
            None => hyper.schedule,
            Some("linear") => Schedule::Linear,
            Some("cosine") => Schedule::Cosine,
            Some("wsd") => Schedule::Wsd,
            Some(_) => Schedule::Constant,
        };
        let spec = TrainSpec {
            steps,
            batch_rows: self.batch_rows as usize,
            learning_rate: self.lr.unwrap_or(hyper.learning_rate),
            warmup_steps: self.warmup.unwrap_or(hyper.warmup_steps.min(steps / 10)),
            schedule,
            final_lr_fraction: self.final_lr,
            weight_decay: self.weight_decay.unwrap_or(hyper.weight_decay),
            beta1: self.beta1.unwrap_or(hyper.beta1),
            beta2: self.beta2.unwrap_or(hyper.beta2),
            epsilon: self.epsilon.unwrap_or(hyper.epsilon),
            clip_norm: self.clip,
            seed: self.seed,
            eval_every: self.eval_every,
            threads: self.threads as usize,
            options: self.options.options(),
        };
        spec.validate().map_err(UsageError)?;
        Ok(spec)
    }
}

fn preset_config(name: &str, tokenizer_entries: usize, end_of_text: u32) -> anyhow::Result<PhiConfig> {
    let preset = Preset::named(name).with_context(|| format!("no preset named {name}"))?;
    Ok(preset.config(tokenizer_entries, end_of_text).map_err(UsageError)?)
}

/// An error of the trainer, with what the folder holds.
fn advise(error: TrainError, folder: &RunFolder) -> anyhow::Error {
    let diverged = matches!(error, TrainError::Diverged { .. });
    let error = anyhow::Error::new(error);
    if diverged {
        error.context(format!("the weights as last saved lie in {}", folder.path("last-good").display()))
    } else {
        error
    }
}
