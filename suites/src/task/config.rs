//! The keys of a task file, as they stand in it. A key that isn't here is refused by name and line.

use super::{MetricConfig, PhiBench};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// How a task is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputType {
    /// The log-probability of each choice is asked for, and the likeliest is the answer.
    MultipleChoice,
    /// The log-probability of the one right continuation is asked for.
    #[serde(rename = "loglikelihood")]
    LogLikelihood,
    /// The log-probability of a whole text is asked for.
    #[serde(rename = "loglikelihood_rolling")]
    LogLikelihoodRolling,
    /// The model writes until a stop string.
    #[default]
    GenerateUntil,
}

/// A task file: lm-evaluation-harness's keys, and ours under `phi_bench`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskConfig {
    /// Name.
    pub task: String,
    /// Name for tables.
    #[serde(default)]
    pub task_alias: Option<String>,
    /// Names that stand for this task and others together.
    #[serde(default, deserialize_with = "one_or_many")]
    pub tag: Vec<String>,
    /// Data set on the hub.
    #[serde(default)]
    pub dataset_path: Option<String>,
    /// Configuration of that data set.
    #[serde(default)]
    pub dataset_name: Option<String>,
    /// Where the files of a local data set lie (`data_files`), and what the hub needs besides.
    #[serde(default)]
    pub dataset_kwargs: Option<Map<String, Value>>,
    /// How the task is asked.
    #[serde(default)]
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
    /// Makes the documents out of the records of a split.
    #[serde(default)]
    pub process_docs: Option<Function>,
    /// Put before everything else: a template, or the name of a column.
    #[serde(default)]
    pub description: String,
    /// Template of the question, or the name of a column. Where it gives a number and there are choices, the choices are
    /// contexts, the number says which is the right one, and `doc_to_target` continues them all.
    #[serde(default)]
    pub doc_to_text: Field,
    /// Template of the answer, or the name of a column. Where it gives a number and there are choices, it is the position of
    /// the right one.
    #[serde(default)]
    pub doc_to_target: Field,
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
    /// Completions of each question.
    #[serde(default = "once")]
    pub repeats: usize,
    /// How the model's answer begins: a template, or the name of a column.
    #[serde(default)]
    pub gen_prefix: Option<String>,
    /// Makes the metrics of one document out of what the model said.
    #[serde(default)]
    pub process_results: Option<Function>,
    /// What is measured; by default what lm-evaluation-harness measures of this output type.
    #[serde(default)]
    pub metric_list: Vec<MetricConfig>,
    /// Whether answers are programs. Here they run in the sandbox in any case.
    #[serde(default)]
    pub unsafe_code: bool,
    /// Taken note of only: lm-evaluation-harness no longer acts on it either.
    #[serde(default)]
    pub should_decontaminate: bool,
    /// As `should_decontaminate`.
    #[serde(default)]
    pub doc_to_decontamination_query: Option<String>,
    /// The version, and what else the file's author wants to say.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// What lm-evaluation-harness has no key for.
    #[serde(default)]
    pub phi_bench: PhiBench,
}

/// A Python function of a module beside the task file: `!function module.name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// `module.name`.
    #[serde(rename = "!function")]
    pub name: String,
}

/// What gives one thing of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Field {
    /// A Python function of the document.
    Function(Function),
    /// The same number for all.
    Index(i64),
    /// The same list for all.
    List(Vec<Value>),
    /// A template, or the name of a column.
    Template(String),
}

impl Default for Field {
    fn default() -> Self {
        Self::Template(String::new())
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function(function) => write!(f, "!function {}", function.name),
            Self::Index(number) => write!(f, "{number}"),
            Self::List(list) => write!(f, "{}", Value::from(list.clone())),
            Self::Template(template) => f.write_str(template),
        }
    }
}

/// Where a question's choices come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Choices {
    /// A Python function of the document.
    Function(Function),
    /// An expression in `{{ }}` that gives the list, or the name of a column.
    Expression(String),
    /// The same for every question.
    Fixed(Vec<String>),
    /// The same for every question, each with a name that doesn't matter.
    Named(Map<String, Value>),
}

/// How shots are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FewshotConfig {
    /// Which way.
    #[serde(default)]
    pub sampler: Sampler,
    /// Split that shots are drawn from, instead of the task's.
    #[serde(default)]
    pub split: Option<String>,
    /// The shots themselves, where they belong to the task and not to a split: columns that the templates name.
    #[serde(default)]
    pub samples: Option<Samples>,
    /// Makes the documents out of the records of the split, instead of the task's.
    #[serde(default)]
    pub process_docs: Option<Function>,
    /// Instead of the task's.
    #[serde(default)]
    pub doc_to_text: Option<Field>,
    /// Instead of the task's.
    #[serde(default)]
    pub doc_to_target: Option<Field>,
    /// Instead of the task's.
    #[serde(default)]
    pub doc_to_choice: Option<Choices>,
    /// Instead of the task's.
    #[serde(default)]
    pub gen_prefix: Option<String>,
    /// Instead of the task's.
    #[serde(default)]
    pub target_delimiter: Option<String>,
    /// Instead of the task's.
    #[serde(default)]
    pub fewshot_delimiter: Option<String>,
}

/// Shots that belong to a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Samples {
    /// A Python function that gives them.
    Function(Function),
    /// They themselves.
    List(Vec<Map<String, Value>>),
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
    /// Like `regex`; where that finds nothing, the text of a choice, or its letter after a colon, as `(A)`.
    MultiChoiceRegex {
        /// In the language of Python's `re`.
        regex_pattern: String,
        /// Which match, from 0; negative from the end.
        #[serde(default)]
        group_select: i64,
        /// What stands for no match.
        #[serde(default = "invalid")]
        fallback: String,
        /// Compare choices in lower case.
        #[serde(default)]
        ignore_case: bool,
        /// Compare choices without punctuation.
        #[serde(default)]
        ignore_punctuation: bool,
        /// Cut these patterns out first.
        #[serde(default)]
        regexes_to_ignore: Vec<String>,
    },
    /// Cuts white space at both ends off.
    RemoveWhitespace,
    /// Puts each response into lower case.
    Lowercase,
    /// Puts each response into upper case.
    Uppercase,
    /// Looks each response up.
    Map {
        /// Response to what stands for it.
        mapping_dict: Map<String, Value>,
        /// What stands for any other.
        #[serde(default)]
        default_value: Value,
    },
    /// Keeps the first response.
    TakeFirst,
    /// Keeps the first k responses.
    TakeFirstK {
        /// How many.
        k: usize,
    },
    /// Keeps the response that came most often; the first of equals.
    MajorityVote,
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

fn once() -> usize {
    1
}

/// One text, or a list of them.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}
