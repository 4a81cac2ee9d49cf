//! An exercise as HumanEval lays one out: a prompt, a reference solution, and tests.

use serde::{Deserialize, Serialize};

/// One exercise. The field names are HumanEval's own, with `concept` and `difficulty` added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exercise {
    /// A name that no other exercise of its set bears, such as `CodeExercises/heldout/17`.
    pub task_id: String,
    /// The concept of the grammar that it practises.
    pub concept: String,
    /// 1 (one rule) to 5 (a combination of rules that the training split never shows together).
    pub difficulty: u8,
    /// Signature and docstring; ends with a line break.
    pub prompt: String,
    /// The name that the tests call.
    pub entry_point: String,
    /// The body, indented by four spaces; ends with a line break.
    pub canonical_solution: String,
    /// A function `check(candidate)` that asserts.
    pub test: String,
}

impl Exercise {
    /// What a model is trained on: the prompt, the body, and one empty line.
    pub fn training_text(&self) -> String {
        format!("{}{}\n", self.prompt, self.canonical_solution)
    }

    /// The docstring's text without its quotes, or the empty string where there is none.
    pub fn docstring(&self) -> &str {
        self.prompt.split("\"\"\"").nth(1).unwrap_or_default().trim()
    }

    /// The docstring's sentences, without its examples.
    pub fn description(&self) -> &str {
        self.docstring().split(">>>").next().unwrap_or_default().trim()
    }

    /// The program that defines the solution.
    pub fn solution(&self) -> String {
        format!("{}{}", self.prompt, self.canonical_solution)
    }
}
