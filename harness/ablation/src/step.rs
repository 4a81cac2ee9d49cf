//! Steps: functions of their specification and of their inputs' keys.

use crate::recipe::{CorpusRecipe, Suite};
use phi_growth::Growth;
use phi_model::PhiConfig;
use phi_train::TrainSpec;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Raised when a step's meaning or its files change, so that old outputs are not taken for new ones.
const SCHEMA: u32 = 1;

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum StepSpec {
    /// Generates and checks exercises and textbooks, gathers code, trains the tokenizer, packs the tokens.
    Corpus {
        /// What to generate and gather.
        recipe: CorpusRecipe,
        /// Hash of the user's code; empty for the embedded sources.
        code_hash: String,
    },
    /// Trains a model on code and textbooks. Inputs: corpus, and the grown model if there is one.
    Pretrain {
        /// Shape of the model.
        config: PhiConfig,
        /// How to train.
        train: TrainSpec,
        /// Seed of the initial weights; unused for a grown model.
        init_seed: u64,
        /// Shape of the model that it grew from, for the facts about its tiles.
        grown_from: Option<PhiConfig>,
    },
    /// Grows a small model. Inputs: corpus, small model.
    Grow {
        /// Shape of the large model.
        config: PhiConfig,
        /// How to grow.
        growth: Growth,
    },
    /// Trains a model on exercises. Inputs: corpus, pretrained model.
    Align {
        /// How to train.
        train: TrainSpec,
    },
    /// Scores a model on one suite. Inputs: corpus, model.
    Evaluate {
        /// Which, and how.
        suite: Suite,
        /// Hash of the requests, for suites whose data are not part of the corpus.
        data_hash: String,
        /// Seed of the sampled answers.
        seed: u64,
    },
}

impl StepSpec {
    /// The kind's name, which begins the name of the step's folder.
    pub fn kind(&self) -> &'static str {
        match self {
            StepSpec::Corpus { .. } => "corpus",
            StepSpec::Pretrain { .. } => "pretrain",
            StepSpec::Grow { .. } => "grow",
            StepSpec::Align { .. } => "align",
            StepSpec::Evaluate { .. } => "evaluate",
        }
    }
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Hash of the specification and of the inputs' keys.
    pub key: String,
    /// What it does.
    pub spec: StepSpec,
    /// Positions of its inputs in the plan, all before its own.
    pub inputs: Vec<usize>,
    /// For people: `pretrain tiling seed 1`.
    pub label: String,
    /// How long it takes on one core, in seconds, roughly: for the order of work and the time left.
    pub cost_s: f64,
}

/// The key of a step.
pub(crate) fn key(spec: &StepSpec, input_keys: &[&str]) -> String {
    let text = serde_json::json!({ "schema": SCHEMA, "spec": spec, "inputs": input_keys }).to_string();
    hex(&Sha256::digest(text))[..32].to_owned()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
