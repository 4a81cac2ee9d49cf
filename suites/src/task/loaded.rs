//! A task with its documents: questions as a model is asked them.

use super::{FileConfig, OutputType, Sampler, Task};
use crate::data::{Document, read_documents};
use crate::python::Random;
use crate::template::{environment, evaluate, render, sole_expression};
use crate::{DataRoot, LeftOut, Pair, Request, SuiteError};
use minijinja::Environment;
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Seed of the shots, as lm-evaluation-harness has it by default.
const FEWSHOT_SEED: u64 = 1234;

/// A task with its documents.
#[derive(Debug, Clone)]
pub struct LoadedTask {
    task: Task,
    documents: Vec<Document>,
    shots_from: Option<(PathBuf, Option<String>)>,
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
    /// What the model is given.
    pub prompt: String,
    /// The choices, where there are any.
    pub choices: Vec<String>,
    /// Position of the right choice, where there are choices.
    pub gold: usize,
    /// The right answer as text; for code the test.
    pub target: String,
    /// For code: a weaker test whose result is reported besides, where the task has one.
    pub base_test: Option<String>,
    /// What the model is asked.
    pub requests: Vec<Request>,
}

/// A document's question and answer, rendered.
struct Rendered {
    text: String,
    choices: Vec<String>,
    gold: usize,
    target: String,
}

impl LoadedTask {
    pub(super) fn from_root(task: Task, root: &DataRoot) -> Result<Self, SuiteError> {
        let files = &task.config().phi_bench.files;
        let file = files.get(task.scored_split()).ok_or_else(|| no_file(&task))?;
        let documents = read_split(&task, root, file)?;
        // A missing file of shots matters only when shots are asked for.
        let shots_from = files.get(task.shot_split()).and_then(|file| {
            let path = root.locate(&task, &file.path).ok()?;
            Some((path, file.condition.clone()))
        });
        Ok(Self { task, documents, shots_from })
    }

    pub(super) fn every_split(task: Task, root: &DataRoot) -> Result<Self, SuiteError> {
        let files = &task.config().phi_bench.files;
        if files.is_empty() {
            return Err(no_file(&task));
        }
        let mut documents = Vec::new();
        for file in files.values() {
            documents.append(&mut read_split(&task, root, file)?);
        }
        let mut seen = HashSet::new();
        documents.retain(|document| seen.insert(document.key.clone()));
        Ok(Self { task, documents, shots_from: None })
    }

