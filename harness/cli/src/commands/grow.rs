//! `phi-bench grow`.

use crate::exit::{Exit, UsageError};
use crate::printer;
use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use phi_growth::{DepthRule, Growth, GrowthReport, Method, grow};
use phi_model::{Checkpoint, PhiConfig, write_whole};
use std::path::PathBuf;

/// Makes a large checkpoint out of a small one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench grow small/ large/ --method tiling-preserving --width 2 --depth 24
  phi-bench grow phi-1_5/ phi-2/ --method tiling --hidden 2560 --heads 32 --mlp 10240 --depth 32")]
pub struct Grow {
    /// Folder of the small model (config.json, model.safetensors, and a tokenizer.json that is copied along).
    src: PathBuf,
    /// Folder of the large one; made if need be. What was measured goes into growth.json there.
    dst: PathBuf,
    /// How the width grows.
    #[arg(long, value_parser = methods())]
    method: Method,
    /// Width, heads and MLP are multiplied by this; head_dim stays.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    width: u32,
    /// Width of the large model's residual stream [default: the small one's times --width].
    #[arg(long, value_name = "UNITS", conflicts_with = "width")]
    hidden: Option<usize>,
    /// Attention heads of the large model [default: the small one's times --width].
    #[arg(long, value_name = "HEADS", conflicts_with = "width")]
    heads: Option<usize>,
    /// Width of the large model's MLP [default: the small one's times --width].
    #[arg(long, value_name = "UNITS", conflicts_with = "width")]
    mlp: Option<usize>,
    /// Layers of the large model [default: as many as the small one's].
    #[arg(long, value_name = "LAYERS")]
    depth: Option<usize>,
    /// Where new layers come from.
    #[arg(long, value_name = "RULE", value_parser = depth_rules(), default_value = "identity")]
    depth_rule: DepthRule,
    /// For tiling-preserving: decibels that the weights lie above the paired noise; "none" for exact copies.
    #[arg(long, value_name = "DB", default_value = "10")]
    snr_db: String,
    /// Seed of what is random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn methods() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(|m| PossibleValue::new(m.name()).help(m.description())))
        .map(|name| name.parse().expect("the possible values are the methods' names"))
}

fn depth_rules() -> impl TypedValueParser<Value = DepthRule> {
    PossibleValuesParser::new(DepthRule::ALL.map(|r| PossibleValue::new(r.name()).help(r.description())))
        .map(|name| name.parse().expect("the possible values are the rules' names"))
}

impl Grow {
    pub fn run(self) -> anyhow::Result<Exit> {
        let snr_db = match self.snr_db.as_str() {
            "none" => None,
            text => {
                let wrong = |_| UsageError(format!("--snr-db is \"{text}\", neither a number nor \"none\""));
                Some(text.parse::<f64>().map_err(wrong)?)
            }
        };
        let small = Checkpoint::load(&self.src)?;
        let target = self.target(small.config());
        let growth = Growth { method: self.method, depth: self.depth_rule, snr_db, seed: self.seed };
        let large = grow(&small, &target, &growth)?;
        large.save(&self.dst)?;
        for file in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
            let from = self.src.join(file);
            if from.is_file() {
                std::fs::copy(&from, self.dst.join(file)).with_context(|| format!("can't copy {}", from.display()))?;
            }
        }
        let report = GrowthReport::new(&small, &large, &growth);
        let json = serde_json::to_vec_pretty(&report).expect("a report is plain JSON");
        write_whole(&self.dst.join("growth.json"), &json)?;
        print(&report);
        Ok(Exit::Fine)
    }

    /// The shape of the large model.
    fn target(&self, small: &PhiConfig) -> PhiConfig {
        let times = self.width as usize;
        PhiConfig {
            hidden_size: self.hidden.unwrap_or(small.hidden_size * times),
            intermediate_size: self.mlp.unwrap_or(small.intermediate_size * times),
            num_heads: self.heads.unwrap_or(small.num_heads * times),
            num_layers: self.depth.unwrap_or(small.num_layers),
            ..small.clone()
        }
    }
}

fn print(report: &GrowthReport) {
    let method = report.growth.method;
    printer::line(match &report.change_of_function {
        None => format!("{method} preserves the function"),
        Some(why) => format!("{method} does not preserve the function: {why}"),
    });
    printer::line(format!("parameters: {} -> {}", report.params.before, report.params.after));
    let flops = report.train_flops_per_token;
    printer::line(format!(
        "FLOPs of training on a token, context {}: {:.3e} -> {:.3e}",
        report.context, flops.before, flops.after
    ));
    if let Some(cosine) = report.block_cosine {
        printer::line(format!("block cosine: {cosine:.4}"));
    }
    printer::line(format!("effective rank, layer {}:", report.rank_layer));
    for rank in &report.ranks {
        let (value, full) = (rank.effective_rank, rank.full_rank);
        printer::line(format!(
            "  {}: {:.1} of {} -> {:.1} of {}",
            rank.matrix, value.before, full.before, value.after, full.after
        ));
    }
    let units = report.distinct_units;
    printer::line("units that training can tell apart:");
    for (name, units) in [("residual stream", units.residual), ("heads", units.heads), ("MLP", units.mlp)] {
        printer::line(format!("  {name}: {} of {}", units.distinct, units.total));
    }
    if let Some(sentence) = report.dead_width() {
        printer::note(format!("warning: {sentence}"));
    }
}
