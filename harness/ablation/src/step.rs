//! Steps: functions of their specification and of their inputs' keys.

use crate::recipe::{CorpusRecipe, DataRecipe, Suite};
use phi_growth::Growth;
use phi_model::PhiConfig;
use phi_train::{Precision, TrainSpec};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Raised when a step's meaning or its files change, so that old outputs are not taken for new ones.
const SCHEMA: u32 = 3;

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
    /// Packs another choice of the corpus' documents for pretraining. Input: corpus.
    Mix {
        /// How much of each part.
        data: DataRecipe,
        /// Hash of the further documents; empty if there are none.
        documents_hash: String,
        /// Seed of the documents' order.
        seed: u64,
        /// Tokens in a row.
        seq_len: usize,
    },
    /// Compares the exercises with a task's solutions. Input: corpus.
    Compare {
        /// The task.
        task: String,
        /// Hash of its questions; empty where they are the corpus' own.
        data_hash: String,
        /// Nodes of a function's syntax tree at least.
        min_nodes: usize,
        /// Match rates from here on are computed.
        least_rate: f64,
    },
    /// Packs the exercises that aren't like a solution. Inputs: corpus, comparison.
    Prune {
        /// Match rate from which an exercise is left out.
        tau: f64,
        /// Tokens in a row.
        seq_len: usize,
    },
    /// Trains a model on code and textbooks. Inputs: corpus, where the tokens lie (corpus or mix), and the grown model if
    /// there is one.
    Pretrain {
        /// Shape of the model.
        config: PhiConfig,
        /// How to train.
        train: TrainSpec,
        /// Seed of the initial weights; unused for a grown model.
        init_seed: u64,
        /// Shape of the model that it grew from, for the facts about its tiles.
        grown_from: Option<PhiConfig>,
        /// Optimiser steps between the models that are kept for scoring.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep_every: Option<u64>,
        /// Number format of the matrix products on a GPU; on the processor if left out. Which GPU it is changes nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gpu: Option<Precision>,
    },
    /// Grows a small model. Inputs: corpus, small model.
    Grow {
        /// Shape of the large model.
        config: PhiConfig,
        /// How to grow.
        growth: Growth,
    },
    /// Trains a model on exercises. Inputs: corpus, pretrained model, and where the tokens lie if that isn't the corpus.
    Align {
        /// How to train.
        train: TrainSpec,
        /// Optimiser steps between the models that are kept for scoring.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep_every: Option<u64>,
        /// Number format of the matrix products on a GPU; on the processor if left out. Which GPU it is changes nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gpu: Option<Precision>,
    },
    /// Scores a model on one suite. Inputs: corpus, model.
    Evaluate {
        /// Which, and how.
        suite: Suite,
        /// Hash of the requests, for suites whose data are not part of the corpus.
        data_hash: String,
        /// Seed of the sampled answers.
        seed: u64,
        /// The model that was kept after this optimiser step; the final one if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
        /// Number format of the matrix products on a GPU; on the processor if left out. Which GPU it is changes nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gpu: Option<Precision>,
    },
}

impl StepSpec {
    /// The kind's name, which begins the name of the step's folder.
    pub fn kind(&self) -> &'static str {
        match self {
            StepSpec::Corpus { .. } => "corpus",
            StepSpec::Mix { .. } => "mix",
            StepSpec::Compare { .. } => "compare",
            StepSpec::Prune { .. } => "prune",
            StepSpec::Pretrain { .. } => "pretrain",
            StepSpec::Grow { .. } => "grow",
            StepSpec::Align { .. } => "align",
            StepSpec::Evaluate { .. } => "evaluate",
        }
    }

    /// The number format in which it computes on a GPU; `None` where it computes on the processor.
    pub fn gpu(&self) -> Option<Precision> {
        match self {
            StepSpec::Pretrain { gpu, .. } | StepSpec::Align { gpu, .. } | StepSpec::Evaluate { gpu, .. } => *gpu,
            _ => None,
        }
    }
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Hash of the specification and of the inputs' keys.
    pub key: String,
    /// What it does.
    pub spec: StepSpec,
    /// Positions of its inputs in the plan, all before its own.
    pub inputs: Vec<usize>,
    /// For people: `pretrain tiling seed 1`. No two steps of a plan share it.
    pub label: String,
    /// What it takes, roughly.
    pub forecast: Forecast,
}

/// What a step takes, roughly: for the order of work, the time left, and how many steps fit into memory together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// Seconds of one core.
    pub seconds: f64,
    /// Floating-point operations of its models.
    pub flops: f64,
    /// Memory at most, in bytes.
    pub memory_bytes: u64,
    /// What stays on the disk, in bytes.
    pub disk_bytes: u64,
}

impl Step {
    /// The short form of the key, which is enough to name a step of a folder.
    pub fn short_key(&self) -> &str {
        &self.key[..16]
    }
}

/// The key of a step.
pub(crate) fn key(spec: &StepSpec, input_keys: &[&str]) -> String {
    let text = serde_json::json!({ "schema": SCHEMA, "spec": spec, "inputs": input_keys }).to_string();
    hex(&Sha256::digest(text))[..32].to_owned()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
