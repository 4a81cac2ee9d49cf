//! `results_<date>.json`.

use super::config::task_config;
use super::{harness_metric, hash_string, sanitized_model_name};
use crate::stats::clustered_standard_error;
use crate::task::Aggregation;
use crate::{CacheCounts, EvalOptions, Evaluation, LoadedTask, ModelFacts, Score, SpecialToken, Task, TaskGroup};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is known of a run beyond its evaluations.
pub struct RunFacts<'a> {
    /// What was given as the model.
    pub model: &'a str,
    /// The model's name for tables.
    pub model_name: &'a str,
    /// Hash of the model's content, where it has one.
    pub content_hash: Option<String>,
    /// Tokens that fit into its context.
    pub max_length: usize,
    /// What the model tells of itself.
    pub model_facts: ModelFacts,
    /// How it was asked.
    pub options: &'a EvalOptions,
    /// When it began, in seconds since 1970.
    pub started: f64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Where the answers came from, where they are kept.
    pub cache: Option<CacheCounts>,
    /// Version of this program.
    pub version: &'a str,
}

/// The results of a run: its tasks in order with their evaluations, the groups that were asked for with their members and
/// scores, and the hash of each task's sample rows where these are written.
#[must_use]
pub fn results_json(
    facts: &RunFacts<'_>,
    tasks: &[(&LoadedTask, &Evaluation)],
    groups: &[(TaskGroup, Vec<String>, Vec<Score>)],
    task_hashes: &BTreeMap<String, String>,
) -> Value {
    let (mut results, mut configs, mut versions, mut shots) = (Map::new(), Map::new(), Map::new(), Map::new());
    let (mut better, mut counts) = (Map::new(), Map::new());
    for (task, evaluation) in tasks {
        let name = task.task().name();
        results.insert(name.to_owned(), task_results(task.task(), evaluation));
        configs.insert(name.to_owned(), task_config(task.task(), evaluation.num_fewshot));
        let version = task.task().config().metadata.get("version").cloned();
        versions.insert(name.to_owned(), version.unwrap_or_else(|| "Yaml".into()));
        shots.insert(name.to_owned(), evaluation.num_fewshot.into());
        better.insert(name.to_owned(), higher_is_better(task.task()));
        let effective = evaluation.scores.iter().map(|score| score.n).max().unwrap_or_default();
        counts.insert(name.to_owned(), json!({"original": task.len(), "effective": effective}));
    }
    let (mut group_results, mut subtasks) = (Map::new(), Map::new());
    for (group, members, scores) in groups {
        let of_group = group_scores(group, scores);
        results.insert(group.group.clone(), of_group.clone());
        if !scores.is_empty() {
            group_results.insert(group.group.clone(), of_group);
        }
        subtasks.insert(group.group.clone(), json!(members));
    }
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
    put("results", results.into());
    if !group_results.is_empty() {
        put("groups", group_results.into());
    }
    put("group_subtasks", subtasks.into());
    put("configs", sorted(configs));
    put("versions", sorted(versions));
    put("n-shot", sorted(shots));
    put("higher_is_better", sorted(better));
    put("n-samples", counts.into());
    put("config", run_config(facts));
    put("git_hash", Value::Null);
    put("date", json!(facts.started));
    put("pretty_env_info", env_info().into());
    put("transformers_version", Value::Null);
    put("lm_eval_version", Value::Null);
    put("upper_git_hash", Value::Null);
    put("tokenizer_pad_token", special_token(facts.model_facts.pad_token.as_ref()));
    put("tokenizer_eos_token", special_token(facts.model_facts.eos_token.as_ref()));
    put("tokenizer_bos_token", special_token(facts.model_facts.bos_token.as_ref()));
    put("eot_token_id", json!(facts.model_facts.eos_token.as_ref().map(|token| token.id)));
    put("max_length", facts.max_length.into());
    put("task_hashes", json!(task_hashes));
    put("model_source", "phi-bench".into());
    put("model_name", facts.model.into());
    put("model_name_sanitized", sanitized_model_name(facts.model).into());
    let instruction = &facts.options.system_instruction;
    put("system_instruction", json!(instruction));
    put("system_instruction_sha", json!(instruction.as_ref().map(|text| hash_string(text))));
    put("fewshot_as_multiturn", facts.options.fewshot_as_multiturn.into());
    let template = facts.model_facts.chat_template.as_ref().filter(|_| facts.options.apply_chat_template);
    put("chat_template", json!(template));
    put("chat_template_sha", json!(template.map(|text| hash_string(text))));
    put("total_evaluation_time_seconds", facts.seconds.to_string().into());
    put("phi_bench", ours(facts, tasks, groups));
    Value::Object(out)
}

