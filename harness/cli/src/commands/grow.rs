//! `phi-bench grow`.

use super::grow_print::print;
use crate::count_bar::CountBar;
use crate::exit::{Exit, UsageError};
use crate::{interrupt, printer};
use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use phi_growth::{
    DepthRule, Growth, GrowthReport, MOST_MEASURED_PARAMS, Method, ModelFolder, OptimiserGrowth, SAMPLE_TEXT, Shape,
    Split, TextLoss,
};
use phi_model::{OptimiserState, ParamLayout, PhiConfig, write_whole};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Makes a large checkpoint out of a small one.
///
/// Takes Phi, and what has Llama's tensors: Llama, Mistral, Qwen 2 and 3. Weights go from disk to disk a tensor at a time, in
/// the number format that they have. Says at the end whether the function was kept, and what training can make of the width.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench grow small/ large/ --method tiling-preserving --width 2 --depth 24
  phi-bench grow phi-1_5/ phi-2/ --method tiling --hidden 2560 --mlp 10240 --depth 32
  phi-bench grow llama/ wide/ --method zero-pad --hidden 3072 --heads 48 --kv-heads 16 \\
      --pad-vocab-to-multiple 128
  phi-bench grow small/ large/ --method tiling-preserving --split unequal --width 2 \\
      --text held-out.txt
  phi-bench grow run/ large/ --method tiling-preserving --snr-db none --width 2 --with-optimiser")]
pub struct Grow {
    /// Folder of the small model (config.json, the weights in one file or shards, and a tokenizer.json that is copied along),
    /// or of a training run that holds it as model/.
    src: PathBuf,
    /// Folder of the large one; made if need be. What was measured goes into growth.json there.
    dst: PathBuf,
    /// How the width grows.
    #[arg(long, value_parser = methods())]
    method: Method,
    /// Width, heads (of keys and values too) and MLP are multiplied by this; head_dim stays.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    width: u32,
    /// Width of the large model's residual stream [default: the small one's times --width].
    #[arg(long, value_name = "UNITS", conflicts_with = "width")]
    hidden: Option<usize>,
    /// Attention heads of the large model [default: the small one's times --width]. In a Phi a head has hidden / heads
    /// dimensions; in other families its dimensions stay.
    #[arg(long, value_name = "HEADS", conflicts_with = "width")]
    heads: Option<usize>,
    /// Heads of keys and values of the large model [default: in the small one's proportion to the heads].
    #[arg(long, value_name = "HEADS", conflicts_with = "width")]
    kv_heads: Option<usize>,
    /// Width of the large model's MLP [default: the small one's times --width].
    #[arg(long, value_name = "UNITS", conflicts_with = "width")]
    mlp: Option<usize>,
    /// Layers of the large model [default: as many as the small one's].
    #[arg(long, value_name = "LAYERS")]
    depth: Option<usize>,
    /// Where new layers come from.
    #[arg(long, value_name = "RULE", value_parser = depth_rules(), default_value = "identity")]
    depth_rule: DepthRule,
    /// Entries of the large model's vocabulary; new ones are the mean of the old, so that they take little probability.
    #[arg(long, value_name = "N")]
    vocab: Option<usize>,
    /// Rounds the vocabulary up to a multiple of this.
    #[arg(long, value_name = "M", conflicts_with = "vocab", value_parser = clap::value_parser!(u32).range(1..))]
    pad_vocab_to_multiple: Option<u32>,
    /// For tiling-preserving: decibels that the weights lie above the paired noise; "none" for no noise [default: 10, or
    /// none where --split is unequal].
    #[arg(long, value_name = "DB")]
    snr_db: Option<String>,
    /// For tiling-preserving: how a weight is divided among its copies.
    #[arg(long, value_parser = splits(), default_value = "equal")]
    split: Split,
    /// For tiling-preserving, of a Phi that `train --keep-optimiser` wrote: grow AdamW's moments too, so that `train --init`
    /// goes on as the small model would have. They are held in memory whole.
    #[arg(long)]
    with_optimiser: bool,
    /// Seed of what is random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Text to measure the loss on before and after [default: a page of prose and Python, for models of at most 400 million
    /// parameters]. The first 32 KiB are read.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// Only grow: measure no losses, ranks and copies.
    #[arg(long, conflicts_with = "text")]
    no_measure: bool,
    /// Millions of bytes of weights in a file, at most; more go into shards with an index.
    #[arg(long, value_name = "MB", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    max_shard_mb: u64,
}

fn methods() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(|m| PossibleValue::new(m.name()).help(m.description())))
        .map(|name| name.parse().expect("the possible values are the methods' names"))
}

fn depth_rules() -> impl TypedValueParser<Value = DepthRule> {
    PossibleValuesParser::new(DepthRule::ALL.map(|r| PossibleValue::new(r.name()).help(r.description())))
        .map(|name| name.parse().expect("the possible values are the rules' names"))
}

fn splits() -> impl TypedValueParser<Value = Split> {
    PossibleValuesParser::new(Split::ALL.map(|s| PossibleValue::new(s.name()).help(s.description())))
        .map(|name| name.parse().expect("the possible values are the splits' names"))
}

