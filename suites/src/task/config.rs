//! The keys of a task file, as they stand in it. A key that isn't here is refused by name and line.

use super::LimitsConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a task is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputType {
    /// The log-probability of each choice is asked for, and the likeliest is the answer.
    MultipleChoice,
    /// The log-probability of the one right continuation is asked for.
    #[serde(rename = "loglikelihood")]
    LogLikelihood,
    /// The model writes until a stop string.
    GenerateUntil,
}

/// A task file: lm-evaluation-harness's keys, and ours under `phi_bench`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskConfig {
    /// Name.
    pub task: String,
    /// Groups of tasks that this one counts among.
    #[serde(default)]
    pub tag: Vec<String>,
    /// Data set on the hub.
    #[serde(default)]
    pub dataset_path: Option<String>,
    /// Configuration of that data set.
    #[serde(default)]
    pub dataset_name: Option<String>,
    /// How the task is asked.
    pub output_type: OutputType,
    /// Split to train on.
    #[serde(default)]
    pub training_split: Option<String>,
    /// Split to tune on.
    #[serde(default)]
    pub validation_split: Option<String>,
    /// Split that is scored; by default the validation split.
    #[serde(default)]
    pub test_split: Option<String>,
    /// Split that shots are drawn from; by default training, then validation, then test.
    #[serde(default)]
    pub fewshot_split: Option<String>,
    /// How shots are chosen; by default drawn anew for each question.
    #[serde(default)]
    pub fewshot_config: Option<FewshotConfig>,
    /// Put before everything else, as it is.
    #[serde(default)]
    pub description: String,
    /// Template of the question, or the name of a column. Where it gives a number and there are choices, the choices are
    /// contexts, the number says which is the right one, and `doc_to_target` continues them all.
    pub doc_to_text: String,
    /// Template of the answer, or the name of a column. Where it gives a number and there are choices, it is the position of
    /// the right one.
    pub doc_to_target: String,
    /// The choices.
    #[serde(default)]
    pub doc_to_choice: Option<Choices>,
    /// Between question and answer.
    #[serde(default = "one_space")]
    pub target_delimiter: String,
    /// After each shot.
    #[serde(default = "two_newlines")]
    pub fewshot_delimiter: String,
    /// Shots by default; 0 forbids any.
    #[serde(default)]
    pub num_fewshot: Option<usize>,
    /// How the model writes; kept as it stands, since digests of requests cover it.
    #[serde(default)]
    pub generation_kwargs: Option<Map<String, Value>>,
    /// Ways to read an answer out of what the model wrote.
    #[serde(default)]
    pub filter_list: Vec<FilterConfig>,
    /// What is measured.
    pub metric_list: Vec<MetricConfig>,
    /// The version.
    pub metadata: Metadata,
    /// What lm-evaluation-harness has no key for.
    pub phi_bench: PhiBench,
}

/// Where a question's choices come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Choices {
    /// An expression in `{{ }}` that gives the list, or the name of a column.
    Expression(String),
    /// The same for every question.
    Fixed(Vec<String>),
}

/// How shots are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FewshotConfig {
    /// Which way.
    pub sampler: Sampler,
    /// The shots themselves, where they belong to the task and not to a split: columns that the templates name.
    #[serde(default)]
    pub samples: Vec<Map<String, Value>>,
}

/// A way to choose shots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampler {
    /// Drawn anew for each question.
    #[default]
    Default,
    /// Always the first of the split.
    FirstN,
}

/// One named way to read an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterConfig {
    /// Goes into the metric's name: `exact_match,strict-match`.
    pub name: String,
    /// Applied one after the other.
    pub filter: Vec<FilterStep>,
}

/// One step of a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "function", rename_all = "snake_case", deny_unknown_fields)]
pub enum FilterStep {
    /// Finds a pattern in each response.
    Regex {
        /// In the language of Python's `re`.
        regex_pattern: String,
        /// Which match, from 0; negative from the end.
        #[serde(default)]
        group_select: i64,
        /// What stands for no match.
        #[serde(default = "invalid")]
        fallback: String,
    },
    /// Keeps the first response.
    TakeFirst,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricConfig {
    /// Which.
    pub metric: Metric,
    /// How documents are put together.
    #[serde(default)]
    pub aggregation: Aggregation,
    /// Whether a larger value is better.
    #[serde(default = "yes")]
    pub higher_is_better: bool,
    /// `exact_match`: compare in lower case.
    #[serde(default)]
    pub ignore_case: bool,
    /// `exact_match`: compare without ASCII punctuation.
    #[serde(default)]
    pub ignore_punctuation: bool,
    /// `exact_match`: cut these patterns out of both sides first, in turn.
    #[serde(default)]
    pub regexes_to_ignore: Vec<String>,
}

/// A metric by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Metric {
    /// The likeliest choice is the right one; without choices, the target is what the model says greedily.
    #[serde(rename = "acc")]
    Acc,
    /// The likeliest choice per character is the right one.
    #[serde(rename = "acc_norm")]
    AccNorm,
    /// `exp` of the mean negative log-probability of the target.
    #[serde(rename = "perplexity")]
    Perplexity,
    /// The answer read out of the text equals the target.
    #[serde(rename = "exact_match")]
    ExactMatch,
    /// The program passes its tests: `pass@1` for the greedy one, `pass@k,sampled` for sampled ones.
    #[serde(rename = "pass@k")]
    PassAtK,
}

/// How a metric's values over documents become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The arithmetic mean.
    #[default]
    Mean,
    /// `exp` of the negative mean.
    Perplexity,
}

/// The harness's `metadata`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Grows whenever prompts or scores change.
    pub version: f64,
}

/// What lm-evaluation-harness has no key for: where the data lie, and what is known of the task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhiBench {
    /// One line that says what the task is.
    pub title: String,
    /// Where the data come from.
    pub source: String,
    /// Licence of the data, as its authors state it.
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
    /// Column of the hub's schema to the expression that gives it from a record of the file.
    pub columns: BTreeMap<String, String>,
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

fn one_space() -> String {
    " ".to_owned()
}

fn two_newlines() -> String {
    "\n\n".to_owned()
}

fn invalid() -> String {
    "[invalid]".to_owned()
}

fn yes() -> bool {
    true
}
