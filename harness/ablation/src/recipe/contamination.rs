//! phi-1's experiment on contamination (section 5): scores split by whether training resembles the question, and arms that are
//! trained on exercises without those that do.

use serde::{Deserialize, Serialize};

/// What the exercises are compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContaminationRecipe {
    /// The task whose solutions the exercises are compared with; one of code among the suites.
    pub task: String,
    /// Nodes of a function's syntax tree at least; smaller functions are everybody's.
    #[serde(default = "min_nodes")]
    pub min_nodes: usize,
}

fn min_nodes() -> usize {
    phi_corpus::contamination::Thresholds::default().min_nodes
}
