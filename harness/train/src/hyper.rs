//! The Phi papers' hyper-parameters by name.

use crate::Schedule;

/// Settings of the optimiser that go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hyper {
    /// What they are called.
    pub name: &'static str,
    /// Where they come from.
    pub source: &'static str,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Steps over which it rises.
    pub warmup_steps: u64,
    /// How it falls.
    pub schedule: Schedule,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
}

/// All of them. Where a paper doesn't state the betas, they are 0.9 and 0.95.
pub const HYPERS: [Hyper; 3] = [
    Hyper {
        name: "phi-1-base",
        source: "Gunasekar et al. 2023, arXiv 2306.11644, section 2.3",
        learning_rate: 1e-3,
        warmup_steps: 750,
        schedule: Schedule::Linear,
        weight_decay: 0.1,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
    },
    Hyper {
        name: "phi-1-finetune",
        source: "Gunasekar et al. 2023, arXiv 2306.11644, section 2.3",
        learning_rate: 1e-4,
        warmup_steps: 50,
        schedule: Schedule::Linear,
        weight_decay: 0.01,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
    },
    Hyper {
        name: "phi-1.5",
        source: "Li et al. 2023, arXiv 2309.05463, section 2",
        learning_rate: 2e-4,
        warmup_steps: 0,
        schedule: Schedule::Constant,
        weight_decay: 0.1,
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-7,
    },
];

impl Hyper {
    /// The settings of this name.
    pub fn named(name: &str) -> Option<&'static Hyper> {
        HYPERS.iter().find(|hyper| hyper.name == name)
    }
}