impl Grow {
    pub fn run(self) -> anyhow::Result<Exit> {
        let growth = self.growth()?;
        // A text that can't be read is told of before anything is written.
        let text = self.text.as_deref().map(read_text).transpose()?;
        let small = ModelFolder::open(&model_of(&self.src))?;
        let target = self.target(&small)?;
        let moments = self.with_optimiser.then(|| moments(&small, &target, &growth)).transpose()?;
        let stop = interrupt::flag()?;
        let bar = CountBar::new();
        let large = small.grow(&target, &growth, &self.dst, self.max_shard_mb * 1_000_000, &mut |written| {
            bar.set((written.bytes >> 20) as usize, (written.of >> 20) as usize);
            bar.say("MiB written".to_owned());
            !stop.load(Ordering::Relaxed)
        });
        bar.finish();
        let large = large?;
        if let Some((state, layout)) = moments {
            state.save(large.dir(), &layout)?;
            printer::line(format!("AdamW's moments of {} updates grew with the weights", state.record.updates));
        }
        let mut report = if self.no_measure {
            GrowthReport::of_shapes(small.blueprint(), large.blueprint(), &growth)
        } else {
            GrowthReport::new(&small, &large, &growth)?
        };
        report.loss = self.loss(&small, &large, &report, text.as_deref())?;
        let json = serde_json::to_vec_pretty(&report).expect("a report is plain JSON");
        write_whole(&self.dst.join("growth.json"), &json)?;
        print(&report);
        let exact = growth.snr_db.is_none() && growth.split.is_equal() || growth.method == Method::Diagonal;
        if report.change_of_function.is_none() && !exact && large.is_half_precision() {
            printer::note(
                "the weights are in half precision, to which shares and noise are rounded: the function is kept to that \
                 precision",
            );
        }
        Ok(Exit::Fine)
    }

    fn growth(&self) -> anyhow::Result<Growth> {
        let snr_db = match self.snr_db.as_deref() {
            None => self.split.is_equal().then_some(10.0),
            Some("none") => None,
            Some(text) => {
                let wrong = |_| UsageError(format!("--snr-db is \"{text}\", neither a number nor \"none\""));
                Some(text.parse::<f64>().map_err(wrong)?)
            }
        };
        Ok(Growth { method: self.method, depth: self.depth_rule, snr_db, split: self.split, seed: self.seed })
    }

    /// The shape of the large model.
    fn target(&self, small: &ModelFolder) -> anyhow::Result<Shape> {
        let (from, times) = (small.blueprint().shape(), self.width as usize);
        let hidden_size = self.hidden.unwrap_or(from.hidden_size * times);
        let num_heads = self.heads.unwrap_or(from.num_heads * times);
        if num_heads == 0 || self.kv_heads == Some(0) {
            return Err(UsageError("--heads and --kv-heads must be at least 1".to_owned()).into());
        }
        let multiple = self.pad_vocab_to_multiple.unwrap_or(1) as usize;
        Ok(Shape {
            vocab_size: self.vocab.unwrap_or_else(|| from.vocab_size.next_multiple_of(multiple)),
            hidden_size,
            intermediate_size: self.mlp.unwrap_or(from.intermediate_size * times),
            num_layers: self.depth.unwrap_or(from.num_layers),
            num_heads,
            num_kv_heads: self.kv_heads.unwrap_or((num_heads / from.group()).max(1)),
            head_dim: if small.blueprint().has_head_dim() { from.head_dim } else { hidden_size / num_heads },
            rotary_dim: from.rotary_dim,
        })
    }

    /// The loss before and after, where it is asked for or quickly measured.
    fn loss(
        &self,
        small: &ModelFolder,
        large: &ModelFolder,
        report: &GrowthReport,
        text: Option<&str>,
    ) -> anyhow::Result<Option<TextLoss>> {
        let (name, text) = match (&self.text, text) {
            (Some(path), Some(text)) => (path.display().to_string(), text),
            _ if self.no_measure => return Ok(None),
            _ if report.params.after > MOST_MEASURED_PARAMS => {
                printer::note(format!(
                    "losses and copies are not measured in a model of more than {} million parameters; --text FILE \
                     measures the losses",
                    MOST_MEASURED_PARAMS / 1_000_000
                ));
                return Ok(None);
            }
            _ if !small.dir().join("tokenizer.json").is_file() => {
                printer::note("no loss is measured: the small model's folder has no tokenizer.json");
                return Ok(None);
            }
            _ => ("the built-in sample".to_owned(), SAMPLE_TEXT),
        };
        Ok(Some(TextLoss::measure(small.dir(), large.dir(), &name, text)?))
    }
}

/// AdamW's state for the large model.
fn moments(small: &ModelFolder, target: &Shape, growth: &Growth) -> anyhow::Result<(OptimiserState, ParamLayout)> {
    let from = PhiConfig::load(&small.dir().join("config.json"))?;
    let to = PhiConfig {
        vocab_size: target.vocab_size,
        hidden_size: target.hidden_size,
        intermediate_size: target.intermediate_size,
        num_layers: target.num_layers,
        num_heads: target.num_heads,
        ..from.clone()
    };
    let law = OptimiserGrowth::new(&from, &to, growth)?;
    let state = OptimiserState::load(small.dir(), &ParamLayout::new(&from))?.with_context(|| {
        format!("{} has no optimiser.safetensors; train with --keep-optimiser writes it", small.dir().display())
    })?;
    Ok((law.state(&state), ParamLayout::new(&to)))
}

/// A model's folder: the one given, or `model/` of a training run's.
fn model_of(src: &Path) -> PathBuf {
    let inner = src.join("model");
    if !src.join("config.json").exists() && inner.join("config.json").exists() { inner } else { src.to_owned() }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
