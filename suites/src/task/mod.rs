//! A task: what its file says, checked once, and ready to be asked.

mod builtin;
mod config;
mod describe;
mod filter;
mod group;
mod limits;
mod loaded;
mod metric;
mod shots;

pub use config::{
    Aggregation, Choices, FewshotConfig, FileConfig, FilterConfig, FilterStep, Metadata, Metric, MetricConfig,
    OutputType, PhiBench, ProgramConfig, Published, Sampler, TaskConfig,
};
pub use describe::TaskSummary;
pub use filter::Filter;
pub use group::TaskGroup;
pub use limits::LimitsConfig;
pub use loaded::{LoadedTask, Question};
pub use metric::ExactMatch;

use crate::template::sole_expression;
use crate::{DataRoot, SuiteError};
use phi_sandbox::Limits;
use std::path::Path;

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
            if !fits(&config, metric) {
                let (metric, aggregation) = (metric.metric, metric.aggregation);
                return Err(fault(format!(
                    "metric_list: {metric:?} by {aggregation:?} doesn't go with this output_type"
                )));
            }
            if metric.metric == Metric::ExactMatch {
                exact_match = Some(ExactMatch::new(metric).map_err(fault)?);
            }
        }
        if config.output_type == OutputType::MultipleChoice {
            let choices = config.doc_to_choice.as_ref().ok_or_else(|| fault("doc_to_choice is missing".to_owned()))?;
            if let Choices::Expression(choice) = choices
                && !config.phi_bench.columns.contains_key(choice)
                && sole_expression(choice).is_none()
            {
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

/// Whether a metric can be taken of a task's answers.
fn fits(config: &TaskConfig, metric: &MetricConfig) -> bool {
    let is_code = config.phi_bench.program.is_some();
    let output = match metric.metric {
        Metric::Acc => matches!(config.output_type, OutputType::MultipleChoice | OutputType::LogLikelihood),
        Metric::AccNorm => config.output_type == OutputType::MultipleChoice,
        Metric::Perplexity => config.output_type == OutputType::LogLikelihood,
        Metric::ExactMatch => config.output_type == OutputType::GenerateUntil && !is_code,
        Metric::PassAtK => is_code,
    };
    output && (metric.metric == Metric::Perplexity) == (metric.aggregation == Aggregation::Perplexity)
}

fn generation(config: &TaskConfig) -> Result<Option<Generation>, String> {
    let Some(kwargs) = &config.generation_kwargs else {
        return match config.output_type {
            OutputType::GenerateUntil => Err("generation_kwargs is missing".to_owned()),
            OutputType::MultipleChoice | OutputType::LogLikelihood => Ok(None),
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
