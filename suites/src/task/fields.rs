//! What a document says: its question, its answer and its choices, as lm-evaluation-harness's `doc_to_text`,
//! `doc_to_target` and `doc_to_choice` give them.

use super::functions::Call;
use super::{Choices, FewshotConfig, Field, Task, TaskConfig};
use crate::SuiteError;
use crate::python::literal_eval;
use crate::template::{evaluate, render, sole_expression};
use minijinja::Environment;
use serde_json::Value;

/// What one document says.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    /// A text, or the position of the right choice.
    pub text: Value,
    /// A text, the position of the right choice, or a list of either.
    pub target: Value,
    /// The choices, where there are any.
    pub choices: Option<Vec<String>>,
    /// How the answer begins.
    pub prefix: Option<String>,
}

/// Where they come from.
pub(super) struct FieldSources<'a> {
    text: &'a Field,
    target: &'a Field,
    choices: Option<&'a Choices>,
    prefix: Option<&'a str>,
}

impl<'a> FieldSources<'a> {
    /// For the questions of a task.
    pub fn of_questions(config: &'a TaskConfig, prefix: Option<&'a str>) -> Self {
        let choices = config.doc_to_choice.as_ref();
        Self { text: &config.doc_to_text, target: &config.doc_to_target, choices, prefix }
    }

    /// For the shots of a task, which may have templates of their own.
    pub fn of_shots(config: &'a TaskConfig, prefix: Option<&'a str>) -> Self {
        let base = Self::of_questions(config, prefix);
        let Some(shots) = &config.fewshot_config else { return base };
        let FewshotConfig { doc_to_text, doc_to_target, doc_to_choice, gen_prefix, .. } = shots;
        Self {
            text: doc_to_text.as_ref().unwrap_or(base.text),
            target: doc_to_target.as_ref().unwrap_or(base.target),
            choices: doc_to_choice.as_ref().or(base.choices),
            prefix: gen_prefix.as_deref().or(base.prefix),
        }
    }
}

/// What each of the documents says.
///
/// # Errors
/// [`SuiteError::Template`] and [`SuiteError::Function`] name the field that failed.
pub(super) fn fields(
    task: &Task,
    environment: &Environment<'_>,
    sources: &FieldSources<'_>,
    documents: &[&Value],
) -> Result<Vec<Fields>, SuiteError> {
    let reader = Reader { task, environment, has_choices: sources.choices.is_some() };
    let texts = reader.field("doc_to_text", sources.text, documents)?;
    let targets = reader.field("doc_to_target", sources.target, documents)?;
    let choices = reader.choices(sources.choices, documents)?;
    let prefixes = documents.iter().enumerate().map(|(doc_id, document)| {
        sources.prefix.map(|prefix| reader.text(doc_id, "gen_prefix", prefix, document)).transpose()
    });
    let prefixes = prefixes.collect::<Result<Vec<_>, _>>()?;
    let all = texts.into_iter().zip(targets).zip(choices).zip(prefixes);
    Ok(all.map(|(((text, target), choices), prefix)| Fields { text, target, choices, prefix }).collect())
}

struct Reader<'a> {
    task: &'a Task,
    environment: &'a Environment<'a>,
    has_choices: bool,
}

impl Reader<'_> {
    fn field(&self, name: &str, field: &Field, documents: &[&Value]) -> Result<Vec<Value>, SuiteError> {
        match field {
            Field::Function(function) => self.task.call(&function.name, Call::Document, &owned(documents)),
            Field::Index(number) => Ok(vec![(*number).into(); documents.len()]),
            Field::List(list) => Ok(vec![list.clone().into(); documents.len()]),
            Field::Template(template) => documents
                .iter()
                .enumerate()
                .map(|(doc_id, document)| self.template(doc_id, name, template, document))
                .collect(),
        }
    }

    /// The name of a column stands for its raw value. What is rendered is a number where it looks like one and there are
    /// choices, and a target in brackets is a list.
    fn template(&self, doc_id: usize, name: &str, template: &str, document: &Value) -> Result<Value, SuiteError> {
        if let Some(value) = document.get(template) {
            return Ok(value.clone());
        }
        let text = self.render(doc_id, name, template, document)?;
        if self.has_choices
            && let Some(number) = position(&text)
        {
            return Ok(number.into());
        }
        if name == "doc_to_target" && text.len() >= 2 && text.starts_with('[') && text.ends_with(']') {
            return Ok(literal_eval(&text).unwrap_or(Value::String(text)));
        }
        Ok(text.into())
    }

    fn text(&self, doc_id: usize, name: &str, template: &str, document: &Value) -> Result<String, SuiteError> {
        match document.get(template) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Ok(other.to_string()),
            None => self.render(doc_id, name, template, document),
        }
    }

    fn render(&self, doc_id: usize, name: &str, template: &str, document: &Value) -> Result<String, SuiteError> {
        render(self.environment, template, document).map_err(|reason| self.task.template_fault(doc_id, name, reason))
    }

    fn choices(&self, choices: Option<&Choices>, documents: &[&Value]) -> Result<Vec<Option<Vec<String>>>, SuiteError> {
        let name = "doc_to_choice";
        let values: Vec<Value> = match choices {
            None => return Ok(vec![None; documents.len()]),
            Some(Choices::Fixed(choices)) => return Ok(vec![Some(choices.clone()); documents.len()]),
            Some(Choices::Named(named)) => {
                vec![named.values().cloned().collect::<Vec<_>>().into(); documents.len()]
            }
            Some(Choices::Function(function)) => self.task.call(&function.name, Call::Document, &owned(documents))?,
            Some(Choices::Expression(expression)) => documents
                .iter()
                .enumerate()
                .map(|(doc_id, document)| self.list(doc_id, expression, document))
                .collect::<Result<_, _>>()?,
        };
        let list = |(doc_id, value): (usize, Value)| {
            let fault = || self.task.template_fault(doc_id, name, "doesn't give a list of texts".to_owned());
            serde_json::from_value(value).map(Some).map_err(|_| fault())
        };
        values.into_iter().enumerate().map(list).collect()
    }

    /// A column, the value of one expression, or else the list that a template spells as Python would.
    fn list(&self, doc_id: usize, template: &str, document: &Value) -> Result<Value, SuiteError> {
        let fault = |reason: String| self.task.template_fault(doc_id, "doc_to_choice", reason);
        if let Some(value) = document.get(template) {
            return Ok(value.clone());
        }
        if let Some(expression) = sole_expression(template) {
            let value = evaluate(self.environment, expression, document).map_err(fault)?;
            // An expression may also spell the list, as a text.
            return Ok(match &value {
                Value::String(text) => literal_eval(text).unwrap_or(value),
                _ => value,
            });
        }
        let text = self.render(doc_id, "doc_to_choice", template, document)?;
        literal_eval(&text).ok_or_else(|| fault(format!("{text:?} isn't a list as Python writes it")))
    }
}

fn owned(documents: &[&Value]) -> Vec<Value> {
    documents.iter().map(|&document| document.clone()).collect()
}

/// The number that a text is, if it is one: Python's `str.isdigit`.
pub(super) fn position(text: &str) -> Option<usize> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}
