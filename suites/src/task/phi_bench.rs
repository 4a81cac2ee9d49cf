//! The keys of a task file that lm-evaluation-harness doesn't have.

use super::LimitsConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What lm-evaluation-harness has no key for: where the data lie, and what is known of the task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhiBench {
    /// One line that says what the task is.
    #[serde(default)]
    pub title: String,
    /// Where the data come from.
    #[serde(default)]
    pub source: String,
    /// Licence of the data, as its authors state it.
    #[serde(default)]
    pub licence: String,
    /// Expression for a list that says of each choice whether it is right (1 or 0), where several may be. `acc` is then the
    /// probability that the right ones have together, among all of the choices.
    #[serde(default)]
    pub labels: Option<String>,
    /// Expression for a question's own id; by default the task's name and its position.
    #[serde(default)]
    pub key: Option<String>,
    /// Expression for what related questions share; by default each stands alone.
    #[serde(default)]
    pub cluster: Option<String>,
    /// Whether standard errors are lm-evaluation-harness's, which takes no account of clusters. Intervals do in any case.
    #[serde(default)]
    pub plain_stderr: bool,
    /// Expression for a label to break scores down by.
    #[serde(default)]
    pub group: Option<String>,
    /// For code: how a program is put together.
    #[serde(default)]
    pub program: Option<ProgramConfig>,
    /// For code: what a program may use, where the sandbox's defaults are too little.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// For code: keys of questions whose reference solution fails in any Python, and why.
    #[serde(default)]
    pub wrong_references: BTreeMap<String, String>,
    /// Fields of a record that are turned into Python literals, with every digit as it stands.
    #[serde(default)]
    pub literals: Vec<String>,
    /// Split to file under the data folder. Without any, the data are a file that the caller names.
    #[serde(default)]
    pub files: BTreeMap<String, FileConfig>,
    /// Why the hub's set can't stand in for the files, where it lacks what the task needs.
    #[serde(default)]
    pub not_on_hub: Option<String>,
    /// Column of the hub's schema to the expression that gives it from a record of the file, in the hub's order. Without any,
    /// records are documents as they are.
    #[serde(default)]
    pub columns: Map<String, Value>,
    /// Scores that the Phi papers give.
    #[serde(default)]
    pub published: Vec<Published>,
    /// What a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// How a program is made of a completion. The test is `doc_to_target`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramConfig {
    /// Template of the program, with `completion` among the names.
    pub solution: String,
    /// Template of the reference completion.
    pub reference: String,
    /// What lm-evaluation-harness calls the metric and the filter, for its result files.
    #[serde(default)]
    pub harness_metric: Option<String>,
    /// Template of a weaker test whose result is reported besides, where there is one.
    #[serde(default)]
    pub base_test: Option<String>,
}

/// One file of records: JSON lines, one JSON array, or CSV with a header (by its name); plain or compressed with gzip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// Below the data folder.
    pub path: String,
    /// Another file below the data folder, where the labels are apart: one a line, which becomes the record's field `label`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// Expression that says which records belong to the split; by default all.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The hub's split that holds these records, where it has another name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_split: Option<String>,
    /// How the records lie in the file.
    #[serde(default)]
    pub layout: Layout,
}

/// How records lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One after the other.
    #[default]
    Records,
    /// SQuAD's nested articles, paragraphs and questions; a record is a question with its `title` and `context`.
    Squad,
    /// Six lines a record: `activity: context`, label, four endings.
    SixLines,
}

/// A score that a paper gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Whose.
    pub model: String,
    /// By which metric.
    pub metric: String,
    /// As a share of 1.
    pub value: f64,
    /// With how many shots.
    pub shots: usize,
    /// Where it stands.
    pub source: String,
}