/// What the harness has no place for: intervals, clusters, counts of what was cut, identities.
fn ours(
    facts: &RunFacts<'_>,
    tasks: &[(&LoadedTask, &Evaluation)],
    groups: &[(TaskGroup, Vec<String>, Vec<Score>)],
) -> Value {
    let of_task = |(task, evaluation): &(&LoadedTask, &Evaluation)| {
        let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
        let responses = evaluation.samples.iter().flat_map(|sample| &sample.responses);
        for verdict in responses.filter_map(|response| response.verdict.as_deref()) {
            *verdicts.entry(verdict).or_default() += 1;
        }
        let facts = json!({
            "scores": evaluation.scores.iter().map(|score| score_json(evaluation, score)).collect::<Vec<_>>(),
            "num_fewshot": evaluation.num_fewshot,
            "truncated_requests": evaluation.truncated_requests,
            "capped_max_tokens": evaluation.capped_max_tokens,
            "faults": evaluation.faults,
            "verdicts": verdicts,
        });
        (task.task().name().to_owned(), facts)
    };
    let tasks: Map<String, Value> = tasks.iter().map(of_task).collect();
    let groups: Map<String, Value> =
        groups.iter().map(|(group, _, scores)| (group.group.clone(), json!(scores))).collect();
    json!({
        "version": facts.version,
        "schema": 1,
        "model": facts.model,
        "model_name": facts.model_name,
        "content_hash": facts.content_hash,
        "options": facts.options,
        "cache": facts.cache,
        "tasks": tasks,
        "groups": groups,
    })
}

/// A score with its standard error over clusters, where that isn't the one that the score bears.
fn score_json(evaluation: &Evaluation, score: &Score) -> Value {
    let of_metric = evaluation.samples.iter().filter_map(|it| Some((*it.metrics.get(&score.metric)?, &it.cluster)));
    let (values, clusters): (Vec<f64>, Vec<&String>) = of_metric.unzip();
    let mut out = json!(score);
    if score.clusters < score.n {
        out["clustered_stderr"] = json!(clustered_standard_error(&values, &clusters));
    }
    out
}

fn task_results(task: &Task, evaluation: &Evaluation) -> Value {
    let n = evaluation.scores.iter().map(|score| score.n).max().unwrap_or_default();
    let alias = task.config().task_alias.as_deref().unwrap_or(task.name());
    let mut out = json!({"name": task.name(), "alias": alias, "sample_len": n});
    let order = |score: &&Score| {
        let own = score.metric.split(',').next().unwrap_or(&score.metric).to_owned();
        task.config().metric_list.iter().position(|metric| metric.metric.score_name() == own).unwrap_or(usize::MAX)
    };
    let mut scores: Vec<&Score> = evaluation.scores.iter().collect();
    scores.sort_by_key(order);
    for score in scores {
        let (metric, filter) = harness_metric(task, &score.metric);
        out[format!("{metric},{filter}")] = json!(score.value);
        out[format!("{metric}_stderr,{filter}")] = harness_stderr(task, score);
    }
    out
}

/// The standard error where the harness has one, and `N/A` where it hasn't.
fn harness_stderr(task: &Task, score: &Score) -> Value {
    let own = score.metric.split(',').next().unwrap_or(&score.metric);
    let metric = task.config().metric_list.iter().find(|metric| metric.metric.score_name() == own);
    let none = metric.is_some_and(|metric| {
        use Aggregation::{BitsPerByte, BrierScore, WeightedPerplexity};
        matches!(metric.aggregation(), WeightedPerplexity | BitsPerByte | BrierScore)
    });
    if none || score.n < 2 { "N/A".into() } else { json!(score.stderr) }
}

fn group_scores(group: &TaskGroup, scores: &[Score]) -> Value {
    let n = scores.iter().map(|score| score.n).max().unwrap_or_default();
    let mut out = json!({"name": group.group, "alias": group.group, "sample_len": n});
    for score in scores {
        let (metric, filter) = score.metric.split_once(',').unwrap_or((&score.metric, "none"));
        out[format!("{metric},{filter}")] = json!(score.value);
        out[format!("{metric}_stderr,{filter}")] = json!(score.stderr);
    }
    out
}

fn higher_is_better(task: &Task) -> Value {
    let metrics = task.config().metric_list.iter();
    metrics.map(|it| (it.metric.score_name().to_owned(), it.higher_is_better().into())).collect::<Map<_, _>>().into()
}

fn run_config(facts: &RunFacts<'_>) -> Value {
    json!({
        "model": "phi-bench",
        "model_args": {"pretrained": facts.model},
        "model_num_parameters": facts.model_facts.num_parameters,
        "model_dtype": facts.model_facts.dtype,
        "model_revision": null,
        "model_sha": facts.content_hash,
        "batch_size": "auto",
        "batch_sizes": [],
        "device": "cpu",
        "use_cache": facts.cache.is_some(),
        "limit": facts.options.limit,
        "bootstrap_iters": 100_000,
        "gen_kwargs": {},
        "random_seed": facts.options.seed,
        "numpy_seed": 1234,
        "torch_seed": 1234,
        "fewshot_seed": 1234,
    })
}

/// A token as the harness has it: its text, and its number as a text.
fn special_token(token: Option<&SpecialToken>) -> Value {
    json!([token.map(|token| &token.text), token.map_or_else(|| "None".to_owned(), |token| token.id.to_string())])
}

fn env_info() -> String {
    format!("OS: {}\nCPU architecture: {}", std::env::consts::OS, std::env::consts::ARCH)
}

fn sorted(map: Map<String, Value>) -> Value {
    map.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect::<Map<_, _>>().into()
}
