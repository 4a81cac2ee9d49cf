//! The recipe of an ablation: a TOML file, every field of which is described here and in `docs/src/recipe.md`.

use crate::AblationError;
use phi_growth::{DepthRule, Method};
use phi_model::PhiConfig;
use phi_suites::{EvalOptions, Sampled};
use phi_train::Schedule;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What an ablation asks and how it answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Short name; also the name of the default output folder.
    pub name: String,
    /// The question, one sentence.
    pub question: String,
    /// One run of every arm for each of these.
    pub seeds: Vec<u64>,
    /// The arm that the others are compared with.
    pub baseline: String,
    /// The score that the answer rests on.
    pub primary: Primary,
    /// What the models read.
    pub corpus: CorpusRecipe,
    /// The model whose weights are grown.
    pub small: ModelShape,
    /// The model that every arm ends with.
    pub large: ModelShape,
    /// Training on code and textbooks.
    pub pretrain: PretrainRecipe,
    /// Training on exercises.
    pub align: TrainSettings,
    /// The cells of the ablation.
    pub arms: Vec<Arm>,
    /// What the models are scored on.
    pub suites: Vec<Suite>,
}

/// The score that the answer rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Primary {
    /// Task name.
    pub task: String,
    /// Metric name.
    pub metric: String,
}

/// What the models read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusRecipe {
    /// Seed of everything that is generated or drawn.
    pub seed: u64,
    /// Raw code: a folder of `.py` files or a JSON-lines file; the Python standard library if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Raw code, in bytes at most.
    pub code_bytes: usize,
    /// Textbook passages to generate.
    pub textbooks: usize,
    /// Exercises to train on.
    pub exercises: usize,
    /// Exercises to be scored on, none of which resembles a training one.
    pub held_out: usize,
    /// Entries of the tokenizer.
    pub vocab_size: usize,
    /// Tokens in a row; also the models' context.
    pub seq_len: usize,
}

/// The shape of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelShape {
    /// Width of the residual stream.
    pub hidden: usize,
    /// Decoder blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
}

/// Training on code and textbooks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainRecipe {
    /// Tokens that the small model is trained on.
    pub small_tokens: u64,
    /// Tokens that a large model from scratch is trained on. Grown ones get as many FLOPs, less the small model's.
    pub scratch_tokens: u64,
    /// How.
    pub optimiser: Optimiser,
}

/// Training for a number of tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Tokens to train on.
    pub tokens: u64,
    /// How.
    pub optimiser: Optimiser,
}

/// Settings of the optimiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimiser {
    /// Rows of `seq_len` tokens a step.
    pub batch_rows: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Steps over which it rises.
    pub warmup_steps: u64,
    /// How it falls: `linear`, `cosine` or `constant`.
    pub schedule: Schedule,
    /// Share of the peak that is left at the end.
    pub final_lr_fraction: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Points of the loss curve, about.
    pub curve_points: u64,
}

impl Optimiser {
    fn check(&self) -> Result<(), String> {
        if !(self.learning_rate > 0.0 && self.learning_rate <= 10.0) {
            return Err(format!("learning_rate is {}; it must be above 0 and at most 10", self.learning_rate));
        }
        if !(0.0..=10.0).contains(&self.weight_decay) {
            return Err(format!("weight_decay is {}; it must lie between 0 and 10", self.weight_decay));
        }
        if !(0.0..=1.0).contains(&self.final_lr_fraction) {
            return Err(format!("final_lr_fraction is {}; it must lie between 0 and 1", self.final_lr_fraction));
        }
        Ok(())
    }
}

/// One cell of the ablation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// How the large model begins: the name of a [`Method`].
    pub init: Method,
    /// Where new layers come from: the name of a [`DepthRule`].
    #[serde(default = "default_depth")]
    pub depth: DepthRule,
    /// For `tiling-preserving`: decibels that the weights lie above the paired noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snr_db: Option<f64>,
    /// Whether it is trained on exercises.
    #[serde(default = "yes")]
    pub align: bool,
    /// Whether it only shows what a number means, and is left out of the comparisons.
    #[serde(default)]
    pub control: bool,
}

