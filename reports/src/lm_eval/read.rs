//! From result files to a run: a model is an arm.

use super::files::{ResultsFile, by_model};
use super::row::{Row, metric_name};
use crate::{ArmRun, LeftOut, ReportError, Result, Run};
use phi_suites::{Sample, Score, stats};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A line longer than this is no sample.
const LONGEST_LINE: u64 = 256 << 20;
/// Level of the intervals.
const ALPHA: f64 = 0.05;

/// How much of the samples to keep in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// What each question is worth: all that a comparison needs.
    Scores,
    /// Prompts and answers too.
    Texts,
}

/// Reads a results file, a model's folder, or a folder of models' folders. Of several results of one task in a folder the
/// newest counts. A task without its samples file has a score and no samples; it is listed in [`Run::left_out`].
///
/// # Errors
/// [`ReportError::Io`], [`ReportError::BadResults`].
pub fn read_lm_eval(path: &Path, keep: Keep) -> Result<Run> {
    let models = by_model(path)?;
    if models.is_empty() {
        let detail = "there is no results_<date>.json here".to_owned();
        return Err(ReportError::BadResults { path: path.to_path_buf(), line: None, detail });
    }
    let mut run = empty_run(path);
    let mut hash = Sha256::new();
    for files in &models {
        let mut tasks: BTreeMap<String, TaskResults> = BTreeMap::new();
        let mut newest = Value::Null;
        for file in files {
            let (document, bytes) = read_results(file)?;
            hash.update(&bytes);
            tasks.extend(of_document(file, &document)?);
            newest = document;
        }
        let arm = arm(files, &newest, tasks, keep, &mut run.left_out)?;
        run.environment.extend(facts(&newest, &arm.arm, models.len() > 1));
        run.started_unix_s = run.started_unix_s.max(newest["date"].as_f64().unwrap_or(0.0) as u64);
        run.arms.push(arm);
    }
    run.key = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    run.baseline = run.arms[0].arm.clone();
    if let Some(score) = run.arms[0].scores.first() {
        run.primary = (score.task.clone(), score.metric.clone());
    }
    Ok(run)
}

fn empty_run(path: &Path) -> Run {
    let name = path.file_stem().map_or_else(|| "results".to_owned(), |n| n.to_string_lossy().into_owned());
    Run {
        key: String::new(),
        name,
        question: "How does each model score?".to_owned(),
        recipe: String::new(),
        command: String::new(),
        started_unix_s: 0,
        compute_s: 0.0,
        environment: Vec::new(),
        corpus: Vec::new(),
        baseline: String::new(),
        primary: (String::new(), String::new()),
        arms: Vec::new(),
        left_out: Vec::new(),
        comparisons: Vec::new(),
        steps: Vec::new(),
    }
}

/// One task's results, and the evaluation that they are of.
struct TaskResults {
    file: ResultsFile,
    metrics: Map<String, Value>,
    higher_is_better: Value,
    n: usize,
    /// Of a group: the tasks that it is the mean of.
    subtasks: Vec<String>,
}

fn read_results(file: &ResultsFile) -> Result<(Value, Vec<u8>)> {
    let io = |source| ReportError::Io { doing: "read", path: file.path.clone(), source };
    let bytes = std::fs::read(&file.path).map_err(io)?;
    match serde_json::from_slice(&bytes) {
        Ok(document) => Ok((document, bytes)),
        Err(e) => Err(bad(file, e.to_string())),
    }
}

fn bad(file: &ResultsFile, detail: String) -> ReportError {
    ReportError::BadResults { path: file.path.clone(), line: None, detail }
}

