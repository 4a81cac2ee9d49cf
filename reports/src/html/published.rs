//! The figures that the Phi papers published, to stand beside ours.

use serde_json::{Value, json};

/// phi-1's Figure 2.1 (Gunasekar et al., "Textbooks Are All You Need", arXiv 2306.11644): HumanEval pass@1 in per cent,
/// by training data, at 350 million and at 1.3 billion parameters.
const FIGURE_2_1: [(&str, u32, u32); 3] =
    [("The Stack+", 12, 17), ("CodeTextbook", 20, 29), ("CodeTextbook, then CodeExercises", 45, 51)];

pub(super) fn rows() -> Vec<Value> {
    FIGURE_2_1.iter().map(|(data, small, large)| json!({ "data": data, "small": small, "large": large })).collect()
}