/// One task and how it is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Task name.
    pub task: String,
    /// Examples before each question; the task's own number if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_fewshot: Option<usize>,
    /// Questions at most; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Tokens of an answer at most; the task's own number if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<usize>,
    /// Sampled answers beside the greedy one, for pass@k.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
    /// Whether control arms are scored on it too.
    #[serde(default = "yes")]
    pub controls: bool,
}

impl Suite {
    /// How the task is run, with this seed for sampled answers.
    pub(crate) fn options(&self, seed: u64) -> EvalOptions {
        EvalOptions {
            num_fewshot: self.num_fewshot,
            limit: self.limit,
            sampled: self.sampled.clone(),
            seed,
            max_tokens: self.max_tokens,
            ..EvalOptions::default()
        }
    }
}

fn yes() -> bool {
    true
}

fn default_depth() -> DepthRule {
    DepthRule::Identity
}

/// The built-in recipes: name and text.
pub const PRESETS: [(&str, &str); 2] =
    [("tiling", include_str!("../presets/tiling.toml")), ("smoke", include_str!("../presets/smoke.toml"))];

impl Recipe {
    /// A built-in recipe.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn preset(name: &str) -> Result<Recipe, AblationError> {
        let (_, text) = PRESETS.iter().find(|(n, _)| *n == name).ok_or_else(|| {
            let names: Vec<_> = PRESETS.iter().map(|(n, _)| *n).collect();
            AblationError::Recipe(format!("no preset is called \"{name}\"; there are {}", names.join(", ")))
        })?;
        Recipe::parse(text, &format!("preset {name}"))
    }

    /// Reads a recipe file. A relative `corpus.path` is taken from the file's folder.
    ///
    /// # Errors
    /// The file can't be read, or isn't a recipe: the message names line and field.
    pub fn load(path: &Path) -> Result<Recipe, AblationError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| AblationError::Recipe(format!("can't read {}: {e}", path.display())))?;
        let mut recipe = Recipe::parse(&text, &path.display().to_string())?;
        if let (Some(corpus), Some(folder)) = (recipe.corpus.path.take(), path.parent()) {
            recipe.set_corpus(&folder.join(corpus))?;
        }
        Ok(recipe)
    }

    /// Takes raw code from a folder or a JSON-lines file.
    ///
    /// # Errors
    /// There is no such file or folder, or its name can't be written into a recipe.
    pub fn set_corpus(&mut self, path: &Path) -> Result<(), AblationError> {
        let path = path.canonicalize().map_err(|e| AblationError::io("find the corpus", path, e))?;
        if path.to_str().is_none() {
            return Err(AblationError::Recipe(format!("the corpus' name {} is not UTF-8; rename it", path.display())));
        }
        self.corpus.path = Some(path);
        Ok(())
    }

    /// Reads a recipe from text; `origin` stands in messages.
    ///
    /// # Errors
    /// It isn't a recipe: the message names line and field.
    pub fn parse(text: &str, origin: &str) -> Result<Recipe, AblationError> {
        let recipe: Recipe = toml::from_str(text)
            .map_err(|e| AblationError::Recipe(format!("{origin}: {}", e.to_string().trim_end())))?;
        recipe.validate().map_err(|reason| AblationError::Recipe(format!("{origin}: {reason}")))?;
        Ok(recipe)
    }

    /// The recipe as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a recipe is plain TOML")
    }

    /// The shape of a model with this recipe's vocabulary and context.
    pub fn config(&self, shape: ModelShape) -> PhiConfig {
        PhiConfig {
            vocab_size: self.corpus.vocab_size,
            hidden_size: shape.hidden,
            intermediate_size: 4 * shape.hidden,
            num_layers: shape.layers,
            num_heads: shape.heads,
            // Half of the head turns with the position, as in phi-1.
            rotary_dim: shape.hidden / shape.heads.max(1) / 4 * 2,
            rope_theta: 10_000.0,
            max_positions: self.corpus.seq_len,
            layer_norm_eps: 1e-5,
            eos_token_id: 0,
        }
    }

    fn validate(&self) -> Result<(), String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(is_plain) {
            return Err(format!("name is {:?}; it names a folder: letters, digits, - and _", self.name));
        }
        self.check_sizes()?;
        if self.seeds.is_empty() {
            return Err("seeds is empty; give at least one".into());
        }
        let mut names: Vec<&str> = self.arms.iter().map(|a| a.name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|w| w[0] == w[1]) {
            return Err(format!("two arms are called \"{}\"", twice[0]));
        }
        let mut seeds = self.seeds.clone();
        seeds.sort_unstable();
        if seeds.windows(2).any(|w| w[0] == w[1]) {
            return Err("a seed stands twice in seeds; its runs would be the same".into());
        }
        match self.arms.iter().find(|a| a.name == self.baseline) {
            None => return Err(format!("baseline is \"{}\", but no arm is called so", self.baseline)),
            Some(arm) if arm.control => return Err("the baseline can't be a control arm".into()),
            Some(_) => {}
        }
        if !self.suites.iter().any(|s| s.task == self.primary.task) {
            return Err(format!("primary.task is \"{}\", but suites has no such task", self.primary.task));
        }
        for (i, suite) in self.suites.iter().enumerate() {
            phi_suites::Task::builtin(&suite.task).map_err(|e| e.to_string())?;
            suite.options(0).check().map_err(|e| format!("suite {}: {e}", suite.task))?;
            if self.suites[..i].iter().any(|s| s.task == suite.task) {
                return Err(format!("suite {} stands twice", suite.task));
            }
        }
        for (name, shape) in [("small", self.small), ("large", self.large)] {
            self.config(shape).validate().map_err(|reason| format!("{name}: {reason}"))?;
        }
        Ok(())
    }

    /// Numbers so large that nobody means them, or too small to work with; before anything is computed from them.
    fn check_sizes(&self) -> Result<(), String> {
        let (c, p, a) = (&self.corpus, &self.pretrain, &self.align);
        let sizes = [
            ("corpus.exercises", c.exercises as u64, 1, 10_000_000),
            ("corpus.held_out", c.held_out as u64, 1, 1_000_000),
            ("corpus.textbooks", c.textbooks as u64, 0, 10_000_000),
            ("corpus.vocab_size", c.vocab_size as u64, 300, 1 << 20),
            ("corpus.seq_len", c.seq_len as u64, 16, 1 << 16),
            ("pretrain.small_tokens", p.small_tokens, 1, 1 << 44),
            ("pretrain.scratch_tokens", p.scratch_tokens, 1, 1 << 44),
            ("pretrain.optimiser.batch_rows", p.optimiser.batch_rows as u64, 1, 1 << 16),
            ("align.tokens", a.tokens, 1, 1 << 44),
            ("align.optimiser.batch_rows", a.optimiser.batch_rows as u64, 1, 1 << 16),
            ("small.hidden", self.small.hidden as u64, 1, 1 << 14),
            ("small.layers", self.small.layers as u64, 1, 256),
            ("large.hidden", self.large.hidden as u64, 1, 1 << 14),
            ("large.layers", self.large.layers as u64, 1, 256),
        ];
        for (name, value, least, most) in sizes {
            if !(least..=most).contains(&value) {
                return Err(format!("{name} is {value}; it must lie between {least} and {most}"));
            }
        }
        for (phase, o) in [("pretrain", &p.optimiser), ("align", &a.optimiser)] {
            o.check().map_err(|reason| format!("{phase}.optimiser: {reason}"))?;
        }
        Ok(())
    }
}