    pub(super) fn from_file(task: Task, path: &Path) -> Result<Self, SuiteError> {
        let documents = read_documents(&task, path, None)?;
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
                let rendered = self.render(&environment, doc_id, document)?;
                let prompt = format!("{}{}{}", self.task.config.description, shots.next(document), rendered.text);
                let mut question = self.question(doc_id, document, prompt, rendered);
                question.base_test = self.base_test(&environment, doc_id)?;
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

    fn question(&self, doc_id: usize, document: &Document, prompt: String, rendered: Rendered) -> Question {
        let config = &self.task.config;
        let requests = match config.output_type {
            OutputType::MultipleChoice => rendered
                .choices
                .iter()
                .map(|choice| {
                    let continuation = format!("{}{choice}", config.target_delimiter);
                    Request::LogLikelihood(Pair { context: prompt.clone(), continuation })
                })
                .collect(),
            OutputType::GenerateUntil => vec![Request::Generate {
                prompt: prompt.clone(),
                arguments: config.generation_kwargs.clone().unwrap_or_default(),
            }],
        };
        Question {
            doc_id,
            key: document.key.clone(),
            cluster: document.cluster.clone(),
            group: document.group.clone(),
            prompt,
            choices: rendered.choices,
            gold: rendered.gold,
            target: rendered.target,
            base_test: None,
            requests,
        }
    }

    fn render(&self, env: &Environment<'_>, doc_id: usize, document: &Document) -> Result<Rendered, SuiteError> {
        let config = &self.task.config;
        let field = |field: &str, template: &str| {
            // The name of a column stands for its raw value.
            if let Some(Value::String(text)) = document.columns.get(template) {
                return Ok(text.clone());
            }
            render(env, template, &document.columns).map_err(|reason| self.template(doc_id, field, reason))
        };
        let text = field("doc_to_text", &config.doc_to_text)?;
        let target = field("doc_to_target", &config.doc_to_target)?;
        let Some(choice) = config.doc_to_choice.as_deref() else {
            return Ok(Rendered { text, choices: Vec::new(), gold: 0, target });
        };
        let fault = |reason: String| self.template(doc_id, "doc_to_choice", reason);
        let choices = evaluate(env, sole_expression(choice).unwrap_or(choice), &document.columns).map_err(fault)?;
        let choices: Vec<String> =
            serde_json::from_value(choices).map_err(|_| fault("doesn't give a list of texts".to_owned()))?;
        let gold = target.parse().ok().or_else(|| choices.iter().position(|choice| *choice == target));
        match gold.filter(|&gold| gold < choices.len()) {
            Some(gold) => Ok(Rendered { text, target: choices[gold].clone(), choices, gold }),
            None => Err(self.template(doc_id, "doc_to_target", format!("{target:?} is none of the choices"))),
        }
    }

    fn template(&self, doc_id: usize, field: &str, reason: String) -> SuiteError {
        SuiteError::Template { task: self.task.name().to_owned(), doc_id, field: field.to_owned(), reason }
    }
}

fn no_file(task: &Task) -> SuiteError {
    SuiteError::LeftOut(LeftOut {
        task: task.name().to_owned(),
        reason: format!("no file is known for its {} split", task.scored_split()),
        remedy: task.how_to_get(),
    })
}

fn read_split(task: &Task, root: &DataRoot, file: &FileConfig) -> Result<Vec<Document>, SuiteError> {
    read_documents(task, &root.locate(task, &file.path)?, file.condition.as_deref())
}

/// Chooses the shots of one document after the other, as lm-evaluation-harness's samplers do. The default one draws them
/// by one generator a task, whose state runs on from document to document.
struct Shots {
    count: usize,
    sampler: Sampler,
    pool: Vec<(Document, String)>,
    random: Random,
    may_leak: bool,
}

impl Shots {
    fn new(loaded: &LoadedTask, count: usize, environment: &Environment<'_>) -> Result<Self, SuiteError> {
        let config = &loaded.task.config;
        let sampler = config.fewshot_config.map(|fewshot| fewshot.sampler).unwrap_or_default();
        // When shots may come from the split under test, one more is drawn and the document itself left out.

        let may_leak = sampler == Sampler::Default && config.fewshot_split == config.test_split;
        let random = Random::new(FEWSHOT_SEED);
        if count == 0 {
            return Ok(Self { count, sampler, pool: Vec::new(), random, may_leak });
        }
        let shortage = |available: String| SuiteError::Shots { task: config.task.clone(), wanted: count, available };
        let split = loaded.task.shot_split();
        let (path, condition) =
            loaded.shots_from.as_ref().ok_or_else(|| shortage(format!("its {split} split isn't here")))?;
        let documents = read_documents(&loaded.task, path, condition.as_deref())?;
        if count + usize::from(may_leak) > documents.len() {
            return Err(shortage(format!("its {split} split has {} documents", documents.len())));
        }
        let shot = |(doc_id, document): (usize, Document)| {
            let mut shown = document.clone();
            if let Value::Object(columns) = &mut shown.columns {
                columns.insert("is_fewshot".to_owned(), Value::Bool(true));
            }
            let rendered = loaded.render(environment, doc_id, &shown)?;
            let answer = match rendered.target.as_str() {
                "" => String::new(),
                target => format!("{}{target}", config.target_delimiter),
            };
            let text = format!("{}{answer}{}", rendered.text, config.fewshot_delimiter);
            Ok((document, text))
        };
        let pool = documents.into_iter().enumerate().map(shot).collect::<Result<_, SuiteError>>()?;
        Ok(Self { count, sampler, pool, random, may_leak })
    }

    fn next(&mut self, document: &Document) -> String {
        if self.count == 0 {
            return String::new();
        }
        if self.sampler == Sampler::FirstN {
            return self.pool[..self.count].iter().map(|(_, text)| text.as_str()).collect();
        }
        let drawn = self.random.sample_indices(self.pool.len(), self.count + usize::from(self.may_leak));
        drawn
            .into_iter()
            .map(|i| &self.pool[i])
            .filter(|(shot, _)| !self.may_leak || shot.columns != document.columns)
            .take(self.count)
            .map(|(_, text)| text.as_str())
            .collect()
    }
}
