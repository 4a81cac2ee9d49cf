//! A task: what its file says, checked once, and ready to be asked.

mod builtin;
mod choice_filter;
mod config;
mod describe;
mod fields;
mod filter;
mod functions;
mod generation;
mod group;
mod library;
mod limits;
mod loaded;
mod metric;
mod metric_config;
mod phi_bench;
mod prompt;
mod question;
mod shots;
mod source;
mod validate;

pub use config::{
    Choices, FewshotConfig, Field, FilterConfig, FilterStep, Function, OutputType, Sampler, Samples, TaskConfig,
};
pub use describe::TaskSummary;
pub use filter::Filter;
pub use functions::FunctionHost;
pub use generation::Generation;
pub use group::{GroupMetric, TaskGroup};
pub use library::TaskLibrary;
pub use limits::LimitsConfig;
pub use loaded::LoadedTask;
pub use metric::ExactMatch;
pub use metric_config::{Aggregation, Metric, MetricConfig};
pub use phi_bench::{FileConfig, Layout, PhiBench, ProgramConfig, Published};
pub use prompt::PromptOptions;
pub use question::Question;

use crate::{DataRoot, SuiteError};
use functions::{Call, Functions};
use phi_sandbox::Limits;
use serde_json::{Map, Value};
use source::TaskSource;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One benchmark, under lm-evaluation-harness's name.
#[derive(Debug, Clone)]
pub struct Task {
    config: TaskConfig,
    generation: Option<Generation>,
    filters: Vec<Filter>,
    exact_match: Option<ExactMatch>,
    /// Where a user's task comes from.
    source: Arc<TaskSource>,
    folder: Option<PathBuf>,
    functions: Option<Functions>,
}

impl Task {
    /// Reads a task file that includes no other and calls no Python. `file` is its name, for messages.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] names the key and the line that can't be taken.
    pub fn from_yaml(file: &str, yaml: &str) -> Result<Self, SuiteError> {
        Self::from_source(TaskSource::parse(file, yaml)?, None, None)
    }

    /// Reads a task file from disk, with what it includes and the Python functions beside it.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] names file, line and key that can't be taken.
    pub fn from_file(path: &Path, host: &FunctionHost) -> Result<Self, SuiteError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let functions = Functions::of_folder(host, folder)?;
        Self::from_source(TaskSource::read(path)?, Some(folder), Some(functions))
    }

    fn from_source(
        source: TaskSource,
        folder: Option<&Path>,
        functions: Option<Functions>,
    ) -> Result<Self, SuiteError> {
        let mut config = source.config()?;
        if config.metric_list.is_empty() {
            config.metric_list = Metric::defaults(config.output_type);
        }
        let refuse = |(path, reason): (String, String)| source.refuse(&path.split('.').collect::<Vec<_>>(), &reason);
        validate::check(&config, functions.as_ref()).map_err(refuse)?;
        let of = |key: &str, reason: String| source.refuse(&[key], &reason);
        let generation = Generation::of(&config).map_err(|reason| of("generation_kwargs", reason))?;
        let filter = |filter| Filter::new(filter, config.repeats).map_err(|reason| of("filter_list", reason));
        let filters = config.filter_list.iter().map(filter).collect::<Result<_, _>>()?;
        let exact_match = config.metric_list.iter().find(|metric| metric.metric == Metric::ExactMatch);
        let exact_match = exact_match.map(ExactMatch::new).transpose().map_err(|reason| of("metric_list", reason))?;
        let folder = folder.map(Path::to_owned);
        Ok(Self { config, generation, filters, exact_match, source: Arc::new(source), folder, functions })
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

    /// The arguments of its generation requests, as lm-evaluation-harness's digests cover them.
    pub(crate) fn generation_arguments(&self) -> Map<String, Value> {
        self.generation.as_ref().map(|generation| generation.arguments.clone()).unwrap_or_default()
    }

    /// Completions of each question.
    #[must_use]
    pub fn repeats(&self) -> usize {
        self.config.repeats
    }

    /// The version of its prompts and scoring; 0 where the file gives none.
    #[must_use]
    pub fn version(&self) -> f64 {
        match &self.config.metadata.get("version") {
            Some(Value::String(text)) => text.parse().unwrap_or(0.0),
            Some(number) => number.as_f64().unwrap_or(0.0),
            None => 0.0,
        }
    }

    /// The keys of its file as they stand there, with those of included files.
    #[must_use]
    pub fn keys(&self) -> &Map<String, Value> {
        &self.source.keys
    }

    /// The folder of its file, for a user's task.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// A message about a key of its file.
    pub(crate) fn refuse(&self, path: &[&str], reason: &str) -> SuiteError {
        self.source.refuse(path, reason)
    }

    pub(crate) fn template_fault(&self, doc_id: usize, field: &str, reason: String) -> SuiteError {
        SuiteError::Template { task: self.name().to_owned(), doc_id, field: field.to_owned(), reason }
    }

    /// What a Python function of the task gives for each argument.
    fn call(&self, function: &str, call: Call, arguments: &[Value]) -> Result<Vec<Value>, SuiteError> {
        let fault = |reason: String| SuiteError::Function {
            task: self.name().to_owned(),
            function: function.to_owned(),
            reason,
        };
        let functions = self.functions.as_ref().ok_or_else(|| fault("no module lies beside the task".to_owned()))?;
        functions.call(function, call, arguments).map_err(fault)
    }

    /// The documents that the task's `process_docs` makes of records; the records themselves where there is none.
    pub(crate) fn process_docs(&self, records: Vec<Value>) -> Result<Vec<Value>, SuiteError> {
        let Some(function) = &self.config.process_docs else { return Ok(records) };
        let given = self.call(&function.name, Call::Dataset, &records)?.into_iter().next();
        match given {
            Some(Value::Array(documents)) => Ok(documents),
            _ => Err(SuiteError::Function {
                task: self.name().to_owned(),
                function: function.name.clone(),
                reason: "doesn't give a list of documents".to_owned(),
            }),
        }
    }

    /// What the task's `process_results` makes of each document and its results, where there is one.
    pub(crate) fn process_results(&self, given: &[Value], pairs: bool) -> Option<Result<Vec<Value>, SuiteError>> {
        let function = self.config.process_results.as_ref()?;
        Some(self.call(&function.name, Call::Results { pairs }, given))
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
