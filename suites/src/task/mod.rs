//! A task: what its file says, checked once, and ready to be asked.

mod config;
mod describe;
mod filter;
mod limits;
mod loaded;
mod metric;

pub use config::{
    Aggregation, FewshotConfig, FileConfig, FilterConfig, FilterStep, Metadata, Metric, MetricConfig, OutputType,
    PhiBench, ProgramConfig, Published, Sampler, TaskConfig,
};
pub use describe::TaskSummary;
pub use filter::Filter;
pub use limits::LimitsConfig;
pub use loaded::{LoadedTask, Question};
pub use metric::ExactMatch;

use crate::template::sole_expression;
use crate::{DataRoot, SuiteError};
use phi_sandbox::Limits;
use std::path::Path;

/// Every built-in task, in the order of listings.
const BUILTIN: &[(&str, &str)] = &[
    ("arc_easy", include_str!("../../tasks/arc_easy.yaml")),
    ("code_exercises", include_str!("../../tasks/code_exercises.yaml")),
    ("gsm8k", include_str!("../../tasks/gsm8k.yaml")),
    ("humaneval", include_str!("../../tasks/humaneval.yaml")),
    ("humaneval_plus", include_str!("../../tasks/humaneval_plus.yaml")),
    ("mbpp", include_str!("../../tasks/mbpp.yaml")),
    ("mbpp_sanitized", include_str!("../../tasks/mbpp_sanitized.yaml")),
];

/// One benchmark, under lm-evaluation-harness's name.
#[derive(Debug, Clone)]
pub struct Task {
    config: TaskConfig,
    generation: Option<Generation>,
    filters: Vec<Filter>,
    exact_match: Option<ExactMatch>,
}

/// What a task's `generation_kwargs` mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The completion ends before the first of these.
    pub until: Vec<String>,
    /// Tokens at most.
    pub max_tokens: usize,
}

/// Tokens that lm-evaluation-harness generates where a task doesn't say.
const DEFAULT_MAX_GEN_TOKS: usize = 256;

impl Task {
    /// The built-in task of this name.
    ///
    /// # Errors
    /// [`SuiteError::UnknownTask`] names the tasks that there are.
    pub fn builtin(name: &str) -> Result<Self, SuiteError> {
        let (name, yaml) = BUILTIN.iter().find(|(known, _)| *known == name).ok_or_else(|| SuiteError::UnknownTask {
            name: name.to_owned(),
            known: BUILTIN.iter().map(|(known, _)| (*known).to_owned()).collect(),
        })?;
        Self::from_yaml(&format!("{name}.yaml"), yaml)
    }

    /// Every built-in task, by name.
    ///
    /// # Panics
    /// Never: the built-in files are tested.
    #[must_use]
    pub fn all() -> Vec<Self> {
        BUILTIN.iter().map(|(name, _)| Self::builtin(name).expect("built-in task files are valid")).collect()
    }

    /// Reads a task file. `file` is its name, for messages.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] names the key and the line that can't be taken.
    pub fn from_yaml(file: &str, yaml: &str) -> Result<Self, SuiteError> {
        let fault = |reason: String| SuiteError::TaskFile { file: file.to_owned(), reason };
        let config: TaskConfig = serde_norway::from_str(yaml).map_err(|error| fault(error.to_string()))?;
        let generation = generation(&config).map_err(fault)?;
        let filters = config.filter_list.iter().map(Filter::new).collect::<Result<_, _>>().map_err(fault)?;
        let mut exact_match = None;
        for metric in &config.metric_list {
            let fits = match metric.metric {
                Metric::Acc | Metric::AccNorm => config.output_type == OutputType::MultipleChoice,
                Metric::ExactMatch => {
                    exact_match = Some(ExactMatch::new(metric).map_err(fault)?);
                    config.output_type == OutputType::GenerateUntil && config.phi_bench.program.is_none()
                }
                Metric::PassAtK => config.phi_bench.program.is_some(),
            };
            if !fits {
                return Err(fault(format!("metric_list: {:?} doesn't go with this output_type", metric.metric)));
            }
        }
        if config.output_type == OutputType::MultipleChoice {
            let choice = config.doc_to_choice.as_deref().ok_or_else(|| fault("doc_to_choice is missing".to_owned()))?;
            if !config.phi_bench.columns.contains_key(choice) && sole_expression(choice).is_none() {
                return Err(fault("doc_to_choice: must be one {{ expression }} or the name of a column".to_owned()));
            }
        }
        Ok(Self { config, generation, filters, exact_match })
    }

