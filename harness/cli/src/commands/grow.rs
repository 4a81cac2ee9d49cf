//! `phi-bench grow`.

use crate::exit::{Exit, UsageError};
use crate::printer;
use anyhow::Context;
use clap::Args;
use phi_growth::{DepthRule, Growth, Method, block_cosine, grow};
use phi_model::{Checkpoint, PhiConfig};
use std::path::PathBuf;

/// Makes a large checkpoint out of a small one.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  phi-bench grow small/ large/ --method tiling-preserving --width 2 --depth 24")]
pub struct Grow {
    /// Folder of the small model (config.json, model.safetensors, and a tokenizer.json that is copied along).
    src: PathBuf,
    /// Folder of the large one; made if need be.
    dst: PathBuf,
    /// scratch, weight-reuse, tiling or tiling-preserving.
    #[arg(long)]
    method: Method,
    /// Width, heads and MLP are multiplied by this; head_dim stays.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    width: u32,
    /// Layers of the large model [default: as many as the small one's].
    #[arg(long, value_name = "LAYERS")]
    depth: Option<usize>,
    /// Where new layers come from.
    #[arg(long, value_name = "RULE", value_parser = ["identity", "interleave"], default_value = "identity")]
    depth_rule: String,
    /// For tiling-preserving: decibels that the weights lie above the paired noise; "none" for exact copies.
    #[arg(long, value_name = "DB", default_value = "10")]
    snr_db: String,
    /// Seed of what is random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
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
        let c = small.config();
        let width = self.width as usize;
        let target = PhiConfig {
            hidden_size: c.hidden_size * width,
            intermediate_size: c.intermediate_size * width,
            num_heads: c.num_heads * width,
            num_layers: self.depth.unwrap_or(c.num_layers),
            ..c.clone()
        };
        let depth = if self.depth_rule == "identity" { DepthRule::Identity } else { DepthRule::Interleave };
        let large = grow(&small, &target, &Growth { method: self.method, depth, snr_db, seed: self.seed })?;
        large.save(&self.dst)?;
        for file in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
            let from = self.src.join(file);
            if from.is_file() {
                std::fs::copy(&from, self.dst.join(file)).with_context(|| format!("can't copy {}", from.display()))?;
            }
        }
        printer::line(format!("{} parameters -> {}", c.num_params(), target.num_params()));
        let preserves = if self.method.preserves_function() { "preserves" } else { "does not preserve" };
        printer::line(format!("{} {preserves} the function in width", self.method));
        if let Some(cosine) = block_cosine(&large, c) {
            printer::line(format!("block cosine {cosine:.4}"));
            if cosine > 0.999 {
                printer::note(
                    "warning: the tiles are exact copies; a deterministic trainer never tells them apart, and half of \
                     the width stays dead. Use tiling-preserving with --snr-db 10.",
                );
            }
        }
        Ok(Exit::Fine)
    }
}
