//! The recipe of an ablation: a TOML file, every field of which is described here and in `docs/src/recipe.md`.

mod arm;
mod check;
mod compute;
mod contamination;
mod data;
mod flaw;
mod matrix;
mod slurm;
mod suite;

pub use arm::{Arm, ModelShape, Optimiser, OptimiserChange, PretrainRecipe, TrainSettings};
pub use compute::{ComputeDevice, ComputeRecipe};
pub use contamination::ContaminationRecipe;
pub use data::{CorpusRecipe, DataRecipe};
pub use slurm::SlurmSettings;
pub use suite::{PlannedComparison, Primary, Suite};

use crate::AblationError;
use phi_model::PhiConfig;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// What is equal in all arms.
    #[serde(rename = "match", default, skip_serializing_if = "is_default")]
    pub match_by: MatchBy,
    /// How often a step that failed is tried again, where that can help.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retries: u32,
    /// The score that the answer rests on.
    pub primary: Primary,
    /// What the models read.
    pub corpus: CorpusRecipe,
    /// What arms may be pretrained on instead of the whole corpus, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, DataRecipe>,
    /// What the exercises are compared with, for arms that are pruned and for scores that are split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contamination: Option<ContaminationRecipe>,
    /// The model whose weights are grown.
    pub small: ModelShape,
    /// The model that every arm ends with.
    pub large: ModelShape,
    /// Training on code and textbooks.
    pub pretrain: PretrainRecipe,
    /// Training on exercises.
    pub align: TrainSettings,
    /// What models are trained and scored on: the processor if left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compute: ComputeRecipe,
    /// How steps are given to Slurm.
    #[serde(default, skip_serializing_if = "is_default")]
    pub slurm: SlurmSettings,
    /// Axes that are multiplied out into arms; empty once a recipe is read.
    #[serde(default, skip_serializing)]
    matrix: toml::Table,
    /// The cells of the ablation: those that the file spells out, then those of its matrix.
    #[serde(default)]
    pub arms: Vec<Arm>,
    /// Comparisons besides each arm with the baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<PlannedComparison>,
    /// What the models are scored on.
    pub suites: Vec<Suite>,
}

/// What is equal in all arms, so that they can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// Pretraining FLOPs: those of `scratch_tokens` on the recipe's large model, the small model's training included.
    #[default]
    Flops,
    /// Tokens that the final model is pretrained on: `scratch_tokens`. The small model's come on top.
    Tokens,
    /// Optimiser steps of the final model's pretraining: those of `scratch_tokens` at the recipe's batch.
    Steps,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The built-in recipes: name and text.
pub const PRESETS: [(&str, &str); 4] = [
    ("tiling", include_str!("../../presets/tiling.toml")),
    ("data", include_str!("../../presets/data.toml")),
    ("contamination", include_str!("../../presets/contamination.toml")),
    ("smoke", include_str!("../../presets/smoke.toml")),
];

impl Recipe {
    /// A built-in recipe.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn preset(name: &str) -> Result<Recipe, AblationError> {
        let (_, text) = PRESETS.iter().find(|(n, _)| *n == name).ok_or_else(|| {
            let names: Vec<_> = PRESETS.iter().map(|(n, _)| *n).collect();
            AblationError::Recipe(format!("no preset is called \"{name}\"{}", flaw::suggest(name, &names)))
        })?;
        Recipe::parse(text, &format!("preset {name}"))
    }

    /// Reads a recipe file. Relative paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// The file can't be read, or isn't a recipe: the message names line and field.
    pub fn load(path: &Path) -> Result<Recipe, AblationError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| AblationError::Recipe(format!("can't read {}: {e}", path.display())))?;
        let mut recipe = Recipe::parse(&text, &path.display().to_string())?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for to in recipe.data.values_mut().map(|d| &mut d.path).chain([&mut recipe.corpus.path]) {
            if let Some(relative) = to.take() {
                *to = Some(absolute(&folder.join(relative))?);
            }
        }
        Ok(recipe)
    }

    /// Takes raw code from a folder or a JSON-lines file.
    ///
    /// # Errors
    /// There is no such file or folder, or its name can't be written into a recipe.
    pub fn set_corpus(&mut self, path: &Path) -> Result<(), AblationError> {
        self.corpus.path = Some(absolute(path)?);
        Ok(())
    }

    /// Reads a recipe from text; `origin` stands in messages.
    ///
    /// # Errors
    /// It isn't a recipe: the message names line and field.
    pub fn parse(text: &str, origin: &str) -> Result<Recipe, AblationError> {
        let mut recipe: Recipe = toml::from_str(text)
            .map_err(|e| AblationError::Recipe(format!("{origin}: {}", flaw::with_suggestion(&e.to_string()))))?;
        let written = recipe.arms.len();
        let matrix = std::mem::take(&mut recipe.matrix);
        let expanded = if matrix.is_empty() { Ok(Vec::new()) } else { matrix::expand(&matrix) };
        let checked = expanded.and_then(|arms| {
            recipe.arms.extend(arms);
            recipe.check(written)
        });
        checked.map_err(|flaw| AblationError::Recipe(flaw.message(text, origin)))?;
        Ok(recipe)
    }

    /// The recipe as TOML, its matrix multiplied out.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a recipe is plain TOML")
    }

    /// The part of the recipe that results depend on, as TOML: without how steps are run.
    pub(crate) fn of_results(&self) -> String {
        Recipe { retries: 0, slurm: SlurmSettings::default(), ..self.clone() }.to_toml()
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
}

/// A path that stays right wherever the recipe is copied.
fn absolute(path: &Path) -> Result<PathBuf, AblationError> {
    let path = path.canonicalize().map_err(|e| AblationError::io("find the corpus", path, e))?;
    if path.to_str().is_none() {
        return Err(AblationError::Recipe(format!("the corpus' name {} is not UTF-8; rename it", path.display())));
    }
    Ok(path)
}
