//! A task with its documents: questions as a model is asked them.

use super::shots::Shots;
use super::{Choices, OutputType, Task};
use crate::data::{Document, Source, no_file, read_documents};
use crate::template::{environment, evaluate, render, sole_expression};
use crate::{DataRoot, LeftOut, Pair, Request, SuiteError};
use minijinja::Environment;
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

/// A task with its documents.
#[derive(Debug, Clone)]
pub struct LoadedTask {
    task: Task,
    documents: Vec<Document>,
    pub(super) shots_from: Option<Source>,
}

/// One document as a model is asked it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Position in the split.
    pub doc_id: usize,
    /// The question's own id.
    pub key: String,
    /// What related questions share.
    pub cluster: String,
    /// Label to break scores down by.
    pub group: String,
    /// What the model is given; where the choices are contexts, the first of them.
    pub prompt: String,
    /// The choices, where there are any.
    pub choices: Vec<String>,
    /// Position of the right choice, where there are choices.
    pub gold: usize,
    /// Which of the choices are right, where several may be.
    pub labels: Option<Vec<bool>>,
    /// The right answer as text; for code the test.
    pub target: String,
    /// For code: a weaker test whose result is reported besides, where the task has one.
    pub base_test: Option<String>,
    /// What the model is asked.
    pub requests: Vec<Request>,
}

/// A document's question and answer, rendered.
pub(super) struct Rendered {
    /// The question; where the choices are contexts, the right one.
    pub text: String,
    /// What comes after the question.
    pub target: String,
    choices: Vec<String>,
    gold: usize,
    choices_are: ChoicesAre,
}

/// Which side of a request the choices are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ChoicesAre {
    /// One question, continued by each of them.
    Continuations,
    /// Each of them, continued by the one target.
    Contexts,
}

impl LoadedTask {
    pub(super) fn from_root(task: Task, root: &DataRoot) -> Result<Self, SuiteError> {
        let documents = read_documents(&task, &root.source(&task, task.scored_split())?)?;
        // A missing file of shots matters only when shots are asked for.
        let shots_from = root.source(&task, task.shot_split()).ok();
        Ok(Self { task, documents, shots_from })
    }

    pub(super) fn every_split(task: Task, root: &DataRoot) -> Result<Self, SuiteError> {
        let files = &task.config().phi_bench.files;
        if files.is_empty() {
            return Err(no_file(&task, task.scored_split()));
        }
        let mut documents = Vec::new();
        for split in files.keys() {
            documents.append(&mut read_documents(&task, &root.source(&task, split)?)?);
        }
        let mut seen = HashSet::new();
        documents.retain(|document| seen.insert(document.key.clone()));
        Ok(Self { task, documents, shots_from: None })
    }