fn of_document(file: &ResultsFile, document: &Value) -> Result<BTreeMap<String, TaskResults>> {
    let results =
        document["results"].as_object().ok_or_else(|| bad(file, "there is no object `results`".to_owned()))?;
    let groups = document["groups"].as_object().into_iter().flatten();
    let mut tasks = BTreeMap::new();
    for (task, metrics) in results.iter().chain(groups) {
        let metrics = metrics.as_object().ok_or_else(|| bad(file, format!("the results of {task} are no object")))?;
        let n_of = |task: &str| document["n-samples"][task]["effective"].as_u64().unwrap_or(0) as usize;
        let subtasks = leaves(&document["group_subtasks"], task, 0);
        let n = if subtasks.is_empty() { n_of(task) } else { subtasks.iter().map(|t| n_of(t)).sum() };
        let results = TaskResults {
            file: file.clone(),
            metrics: metrics.clone(),
            higher_is_better: document["higher_is_better"][task].clone(),
            n,
            subtasks,
        };
        tasks.insert(task.clone(), results);
    }
    Ok(tasks)
}

/// The tasks below a group, groups of groups included.
fn leaves(subtasks: &Value, group: &str, depth: usize) -> Vec<String> {
    const DEEPEST: usize = 8;
    let Some(list) = subtasks[group].as_array().filter(|_| depth < DEEPEST) else { return Vec::new() };
    list.iter()
        .filter_map(Value::as_str)
        .flat_map(|task| match leaves(subtasks, task, depth + 1) {
            below if below.is_empty() => vec![task.to_owned()],
            below => below,
        })
        .collect()
}

fn arm(
    files: &[ResultsFile],
    newest: &Value,
    tasks: BTreeMap<String, TaskResults>,
    keep: Keep,
    left_out: &mut Vec<LeftOut>,
) -> Result<ArmRun> {
    let folder = files[0].path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    let name = newest["model_name"].as_str().filter(|n| !n.is_empty()).map(str::to_owned);
    let mut samples: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    for (task, results) in &tasks {
        match results.file.samples(task) {
            Some(path) => {
                samples.insert(task, read_samples(&path, task, keep)?);
            }
            None if results.subtasks.is_empty() => left_out.push(LeftOut {
                task: task.clone(),
                why: "its samples weren't kept, so its score can only be compared by its standard error".to_owned(),
                how: "evaluate with --log-samples".to_owned(),
            }),
            None => {}
        }
    }
    let mut scores = Vec::new();
    for (task, results) in &tasks {
        scores.extend(task_scores(task, results, samples.get(task.as_str()).map_or(&[], Vec::as_slice))?);
    }
    let mut samples: Vec<Sample> = samples.into_values().flatten().collect();
    for (group, results) in tasks.iter().filter(|(_, results)| !results.subtasks.is_empty()) {
        let pooled = pooled(group, results, &samples, &scores);
        samples.extend(pooled);
    }
    Ok(ArmRun {
        arm: name.or(folder).unwrap_or_else(|| "model".to_owned()),
        description: newest["config"]["model"].as_str().unwrap_or_default().to_owned(),
        seed: 0,
        params: newest["config"]["model_num_parameters"].as_u64().unwrap_or(0),
        inherited_flops: 0.0,
        pretrain_flops: 0.0,
        align_flops: 0.0,
        train_s: 0.0,
        curve: Vec::new(),
        scores,
        samples,
        growth: None,
        is_control: false,
        peak_memory_bytes: None,
        latency_ms_per_token: None,
        score_curve: Vec::new(),
    })
}

