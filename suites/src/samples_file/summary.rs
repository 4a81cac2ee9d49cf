//! What came out of a file of samples.

use super::Survey;
use crate::Score;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What came out of a file of samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Task name.
    pub task: String,
    /// Which interpreter ran the programs.
    pub python: String,
    /// The file of samples.
    pub samples_file: PathBuf,
    /// The file of results.
    pub results_file: PathBuf,
    /// What the file of samples holds, and what is wrong with it.
    #[serde(flatten)]
    pub survey: Survey,
    /// Results that an earlier run of the same command had left; those samples weren't run again.
    pub results_kept: usize,
    /// `pass@k` over the tasks that have samples, in the order asked for; then `pass@k,base` by the weaker tests of a
    /// task that has such (HumanEval's own of HumanEval+).
    pub scores: Vec<Score>,
    /// Each k that not every task has samples enough for.
    pub k_left_out: Vec<LeftOutK>,
    /// Samples by verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// Samples that weren't judged because the sandbox failed; they aren't counted in any score.
    pub faults: usize,
    /// The tasks whose programs take most instructions in the mean, slowest first.
    pub slowest_tasks: Vec<SlowTask>,
}

/// A k that not every task has samples enough for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutK {
    /// Which k.
    pub k: usize,
    /// The task with fewest judged samples.
    pub task: String,
    /// How many those are.
    pub samples: usize,
}

/// What the programs of one task took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowTask {
    /// The task's own id.
    pub task: String,
    /// Instructions a program in the mean.
    pub mean_fuel: u64,
    /// Instructions of the longest.
    pub most_fuel: u64,
}
