//! A task with its documents.

use super::functions::Call;
use super::{Samples, Task};
use crate::data::{Document, Source, read_documents};
use crate::template::{environment, render};
use crate::{DataRoot, LeftOut, SuiteError};
use minijinja::Environment;
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

/// A task with its documents.
#[derive(Debug, Clone)]
pub struct LoadedTask {
    pub(super) task: Task,
    pub(super) documents: Vec<Document>,
    shots_from: Option<Source>,
}

impl LoadedTask {
    pub(super) fn from_root(task: Task, root: &DataRoot) -> Result<Self, SuiteError> {
        let source = root.source(&task, task.scored_split())?.ok_or_else(|| no_file(&task))?;
        let documents = read_documents(&task, &source)?;
        // A missing file of shots matters only when shots are asked for.
        let shots_from = root.source(&task, task.shot_split()).ok().flatten();
        Ok(Self { task, documents, shots_from })
    }

    pub(super) fn every_split(task: Task, root: &DataRoot) -> Result<Self, SuiteError> {
        let files = &task.config().phi_bench.files;
        if files.is_empty() {
            return Err(no_file(&task));
        }
        let mut documents = Vec::new();
        for split in files.keys() {
            documents.append(&mut read_documents(&task, &root.source(&task, split)?.ok_or_else(|| no_file(&task))?)?);
        }
        let mut seen = HashSet::new();
        documents.retain(|document| seen.insert(document.key.clone()));
        Ok(Self { task, documents, shots_from: None })
    }

    pub(super) fn from_file(task: Task, path: &Path) -> Result<Self, SuiteError> {
        let layout = task.config().phi_bench.files.get(task.scored_split()).map(|file| file.layout);
        let documents = read_documents(&task, &Source::file(path, layout.unwrap_or_default()))?;
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

    /// A document's columns, in order.
    #[must_use]
    pub fn document(&self, doc_id: usize) -> &Value {
        &self.documents[doc_id].columns
    }

    /// The program that a completion of a document makes; the test goes with the [`Question`](super::Question).
    ///
    /// # Errors
    /// [`SuiteError::NotCode`] for a task without programs; [`SuiteError::Template`] where the template fails.
    pub fn program(&self, doc_id: usize, completion: &str) -> Result<String, SuiteError> {
        let program = self.program_config()?;
        let mut names = self.documents[doc_id].columns.clone();
        if let Value::Object(names) = &mut names {
            names.insert("completion".to_owned(), Value::String(completion.to_owned()));
        }
        render(&environment(), &program.solution, &names)
            .map_err(|reason| self.task.template_fault(doc_id, "program", reason))
    }

    /// The reference completion of a document.
    ///
    /// # Errors
    /// As [`LoadedTask::program`].
    pub fn reference(&self, doc_id: usize) -> Result<String, SuiteError> {
        let program = self.program_config()?;
        render(&environment(), &program.reference, &self.documents[doc_id].columns)
            .map_err(|reason| self.task.template_fault(doc_id, "reference", reason))
    }

    pub(super) fn base_test(&self, environment: &Environment<'_>, doc_id: usize) -> Result<Option<String>, SuiteError> {
        let template = self.task.config.phi_bench.program.as_ref().and_then(|program| program.base_test.as_ref());
        let render = |template: &String| {
            render(environment, template, &self.documents[doc_id].columns)
                .map_err(|reason| self.task.template_fault(doc_id, "base_test", reason))
        };
        template.map(render).transpose()
    }

    fn program_config(&self) -> Result<&super::ProgramConfig, SuiteError> {
        let program = self.task.config.phi_bench.program.as_ref();
        program.ok_or_else(|| SuiteError::NotCode { task: self.task.name().to_owned() })
    }

    /// Where the task's shots come from, in words, and their columns: its own, or else the documents of a split.
    pub(super) fn examples(&self, shortage: &dyn Fn(String) -> SuiteError) -> Result<(String, Vec<Value>), SuiteError> {
        let own = self.task.config().fewshot_config.as_ref();
        let samples = own.filter(|own| own.split.is_none()).and_then(|own| own.samples.as_ref());
        match samples {
            Some(Samples::List(samples)) => {
                return Ok(("its own list".to_owned(), samples.iter().cloned().map(Value::Object).collect()));
            }
            Some(Samples::Function(function)) => {
                let given = self.task.call(&function.name, Call::Nothing, &[])?;
                let samples = given.into_iter().next().and_then(|it| serde_json::from_value(it).ok());
                let samples = samples.ok_or_else(|| shortage(format!("{} gives no list", function.name)))?;
                return Ok(("its own list".to_owned(), samples));
            }
            None => {}
        }
        let split = self.task.shot_split();
        let source = self.shots_from.as_ref().ok_or_else(|| shortage(format!("its {split} split isn't here")))?;
        let documents = read_documents(&self.task, source)?;
        Ok((format!("its {split} split"), documents.into_iter().map(|document| document.columns).collect()))
    }
}

fn no_file(task: &Task) -> SuiteError {
    SuiteError::LeftOut(LeftOut {
        task: task.name().to_owned(),
        reason: format!("no file is known for its {} split", task.scored_split()),
        remedy: task.how_to_get(),
    })
}