    pub(super) fn from_file(task: Task, path: &Path) -> Result<Self, SuiteError> {
        let documents = read_documents(&task, &Source::file(path))?;
        Ok(Self { task, documents, shots_from: None })
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Number of documents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there are no documents; never so for a file that was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The questions in the order of the documents, each with its shots; the first `limit` of them.
    ///
    /// # Errors
    /// [`SuiteError::Shots`] where there aren't as many shots; [`SuiteError::Template`] where a template fails.
    pub fn questions(&self, num_fewshot: Option<usize>, limit: Option<usize>) -> Result<Vec<Question>, SuiteError> {
        let environment = environment();
        let mut shots = Shots::new(self, self.task.shots(num_fewshot), &environment)?;
        let count = limit.unwrap_or(self.documents.len()).min(self.documents.len());
        self.documents[..count]
            .iter()
            .enumerate()
            .map(|(doc_id, document)| {
                let rendered = self.render(&environment, doc_id, &document.columns)?;
                let preamble = format!("{}{}", self.task.config.description, shots.next(document));
                let mut question = self.question(doc_id, document, &preamble, rendered);
                question.base_test = self.base_test(&environment, doc_id)?;
                question.labels = self.labels(&environment, &question)?;
                Ok(question)
            })
            .collect()
    }

    /// Every request in the order of the documents.
    ///
    /// # Errors
    /// As [`LoadedTask::questions`].
    pub fn requests(&self, num_fewshot: Option<usize>, limit: Option<usize>) -> Result<Vec<Request>, SuiteError> {
        Ok(self.questions(num_fewshot, limit)?.into_iter().flat_map(|question| question.requests).collect())
    }

    /// The program that a completion of a document makes; the test goes with the [`Question`].
    ///
    /// # Errors
    /// [`SuiteError::NotCode`] for a task without programs; [`SuiteError::Template`] where the template fails.
    pub fn program(&self, doc_id: usize, completion: &str) -> Result<String, SuiteError> {
        let program = self.program_config()?;
        let mut names = self.documents[doc_id].columns.clone();
        if let Value::Object(names) = &mut names {
            names.insert("completion".to_owned(), Value::String(completion.to_owned()));
        }
        render(&environment(), &program.solution, &names).map_err(|reason| self.template(doc_id, "program", reason))
    }

    /// The reference completion of a document.
    ///
    /// # Errors
    /// As [`LoadedTask::program`].
    pub fn reference(&self, doc_id: usize) -> Result<String, SuiteError> {
        let program = self.program_config()?;
        render(&environment(), &program.reference, &self.documents[doc_id].columns)
            .map_err(|reason| self.template(doc_id, "reference", reason))
    }

    fn base_test(&self, environment: &Environment<'_>, doc_id: usize) -> Result<Option<String>, SuiteError> {
        let template = self.task.config.phi_bench.program.as_ref().and_then(|program| program.base_test.as_ref());
        let render = |template: &String| {
            render(environment, template, &self.documents[doc_id].columns)
                .map_err(|reason| self.template(doc_id, "base_test", reason))
        };
        template.map(render).transpose()
    }

    fn program_config(&self) -> Result<&super::ProgramConfig, SuiteError> {
        let program = self.task.config.phi_bench.program.as_ref();
        program.ok_or_else(|| SuiteError::NotCode { task: self.task.name().to_owned() })
    }

    /// Which of a question's choices are right, where several may be.
    fn labels(&self, environment: &Environment<'_>, question: &Question) -> Result<Option<Vec<bool>>, SuiteError> {
        let Some(expression) = &self.task.config.phi_bench.labels else { return Ok(None) };
        let fault = |reason: String| self.template(question.doc_id, "labels", reason);
        let labels = evaluate(environment, expression, &self.documents[question.doc_id].columns).map_err(fault)?;
        let labels: Vec<u8> =
            serde_json::from_value(labels).map_err(|_| fault("doesn't give a list of 0 and 1".to_owned()))?;
        if labels.len() != question.choices.len() {
            return Err(fault(format!("{} labels for {} choices", labels.len(), question.choices.len())));
        }
        Ok(Some(labels.into_iter().map(|label| label == 1).collect()))
    }

    fn question(&self, doc_id: usize, document: &Document, preamble: &str, rendered: Rendered) -> Question {
        let config = &self.task.config;
        let Rendered { text, target, choices, gold, choices_are } = rendered;
        let pair = |context: &str, delimiter: &str, continuation: &str| {
            Request::LogLikelihood(Pair {
                context: format!("{preamble}{context}"),
                continuation: format!("{delimiter}{continuation}"),
            })
        };
        let delimiter = config.target_delimiter.as_str();
        let requests = match (config.output_type, choices_are) {
            (OutputType::MultipleChoice, ChoicesAre::Continuations) => {
                choices.iter().map(|choice| pair(&text, delimiter, choice)).collect()
            }
            (OutputType::MultipleChoice, ChoicesAre::Contexts) => {
                choices.iter().map(|choice| pair(choice, delimiter, &target)).collect()
            }
            // The target carries its own delimiter.
            (OutputType::LogLikelihood, _) => vec![pair(&text, "", &target)],
            (OutputType::GenerateUntil, _) => vec![Request::Generate {
                prompt: format!("{preamble}{text}"),
                arguments: config.generation_kwargs.clone().unwrap_or_default(),
            }],
        };
        let first = if choices_are == ChoicesAre::Contexts { &choices[0] } else { &text };
        Question {
            doc_id,
            key: document.key.clone(),
            cluster: document.cluster.clone(),
            group: document.group.clone(),
            prompt: format!("{preamble}{first}"),
            choices,
            gold,
            labels: None,
            target,
            base_test: None,
            requests,
        }
    }

    /// The question and the answer that a document's columns make.
    pub(super) fn render(&self, env: &Environment<'_>, doc_id: usize, columns: &Value) -> Result<Rendered, SuiteError> {
        let config = &self.task.config;
        let field = |field: &str, template: &str| {
            // The name of a column stands for its raw value.
            match columns.get(template) {
                Some(Value::String(text)) => Ok(text.clone()),
                Some(value) => Ok(value.to_string()),
                None => render(env, template, columns).map_err(|reason| self.template(doc_id, field, reason)),
            }
        };
        let text = field("doc_to_text", &config.doc_to_text)?;
        let target = field("doc_to_target", &config.doc_to_target)?;
        let Some(choices) = self.choices(env, doc_id, columns)? else {
            return Ok(Rendered { text, target, choices: Vec::new(), gold: 0, choices_are: ChoicesAre::Continuations });
        };
        let none = |field, given: &str| self.template(doc_id, field, format!("{given:?} is none of the choices"));
        if let Some(gold) = position(&text) {
            let text = choices.get(gold).ok_or_else(|| none("doc_to_text", &text))?.clone();
            return Ok(Rendered { text, target, choices, gold, choices_are: ChoicesAre::Contexts });
        }
        let gold = position(&target).or_else(|| choices.iter().position(|choice| *choice == target));
        let gold = gold.filter(|&gold| gold < choices.len()).ok_or_else(|| none("doc_to_target", &target))?;
        let target = choices[gold].clone();
        Ok(Rendered { text, target, choices, gold, choices_are: ChoicesAre::Continuations })
    }

    fn choices(
        &self,
        env: &Environment<'_>,
        doc_id: usize,
        columns: &Value,
    ) -> Result<Option<Vec<String>>, SuiteError> {
        let expression = match &self.task.config.doc_to_choice {
            None => return Ok(None),
            Some(Choices::Fixed(choices)) => return Ok(Some(choices.clone())),
            Some(Choices::Expression(expression)) => expression,
        };
        let fault = |reason: String| self.template(doc_id, "doc_to_choice", reason);
        let choices = evaluate(env, sole_expression(expression).unwrap_or(expression), columns).map_err(fault)?;
        serde_json::from_value(choices).map(Some).map_err(|_| fault("doesn't give a list of texts".to_owned()))
    }

    fn template(&self, doc_id: usize, field: &str, reason: String) -> SuiteError {
        SuiteError::Template { task: self.task.name().to_owned(), doc_id, field: field.to_owned(), reason }
    }
}

/// The number that a text is, if it is one: Python's `str.isdigit`.
fn position(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
