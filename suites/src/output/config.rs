//! A task's configuration as the harness writes it into `configs`.

use crate::Task;
use crate::task::TaskConfig;
use serde_json::{Map, Value, json};

/// The configuration of a task in the harness's order of keys, with the number of shots of the run.
pub(super) fn task_config(task: &Task, num_fewshot: usize) -> Value {
    let config = task.config();
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            out.insert(key.to_owned(), value);
        }
    };
    put("task", json!(config.task));
    put("task_alias", json!(config.task_alias));
    put("dataset_path", json!(config.dataset_path));
    put("dataset_name", json!(config.dataset_name));
    put("dataset_kwargs", json!(config.dataset_kwargs));
    put("training_split", json!(config.training_split));
    put("validation_split", json!(config.validation_split));
    put("test_split", json!(config.test_split));
    put("fewshot_split", json!(config.fewshot_split));
    put("process_docs", of_key(task, "process_docs"));
    put("doc_to_text", of_key(task, "doc_to_text"));
    put("doc_to_target", of_key(task, "doc_to_target"));
    put("unsafe_code", json!(config.unsafe_code || task.is_code()));
    put("doc_to_choice", of_key(task, "doc_to_choice"));
    put("process_results", of_key(task, "process_results"));
    put("description", json!(config.description));
    put("target_delimiter", json!(config.target_delimiter));
    put("fewshot_delimiter", json!(config.fewshot_delimiter));
    put("fewshot_config", fewshot_config(task, config));
    put("num_fewshot", json!(num_fewshot));
    put("metric_list", metric_list(config));
    put("output_type", json!(config.output_type));
    put("generation_kwargs", task.generation().map_or(Value::Null, |it| json!(it.arguments)));
    put("repeats", json!(config.repeats));
    put("filter_list", task.keys().get("filter_list").cloned().unwrap_or_default());
    put("should_decontaminate", json!(config.should_decontaminate));
    put("doc_to_decontamination_query", json!(config.doc_to_decontamination_query));
    put("gen_prefix", json!(config.gen_prefix));
    put("metadata", json!(config.metadata));
    Value::Object(out)
}

/// A key as it stands in the file; a function as its name, where the harness writes its source.
fn of_key(task: &Task, key: &str) -> Value {
    let value = task.keys().get(key).cloned().unwrap_or_default();
    match value.get("!function").and_then(Value::as_str) {
        Some(name) => format!("!function {name}").into(),
        None => value,
    }
}

fn fewshot_config(task: &Task, config: &TaskConfig) -> Value {
    let own = config.fewshot_config.as_ref();
    let samples = task.keys().get("fewshot_config").and_then(|own| own.get("samples")).cloned();
    json!({
        "sampler": own.map(|own| own.sampler).unwrap_or_default(),
        "split": own.and_then(|own| own.split.as_ref()).or(config.fewshot_split.as_ref()),
        "process_docs": of_key(task, "process_docs"),
        "fewshot_indices": Value::Null,
        "samples": samples,
        "doc_to_text": of_key(task, "doc_to_text"),
        "doc_to_choice": of_key(task, "doc_to_choice"),
        "doc_to_target": of_key(task, "doc_to_target"),
        "gen_prefix": config.gen_prefix,
        "fewshot_delimiter": config.fewshot_delimiter,
        "target_delimiter": config.target_delimiter,
    })
}

fn metric_list(config: &TaskConfig) -> Value {
    let one = |metric: &crate::task::MetricConfig| {
        let mut out = json!({
            "metric": metric.metric.key(),
            "aggregation": metric.aggregation(),
            "higher_is_better": metric.higher_is_better(),
        });
        if metric.metric == crate::task::Metric::ExactMatch {
            out["ignore_case"] = metric.ignore_case.into();
            out["ignore_punctuation"] = metric.ignore_punctuation.into();
            if !metric.regexes_to_ignore.is_empty() {
                out["regexes_to_ignore"] = json!(metric.regexes_to_ignore);
            }
        }
        out
    };
    config.metric_list.iter().map(one).collect()
}
