//! Files whose records don't lie one after the other: SQuAD's nested articles, and HellaSwag's plain text.

use super::records::{Fault, Record};
use crate::task::Layout;
use serde_json::{Map, Value, json};
use std::io::Read;

/// The records of a file in one of these layouts, in order; none for a file of records.
pub(super) fn records(layout: Layout, text: &mut dyn Read) -> Option<Result<Vec<Record>, Fault>> {
    let read = |text: &mut dyn Read| std::io::read_to_string(text).map_err(Fault::Read);
    match layout {
        Layout::Records => None,
        Layout::Squad => Some(read(text).and_then(|text| squad(&text))),
        Layout::SixLines => Some(read(text).and_then(|text| six_lines(&text))),
    }
}

/// SQuAD v1.1's file: `data[].paragraphs[].qas[]`, in order. A record is a question with the hub's columns.
fn squad(text: &str) -> Result<Vec<Record>, Fault> {
    let fault = |line: usize, reason: &str| Fault::Record { line, reason: reason.to_owned() };
    let whole: Value =
        serde_json::from_str(text).map_err(|error| fault(error.line(), &format!("not JSON: {error}")))?;
    let list = |value: &Value, name: &str| {
        value[name].as_array().cloned().ok_or_else(|| fault(1, &format!("field {name} is missing or not a list")))
    };
    let mut records = Vec::new();
    for article in list(&whole, "data")? {
        for paragraph in list(&article, "paragraphs")? {
            for question in list(&paragraph, "qas")? {
                let answers = list(&question, "answers")?;
                let column = |name: &str| answers.iter().map(|answer| answer[name].clone()).collect::<Vec<_>>();
                let fields = json!({
                    "id": question["id"], "title": article["title"], "context": paragraph["context"],
                    "question": question["question"],
                    "answers": {"text": column("text"), "answer_start": column("answer_start")},
                });
                records.push(record(records.len() + 1, fields));
            }
        }
    }
    Ok(records)
}

/// Six lines a record: `activity: context`, the right ending's position, four endings.
fn six_lines(text: &str) -> Result<Vec<Record>, Fault> {
    let lines: Vec<&str> = text.lines().collect();
    let chunk = |(i, lines): (usize, &[&str])| {
        let [query, label, endings @ ..] = lines else {
            return Err(Fault::Record {
                line: i * 6 + 1,
                reason: "the last record has fewer than six lines".to_owned(),
            });
        };
        if endings.len() != 4 {
            return Err(Fault::Record {
                line: i * 6 + 1,
                reason: "the last record has fewer than six lines".to_owned(),
            });
        }
        Ok(record(i * 6 + 1, json!({"query": query, "label": label, "endings": endings})))
    };
    lines.chunks(6).enumerate().map(chunk).collect()
}

fn record(line: usize, fields: Value) -> Record {
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    Record { line, fields, text: None }
}
