//! Records from local files: JSON lines or one JSON array, plain or compressed with gzip, brought into the hub's schema.

use crate::python::{member, python_literal};
use crate::template::{environment, sole_expression};
use crate::{LeftOut, SuiteError, Task};
use flate2::read::MultiGzDecoder;
use minijinja::value::Serde;
use minijinja::{Environment, Expression};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The folder of benchmark data, laid out `<suite>/<file>`; or none.
///
/// The binary reads the environment variable `PHI_BENCH_DATA` and hands it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataRoot {
    folder: Option<PathBuf>,
}

impl DataRoot {
    /// A folder of data, if there is one.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Where a file of a task lies.
    pub(crate) fn locate(&self, task: &Task, relative: &str) -> Result<PathBuf, SuiteError> {
        let missing = |reason: String| {
            SuiteError::LeftOut(LeftOut { task: task.name().to_owned(), reason, remedy: task.how_to_get() })
        };
        let folder = self.folder.as_ref().ok_or_else(|| missing("PHI_BENCH_DATA isn't set".to_owned()))?;
        let path = folder.join(relative);
        if path.is_file() { Ok(path) } else { Err(missing(format!("there is no file {}", path.display()))) }
    }
}

/// One record in the hub's schema, with what the task says of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub columns: Value,
    pub key: String,
    pub cluster: String,
    pub group: String,
}

/// Reads the records of a file for which `condition` holds, or all.
pub(crate) fn read_documents(task: &Task, path: &Path, condition: Option<&str>) -> Result<Vec<Document>, SuiteError> {
    let read_error = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => SuiteError::LeftOut(LeftOut {
            task: task.name().to_owned(),
            reason: format!("there is no file {}", path.display()),
            remedy: task.how_to_get(),
        }),
        _ => SuiteError::Read { path: path.to_owned(), source },
    };
    let mut reader = open(path).map_err(read_error)?;
    let environment = environment();
    let schema = Schema::new(task, condition, &environment)?;
    let mut documents = Vec::new();
    let mut text = Vec::new();
    let mut line = 0;
    let mut is_array = false;
    loop {
        text.clear();
        // Lines end at line feeds only: texts may hold other separators.
        if reader.read_until(b'\n', &mut text).map_err(read_error)? == 0 {
            break;
        }
        line += 1;
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let fault = |reason: String| SuiteError::Record { path: path.to_owned(), line, reason };
        is_array = line == 1 && text.trim_ascii_start().starts_with(b"[");
        if is_array {
            reader.read_to_end(&mut text).map_err(read_error)?;
            break;
        }
        let record: Value = serde_json::from_slice(&text).map_err(|error| fault(format!("not JSON: {error}")))?;
        let text = str::from_utf8(&text).map_err(|error| fault(error.to_string()))?;
        documents.extend(schema.document(record, text, documents.len()).map_err(fault)?);
    }
    if is_array {
        let fault = |reason: String| SuiteError::Record { path: path.to_owned(), line, reason };
        let records: Vec<Value> =
            serde_json::from_slice(&text).map_err(|error| fault(format!("not a JSON array: {error}")))?;
        if !schema.literals.is_empty() {
            return Err(fault("literals keep their digits in JSON lines only, and this is a JSON array".to_owned()));
        }
        for record in records {
            documents.extend(schema.document(record, "", documents.len()).map_err(fault)?);
        }
    }
    if documents.is_empty() {
        return Err(SuiteError::Record {
            path: path.to_owned(),
            line: 0,
            reason: condition.map_or_else(
                || "the file has no records".to_owned(),
                |condition| format!("the file has no records with {condition}"),
            ),
        });
    }
    Ok(documents)
}

fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::new(File::open(path)?);
    let compressed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let inner: Box<dyn Read> = if compressed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    Ok(Box::new(BufReader::new(inner)))
}

/// The expressions that make columns, key, cluster and group out of a record.
struct Schema<'a> {
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
    fn new(task: &'a Task, condition: Option<&'a str>, environment: &'a Environment<'a>) -> Result<Self, SuiteError> {
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
        let column = |(name, expression): (&'a String, &'a String)| {
            Ok(Column { name, source: expression, expression: compile(name, expression)? })
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

    /// The record as the task's document, unless it belongs to another split. `text` is the record's own.
    fn document(&self, mut record: Value, text: &str, position: usize) -> Result<Option<Document>, String> {
        let Value::Object(fields) = &mut record else {
            return Err("not a JSON object".to_owned());
        };
        for name in self.literals {
            let literal = member(text, name).ok_or_else(|| format!("field {name} is missing"))?;
            fields.insert(name.clone(), Value::String(python_literal(literal)));
        }
        if let Some(condition) = &self.condition {
            let holds = condition.eval(Serde(&record)).map_err(|error| format!("where: {error}"))?;
            if !holds.is_true() {
                return Ok(None);
            }
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
        let columns = Value::Object(columns);
        let label = |name: &str, expression: &Option<Expression<'_, '_>>| {
            expression.as_ref().map(|expression| text_of(name, expression, &columns)).transpose()
        };
        let key = label("key", &self.key)?.unwrap_or_else(|| format!("{}/{position}", self.task));
        let cluster = label("cluster", &self.cluster)?.unwrap_or_else(|| key.clone());
        let group = label("group", &self.group)?.unwrap_or_default();
        Ok(Some(Document { columns, key, cluster, group }))
    }
}

fn text_of(name: &str, expression: &Expression<'_, '_>, columns: &Value) -> Result<String, String> {
    let value = expression.eval(Serde(columns)).map_err(|error| format!("{name}: {error}"))?;
    if value.is_undefined() { Err(format!("{name} is missing")) } else { Ok(value.to_string()) }
}