/// The samples of a file, a question's filters together.
fn read_samples(path: &Path, task: &str, keep: Keep) -> Result<Vec<Sample>> {
    let io = |source| ReportError::Io { doing: "read", path: path.to_path_buf(), source };
    let mut reader = BufReader::new(std::fs::File::open(path).map_err(io)?);
    let mut samples: BTreeMap<usize, Sample> = BTreeMap::new();
    let mut line = Vec::new();
    for number in 1.. {
        let fault = |detail| ReportError::BadResults { path: path.to_path_buf(), line: Some(number), detail };
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(io)?;
        if read == 0 {
            break;
        }
        if read as u64 == LONGEST_LINE {
            return Err(fault(format!("the line is longer than {} MiB", LONGEST_LINE >> 20)));
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let row = Row::parse(&line).map_err(fault)?;
        let sample = samples.entry(row.doc_id).or_insert_with(|| row.bare(task));
        if keep == Keep::Texts && sample.responses.is_empty() {
            row.add_texts(sample);
        }
        for (metric, value) in row.metrics {
            if sample.metrics.insert(metric.clone(), value).is_some() {
                return Err(fault(format!("the question {} has {metric} twice", sample.doc_id)));
            }
        }
    }
    Ok(samples.into_values().collect())
}

/// The scores of one task, by name.
fn task_scores(task: &str, results: &TaskResults, samples: &[Sample]) -> Result<Vec<Score>> {
    let mut scores = Vec::new();
    for (full_name, value) in &results.metrics {
        let Some((name, filter)) = full_name.split_once(',').filter(|(name, _)| !name.ends_with("_stderr")) else {
            continue;
        };
        let Some(value) = value.as_f64() else { continue };
        let metric = metric_name(name, filter);
        let stderr = results.metrics.get(&format!("{name}_stderr,{filter}")).and_then(Value::as_f64);
        let of_samples: Vec<f64> = samples.iter().filter_map(|s| s.metrics.get(&metric).copied()).collect();
        let is_binary = !of_samples.is_empty() && of_samples.iter().all(|v| *v == 0.0 || *v == 1.0);
        let (interval, method) = match stderr {
            _ if is_binary => (stats::wilson(of_samples.iter().sum(), of_samples.len() as f64, ALPHA), "wilson"),
            Some(stderr) => ((value - 1.96 * stderr, value + 1.96 * stderr), "normal"),
            None => ((f64::NEG_INFINITY, f64::INFINITY), "unknown"),
        };
        let n = if of_samples.is_empty() { results.n } else { of_samples.len() };
        scores.push(Score {
            task: task.to_owned(),
            metric,
            value,
            stderr: stderr.unwrap_or(f64::NAN),
            n,
            clusters: n,
            interval,
            interval_method: method.to_owned(),
            higher_is_better: results.higher_is_better[name].as_bool().unwrap_or(!is_loss(name)),
        });
    }
    scores.sort_by(|a, b| a.metric.cmp(&b.metric));
    Ok(scores)
}

/// Metrics of which less is better, for files that don't say.
fn is_loss(name: &str) -> bool {
    ["perplexity", "bits_per_byte", "brier_score", "ter"].iter().any(|loss| name.contains(loss))
}

/// The questions of a group whose score is the mean over them, so that groups are compared question by question too. A
/// group that is weighted otherwise keeps its score and its standard error alone.
fn pooled(group: &str, results: &TaskResults, samples: &[Sample], scores: &[Score]) -> Vec<Sample> {
    let own: Vec<&Sample> = samples.iter().filter(|s| results.subtasks.contains(&s.task)).collect();
    let is_mean = |score: &Score| {
        let values: Vec<f64> = own.iter().filter_map(|s| s.metrics.get(&score.metric).copied()).collect();
        !values.is_empty() && (stats::mean(&values) - score.value).abs() < 1e-6
    };
    let metrics: Vec<String> =
        scores.iter().filter(|s| s.task == group && is_mean(s)).map(|s| s.metric.clone()).collect();
    if metrics.is_empty() {
        return Vec::new();
    }
    let of_group = |sample: &&Sample| Sample {
        task: group.to_owned(),
        doc_id: sample.doc_id,
        key: format!("{}/{}", sample.task, sample.key),
        cluster: format!("{}/{}", sample.task, sample.cluster),
        group: sample.task.clone(),
        prompt: String::new(),
        target: String::new(),
        responses: Vec::new(),
        metrics: sample.metrics.iter().filter(|(m, _)| metrics.contains(m)).map(|(m, v)| (m.clone(), *v)).collect(),
        pairs: BTreeMap::new(),
    };
    own.iter().map(of_group).collect()
}

/// What the results say of the machine and the program.
fn facts(document: &Value, arm: &str, several: bool) -> Vec<(String, String)> {
    let names = [
        "lm_eval_version",
        "transformers_version",
        "git_hash",
        "model_source",
        "chat_template_sha",
        "phi_bench_version",
    ];
    names
        .iter()
        .filter_map(|name| {
            let value = document[*name].as_str()?;
            Some((if several { format!("{arm}: {name}") } else { (*name).to_owned() }, value.to_owned()))
        })
        .collect()
}
