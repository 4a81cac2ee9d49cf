//! `samples_<task>_<date>.jsonl`: a row for each document and filter.

use super::{harness_metric, hash_string};
use crate::python::{dumps_indented, str_of_json};
use crate::task::{Filter, OutputType};
use crate::{Evaluation, LoadedTask, Question, Request, Response, Sample};
use serde_json::{Map, Value, json};

/// The rows of one evaluation, in the harness's order: filter by filter, document by document.
///
/// `questions` are those that were asked, in order.
#[must_use]
pub fn sample_rows(task: &LoadedTask, questions: &[Question], evaluation: &Evaluation) -> Vec<Value> {
    let none = [Filter::none()];
    let filters = if task.task().filters().is_empty() { &none } else { task.task().filters() };
    let mut rows = Vec::new();
    for filter in filters {
        for (question, sample) in questions.iter().zip(&evaluation.samples) {
            rows.push(row(task, question, sample, filter));
        }
    }
    rows
}

/// The hash of a task's rows, which the harness puts into `task_hashes`.
#[must_use]
pub fn task_hash(rows: &[Value]) -> String {
    let hashes = rows.iter().flat_map(|row| ["doc_hash", "prompt_hash", "target_hash"].map(|key| row[key].as_str()));
    hash_string(&hashes.flatten().collect::<String>())
}

fn row(task: &LoadedTask, question: &Question, sample: &Sample, filter: &Filter) -> Value {
    let document = task.document(question.doc_id);
    let target = str_of_json(&question.raw_target);
    let (resps, filtered) = responses(task, sample, filter);
    let metrics = metrics(task, sample, filter);
    let doc_hash = hash_string(&dumps_indented(document, Some(2)));
    let prompt_hash = question.requests.first().map_or_else(String::new, |request| hash_string(prompt(request)));
    let mut row = json!({
        "doc_id": question.doc_id,
        "doc": document,
        "target": target,
        "arguments": arguments(&question.requests),
        "resps": resps,
        "filtered_resps": filtered,
        "filter": metrics.filter,
        "metrics": metrics.values.keys().collect::<Vec<_>>(),
        "doc_hash": doc_hash,
        "prompt_hash": prompt_hash,
        "target_hash": hash_string(&target),
    });
    if let Value::Object(row) = &mut row {
        row.extend(metrics.values);
        row.insert("phi_bench".to_owned(), ours(sample));
    }
    row
}

/// What the harness has no place for.
fn ours(sample: &Sample) -> Value {
    let verdicts: Vec<&Option<String>> = sample.responses.iter().map(|response| &response.verdict).collect();
    let details: Vec<&Option<String>> = sample.responses.iter().map(|response| &response.detail).collect();
    let mut ours = json!({
        "key": sample.key, "cluster": sample.cluster, "group": sample.group, "metrics": sample.metrics,
    });
    if verdicts.iter().any(|verdict| verdict.is_some()) {
        ours["verdicts"] = json!(verdicts);
        ours["details"] = json!(details);
    }
    ours
}

fn prompt(request: &Request) -> &str {
    match request {
        Request::LogLikelihood(pair) => &pair.context,
        Request::Generate { prompt, .. } => prompt,
        Request::Rolling { text } => text,
    }
}

/// `gen_args_0`, `gen_args_1`, ... of `arg_0`, `arg_1`.
fn arguments(requests: &[Request]) -> Value {
    let of_request = |(i, request): (usize, &Request)| {
        let values = request.to_json();
        let values = values.as_array().cloned().unwrap_or_default().into_iter().enumerate();
        let named: Map<String, Value> = values.map(|(j, value)| (format!("arg_{j}"), value)).collect();
        (format!("gen_args_{i}"), Value::Object(named))
    };
    requests.iter().enumerate().map(of_request).collect::<Map<_, _>>().into()
}

/// Responses as they came and as the filter leaves them; numbers are texts, as the harness writes them.
fn responses(task: &LoadedTask, sample: &Sample, filter: &Filter) -> (Value, Value) {
    let said = |value: Value| Value::from(str_of_json(&value));
    let scored = |response: &Response| json!([said(json!(response.log_likelihood)), said(json!(response.is_greedy))]);
    match task.task().config().output_type {
        OutputType::GenerateUntil => {
            let texts: Vec<&str> = sample.responses.iter().map(|response| response.text.as_str()).collect();
            let filtered = filter.apply_all(&texts, task.document(sample.doc_id));
            (json!([texts]), json!([filtered]))
        }
        OutputType::LogLikelihoodRolling => {
            let sums: Vec<Value> = sample.responses.iter().map(|it| said(json!(it.log_likelihood))).collect();
            (json!([sums]), json!(sums))
        }
        OutputType::MultipleChoice | OutputType::LogLikelihood => {
            let pairs: Vec<Value> = sample.responses.iter().map(scored).collect();
            (pairs.iter().map(|pair| json!([pair])).collect(), Value::Array(pairs))
        }
    }
}

/// The metrics of one row, by the harness's names.
struct RowMetrics {
    filter: String,
    values: Map<String, Value>,
}

fn metrics(task: &LoadedTask, sample: &Sample, filter: &Filter) -> RowMetrics {
    let named = !task.task().filters().is_empty();
    let mut out = RowMetrics { filter: filter.name().to_owned(), values: Map::new() };
    // In the order of the task file, as the harness has them.
    let order = |name: &str| {
        let own = name.split(',').next().unwrap_or(name);
        task.task().config().metric_list.iter().position(|metric| metric.metric.score_name() == own)
    };
    let mut metrics: Vec<(&String, &f64)> = sample.metrics.iter().collect();
    metrics.sort_by_key(|(name, _)| order(name).unwrap_or(usize::MAX));
    for (metric, value) in metrics {
        let of_filter = match metric.split_once(',') {
            Some((_, of)) => !named || of == filter.name(),
            None => true,
        };
        if !of_filter {
            continue;
        }
        let (name, filter) = harness_metric(task.task(), metric);
        if task.task().is_code() {
            out.filter = filter;
        }
        let value = sample.pairs.get(metric).map_or_else(|| json!(value), |pair| json!(pair));
        out.values.insert(name, value);
    }
    out
}
