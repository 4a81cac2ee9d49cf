//! Metrics that a task's own `process_results` makes of what the model said.

use crate::task::{Filter, LoadedTask, OutputType};
use crate::{Response, Sample, SuiteError};
use serde_json::{Value, json};

/// Sets the metrics of every sample, where the task has such a function: by filter, all documents in few programs.
pub(super) fn by_function(loaded: &LoadedTask, samples: &mut [Sample]) -> Result<(), SuiteError> {
    let task = loaded.task();
    let Some(function) = &task.config().process_results else { return Ok(()) };
    let none = [Filter::none()];
    let filters = if task.filters().is_empty() { &none } else { task.filters() };
    for filter in filters {
        let suffix = if task.filters().is_empty() { String::new() } else { format!(",{}", filter.name()) };
        let given: Vec<Value> = samples
            .iter()
            .map(|sample| json!([loaded.document(sample.doc_id), results(loaded, filter, sample)]))
            .collect();
        let pairs = !matches!(task.config().output_type, OutputType::GenerateUntil | OutputType::LogLikelihoodRolling);
        let metrics = task.process_results(&given, pairs).transpose()?.unwrap_or_default();
        for (sample, metrics) in samples.iter_mut().zip(metrics) {
            set(sample, &suffix, &metrics).map_err(|reason| SuiteError::Function {
                task: task.name().to_owned(),
                function: function.name.clone(),
                reason: format!("document {}: {reason}", sample.doc_id),
            })?;
        }
    }
    Ok(())
}

/// What the harness hands to `process_results`: a filtered text, or log-probabilities with whether they are greedy.
fn results(loaded: &LoadedTask, filter: &Filter, sample: &Sample) -> Vec<Value> {
    match loaded.task().config().output_type {
        OutputType::GenerateUntil => {
            let texts: Vec<&str> = sample.responses.iter().map(|response| response.text.as_str()).collect();
            vec![filter.apply_all(&texts, loaded.document(sample.doc_id))]
        }
        OutputType::LogLikelihoodRolling => {
            sample.responses.iter().map(|response| json!(response.log_likelihood)).collect()
        }
        OutputType::MultipleChoice | OutputType::LogLikelihood => {
            let pair = |response: &Response| json!([response.log_likelihood, response.is_greedy]);
            sample.responses.iter().map(pair).collect()
        }
    }
}

/// Sets the metrics of one sample from what the function gave.
fn set(sample: &mut Sample, suffix: &str, metrics: &Value) -> Result<(), String> {
    let metrics = metrics.as_object().ok_or_else(|| format!("{metrics} isn't a dict of metrics"))?;
    for (name, value) in metrics {
        let name = format!("{name}{suffix}");
        match value {
            // What isn't a number (NaN) has no part in the mean.
            Value::Null => {}
            Value::Bool(value) => drop(sample.metrics.insert(name, f64::from(u8::from(*value)))),
            Value::Number(value) => drop(sample.metrics.insert(name, value.as_f64().unwrap_or(f64::NAN))),
            Value::Array(pair) => match pair.iter().map(Value::as_f64).collect::<Vec<_>>()[..] {
                [Some(first), Some(second)] => sample.set_pair(&name, first, (first, second)),
                _ => return Err(format!("the metric {name} is {value}, which isn't a number or a pair of them")),
            },
            _ => return Err(format!("the metric {name} is {value}, which isn't a number or a pair of them")),
        }
    }
    Ok(())
}