    /// The task's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.task
    }

    /// What its file says.
    #[must_use]
    pub fn config(&self) -> &TaskConfig {
        &self.config
    }

    /// Whether its answers are programs, which take a sandbox.
    #[must_use]
    pub fn is_code(&self) -> bool {
        self.config.phi_bench.program.is_some()
    }

    /// How the model writes, for tasks where it does.
    #[must_use]
    pub fn generation(&self) -> Option<&Generation> {
        self.generation.as_ref()
    }

    /// The ways to read an answer out of what the model wrote.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// How an answer is compared with the target, for tasks that do.
    #[must_use]
    pub fn exact_match(&self) -> Option<&ExactMatch> {
        self.exact_match.as_ref()
    }

    /// Shots that a request for `asked` of them gives: the task's default for `None`, and never any where the task
    /// forbids them.
    #[must_use]
    pub fn shots(&self, asked: Option<usize>) -> usize {
        match self.config.num_fewshot {
            Some(0) => 0,
            default => asked.or(default).unwrap_or(0),
        }
    }

    /// The task with its documents from the data folder.
    ///
    /// # Errors
    /// [`SuiteError::LeftOut`] where the data aren't there; [`SuiteError::Read`] and [`SuiteError::Record`] where they
    /// can't be read.
    pub fn load(&self, root: &DataRoot) -> Result<LoadedTask, SuiteError> {
        LoadedTask::from_root(self.clone(), root)
    }

    /// The task with the documents of all its splits, one after the other; a record that several splits share counts once.
    /// For what isn't scored: verifying reference solutions.
    ///
    /// # Errors
    /// As [`Task::load`].
    pub fn load_every_split(&self, root: &DataRoot) -> Result<LoadedTask, SuiteError> {
        LoadedTask::every_split(self.clone(), root)
    }

    /// What a program of this task may use, unless a run says otherwise.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.config.phi_bench.limits.over(Limits::default())
    }

    /// The task with its documents from one file of records, plain or compressed with gzip.
    ///
    /// # Errors
    /// [`SuiteError::LeftOut`] where there is no such file; [`SuiteError::Read`] and [`SuiteError::Record`] where it
    /// can't be read.
    pub fn load_file(&self, path: &Path) -> Result<LoadedTask, SuiteError> {
        LoadedTask::from_file(self.clone(), path)
    }
}

fn generation(config: &TaskConfig) -> Result<Option<Generation>, String> {
    let Some(kwargs) = &config.generation_kwargs else {
        return match config.output_type {
            OutputType::GenerateUntil => Err("generation_kwargs is missing".to_owned()),
            OutputType::MultipleChoice => Ok(None),
        };
    };
    let mut generation = Generation { until: Vec::new(), max_tokens: DEFAULT_MAX_GEN_TOKS };
    for (key, value) in kwargs {
        let fits = match key.as_str() {
            "until" => serde_json::from_value(value.clone()).map(|until| generation.until = until).is_ok(),
            "max_gen_toks" => serde_json::from_value(value.clone()).map(|max| generation.max_tokens = max).is_ok(),
            "do_sample" => value == &serde_json::Value::Bool(false),
            "temperature" => value.as_f64() == Some(0.0),
            _ => return Err(format!("generation_kwargs: {key} isn't supported")),
        };
        if !fits {
            return Err(format!("generation_kwargs: {key} can't be {value} (only greedy decoding is supported here)"));
        }
    }
    Ok(Some(generation))
}
