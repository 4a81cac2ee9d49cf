//! How a record of a file becomes a document: the expressions of a task file that give the hub's columns.

use super::Document;
use super::records::Record;
use crate::python::{member, python_literal};
use crate::template::sole_expression;
use crate::{SuiteError, Task};
use minijinja::value::Serde;
use minijinja::{Environment, Expression};
use serde_json::{Map, Value};

/// The expressions that make columns, key, cluster and group out of a record.
pub(super) struct Schema<'a> {
    task: &'a str,
    literals: &'a [String],
    condition: Option<Expression<'a, 'a>>,
    columns: Vec<Column<'a>>,
    key: Option<Expression<'a, 'a>>,
    cluster: Option<Expression<'a, 'a>>,
    group: Option<Expression<'a, 'a>>,
}

/// A column of the hub's schema and what gives it.
struct Column<'a> {
    name: &'a str,
    source: &'a str,
    expression: Expression<'a, 'a>,
}

impl<'a> Schema<'a> {
    pub(super) fn new(
        task: &'a Task,
        condition: Option<&'a str>,
        environment: &'a Environment<'a>,
    ) -> Result<Self, SuiteError> {
        let ours = &task.config().phi_bench;
        let compile = |name: &str, expression: &'a str| {
            let expression = sole_expression(expression).unwrap_or(expression);
            environment.compile_expression(expression).map_err(|error| SuiteError::TaskFile {
                file: task.name().to_owned(),
                reason: format!("phi_bench: {name}: {error}"),
            })
        };
        let optional = |name: &str, expression: &'a Option<String>| {
            expression.as_ref().map(|expression| compile(name, expression)).transpose()
        };
        let column = |(name, expression): (&'a String, &'a Value)| {
            let source = expression.as_str().ok_or_else(|| SuiteError::TaskFile {
                file: task.name().to_owned(),
                reason: format!("phi_bench.columns: {name} must be an expression, as a text"),
            })?;
            Ok(Column { name, source, expression: compile(name, source)? })
        };
        Ok(Self {
            task: task.name(),
            literals: &ours.literals,
            condition: condition.map(|condition| compile("where", condition)).transpose()?,
            columns: ours.columns.iter().map(column).collect::<Result<_, SuiteError>>()?,
            key: optional("key", &ours.key)?,
            cluster: optional("cluster", &ours.cluster)?,
            group: optional("group", &ours.group)?,
        })
    }

    /// The record as the task's document, unless it belongs to another split.
    pub(super) fn document(&self, record: Record, position: usize) -> Result<Option<Document>, String> {
        let Record { mut fields, text, .. } = record;
        for name in self.literals {
            let text = text.as_deref().ok_or("literals keep their digits in JSON lines only, and this isn't one")?;
            let literal = member(text, name).ok_or_else(|| format!("field {name} is missing"))?;
            fields.insert(name.clone(), Value::String(python_literal(literal)));
        }
        let record = Value::Object(fields);
        if let Some(condition) = &self.condition {
            let holds = condition.eval(Serde(&record)).map_err(|error| format!("where: {error}"))?;
            if !holds.is_true() {
                return Ok(None);
            }
        }
        if self.columns.is_empty() {
            return self.labelled(record, position).map(Some);
        }
        let mut columns = Map::new();
        for Column { name, source, expression } in &self.columns {
            let missing = || format!("field {source} is missing (column {name})");
            let value = expression.eval(Serde(&record)).map_err(|error| format!("{}: {error}", missing()))?;
            if value.is_undefined() || value.is_none() {
                return Err(missing());
            }
            let value = serde_json::to_value(&value).map_err(|error| format!("field {source}: {error}"))?;
            columns.insert((*name).to_owned(), value);
        }
        self.labelled(Value::Object(columns), position).map(Some)
    }

    /// A record of the hub's own set as the task's document, unless it belongs to another split. Its columns are the hub's
    /// already; a column of the task's own that it lacks is made of them, where that can be done.
    pub(super) fn hub_document(&self, fields: Map<String, Value>, position: usize) -> Result<Option<Document>, String> {
        let record = Value::Object(fields);
        if let Some(condition) = &self.condition
            && !condition.eval(Serde(&record)).map_err(|error| format!("where: {error}"))?.is_true()
        {
            return Ok(None);
        }
        let mut columns = record.clone();
        for Column { name, expression, .. } in self.columns.iter().filter(|column| record.get(column.name).is_none()) {
            let value = expression.eval(Serde(&record)).ok().filter(|value| !value.is_undefined());
            if let Some(value) = value.and_then(|value| serde_json::to_value(&value).ok()) {
                columns[*name] = value;
            }
        }
        // Some sets have no ids on the hub.
        let key = self.key.as_ref().and_then(|key| text_of("key", key, &columns).ok());
        self.named(columns, key, position).map(Some)
    }

    /// The document of these columns, with its key, cluster and group.
    pub(super) fn labelled(&self, columns: Value, position: usize) -> Result<Document, String> {
        let key = self.key.as_ref().map(|key| text_of("key", key, &columns)).transpose()?;
        self.named(columns, key, position)
    }

    /// The same with this key, or else one by position.
    fn named(&self, columns: Value, key: Option<String>, position: usize) -> Result<Document, String> {
        let label = |name: &str, expression: &Option<Expression<'_, '_>>| {
            expression.as_ref().map(|expression| text_of(name, expression, &columns)).transpose()
        };
        let key = key.unwrap_or_else(|| format!("{}/{position}", self.task));
        let cluster = label("cluster", &self.cluster)?.unwrap_or_else(|| key.clone());
        let group = label("group", &self.group)?.unwrap_or_default();
        Ok(Document { columns, key, cluster, group })
    }
}

fn text_of(name: &str, expression: &Expression<'_, '_>, columns: &Value) -> Result<String, String> {
    let value = expression.eval(Serde(columns)).map_err(|error| format!("{name}: {error}"))?;
    if value.is_undefined() { Err(format!("{name} is missing")) } else { Ok(value.to_string()) }
}
