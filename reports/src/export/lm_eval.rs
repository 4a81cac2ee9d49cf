//! lm-evaluation-harness's layout, so that what reads its results reads a run.
//!
//! What lm-eval knows and a run doesn't (a task's configuration, the documents) is left out, not made up; what a run knows
//! beyond it lies under `phi_bench`.

use super::{arm_folder, io};
use crate::{ArmRun, ReportError, Result, Run, Store, date};
use phi_suites::{Sample, Score};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes `ARM-seedN/results_<date>.json` and `samples_<task>_<date>.jsonl` for every arm and seed.
pub(super) fn write(store: &Store, key: &str, folder: &Path) -> Result<Vec<PathBuf>> {
    let run = store.load_without_samples(key)?;
    // As Python's isoformat with `:` -> `-`; results of one run share it.
    let date = date::iso(run.started_unix_s).replace(':', "-").trim_end_matches('Z').to_owned();
    let mut files = Vec::new();
    store.for_each_arm(key, |arm| {
        let own = folder.join(arm_folder(&arm.arm, arm.seed));
        std::fs::create_dir_all(&own).map_err(|source| io(&own, source))?;
        let tasks: BTreeSet<&str> = arm.samples.iter().map(|s| s.task.as_str()).collect();
        for task in tasks {
            let path = own.join(format!("samples_{}_{date}.jsonl", task.replace(['/', '\\'], "_")));
            write_samples(&path, arm.samples.iter().filter(|s| s.task == task))?;
            files.push(path);
        }
        let path = own.join(format!("results_{date}.json"));
        let text = serde_json::to_string_pretty(&results(&run, &arm))?;
        std::fs::write(&path, text).map_err(|source| io(&path, source))?;
        files.push(path);
        Ok(())
    })?;
    Ok(files)
}

fn results(run: &Run, arm: &ArmRun) -> Value {
    let mut results: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut higher: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut n_samples: BTreeMap<&str, Value> = BTreeMap::new();
    for score in &arm.scores {
        let (name, filter) = split(&score.metric);
        let own = results.entry(&score.task).or_default();
        own.insert("alias".to_owned(), json!(score.task));
        own.insert(format!("{name},{filter}"), json!(score.value));
        own.insert(format!("{name}_stderr,{filter}"), json!(score.stderr));
        higher.entry(&score.task).or_default().insert(name.to_owned(), json!(score.higher_is_better));
        n_samples.insert(&score.task, json!({ "original": score.n, "effective": score.n }));
    }
    let intervals: Vec<&Score> = arm.scores.iter().collect();
    json!({
        "results": results,
        "higher_is_better": higher,
        "n-samples": n_samples,
        "config": { "model": "phi-bench", "model_num_parameters": arm.params, "random_seed": arm.seed },
        "date": run.started_unix_s as f64,
        "model_name": arm.arm,
        "model_name_sanitized": arm_folder(&arm.arm, arm.seed),
        "phi_bench": { "run": run.key, "name": run.name, "scores": intervals, "environment": run.environment },
    })
}

/// A metric's name and its filter: `exact_match,strict-match`, or `acc` under none.
fn split(metric: &str) -> (&str, &str) {
    metric.split_once(',').unwrap_or((metric, "none"))
}

fn write_samples<'a>(path: &Path, samples: impl Iterator<Item = &'a Sample>) -> Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(path).map_err(|source| io(path, source))?);
    for sample in samples {
        for row in rows(sample) {
            serde_json::to_writer(&mut out, &row)
                .map_err(|e| ReportError::Export { path: path.to_path_buf(), detail: e.to_string() })?;
            out.write_all(b"\n").map_err(|source| io(path, source))?;
        }
    }
    out.flush().map_err(|source| io(path, source))
}

/// A row a filter.
fn rows(sample: &Sample) -> Vec<Value> {
    let filters: BTreeSet<&str> = sample.metrics.keys().map(|metric| split(metric).1).collect();
    let arguments: Map<String, Value> = sample
        .responses
        .iter()
        .enumerate()
        .filter(|(i, r)| *i == 0 || r.log_likelihood.is_some())
        .map(|(i, r)| {
            let continuation = if r.log_likelihood.is_some() { json!(r.text) } else { json!({}) };
            (format!("gen_args_{i}"), json!({ "arg_0": sample.prompt, "arg_1": continuation }))
        })
        .collect();
    let resps = resps(sample);
    filters
        .into_iter()
        .map(|filter| {
            let own: BTreeMap<&str, f64> =
                sample.metrics.iter().filter(|(m, _)| split(m).1 == filter).map(|(m, v)| (split(m).0, *v)).collect();
            let mut row = json!({
                "doc_id": sample.doc_id,
                "target": sample.target,
                "arguments": arguments,
                "resps": resps,
                "filter": filter,
                "metrics": own.keys().collect::<Vec<_>>(),
                "phi_bench": {
                    "key": sample.key,
                    "cluster": sample.cluster,
                    "group": sample.group,
                    "verdicts": sample.responses.iter().map(|r| &r.verdict).collect::<Vec<_>>(),
                },
            });
            for (name, value) in own {
                row[name] = json!(value);
            }
            row
        })
        .collect()
}

/// Scored continuations are requests of their own; completions are the repeats of one.
fn resps(sample: &Sample) -> Value {
    let truth = |greedy: Option<bool>| if greedy == Some(true) { "True" } else { "False" };
    let scored: Vec<Value> = sample
        .responses
        .iter()
        .filter_map(|r| Some(json!([[r.log_likelihood?.to_string(), truth(r.is_greedy)]])))
        .collect();
    match scored.is_empty() {
        true => json!([sample.responses.iter().map(|r| &r.text).collect::<Vec<_>>()]),
        false => Value::Array(scored),
    }
}
