//! The figures that the Phi papers published, to stand beside ours. They are of another scale, and the page says so.

use crate::analysis::{Analysis, ArmScore, MetricAnalysis};
use crate::format;
use crate::phi_1::FIGURE_2_1;
use phi_suites::Task;
use serde_json::{Value, json};

/// phi-1.5's Table 1 (Li et al., "Textbooks Are All You Need II", arXiv 2309.05463): model, GPU hours of training, tokens
/// trained on, milliseconds a token and memory of inference, on one A100 of 80 GB at a context of 2048 in fp16.
const PHI_1_5_TABLE_1: [(&str, &str, &str, &str, &str); 3] = [
    ("Llama-7B", "> 80,000 GPU hours", "1 T", "14 ms", "18 GB"),
    ("phi-1.5 (1.3 B)", "1,500 GPU hours", "150 B", "< 3 ms", "3.5 GB"),
    ("phi-1.5-web (1.3 B)", "3,000 GPU hours", "300 B", "< 3 ms", "3.5 GB"),
];

/// Figure 2.1, where the run has a task of code; it says which way the effects went.
pub(super) fn by_training_data(analysis: &Analysis) -> Vec<Value> {
    const CODE: [&str; 5] = ["code_exercises", "humaneval", "humaneval_plus", "mbpp", "mbpp_sanitized"];
    if !analysis.metrics.iter().any(|m| CODE.contains(&m.task.as_str())) {
        return Vec::new();
    }
    FIGURE_2_1.iter().map(|(data, scores)| json!({ "data": data, "scores": scores })).collect()
}

pub(super) fn compute() -> Vec<Value> {
    let row = |(model, train, tokens, latency, memory): &(&str, &str, &str, &str, &str)| json!({ "model": model, "train": train, "tokens": tokens, "latency": latency, "memory": memory });
    PHI_1_5_TABLE_1.iter().map(row).collect()
}

/// For each metric of the run that a Phi paper reports too: our baseline and best arm, then theirs.
pub(super) fn scores(analysis: &Analysis) -> Vec<Value> {
    analysis.metrics.iter().filter_map(|metric| of_metric(analysis, metric)).collect()
}

fn of_metric(analysis: &Analysis, metric: &MetricAnalysis) -> Option<Value> {
    // A filter's name behind a comma, and how samples were drawn, are no part of what the papers name.
    let name = metric.metric.split(',').next()?;
    let published = Task::builtin(&metric.task).ok()?.summary().published;
    let theirs: Vec<Value> = published
        .iter()
        .filter(|p| p.metric.split(',').next() == Some(name))
        .map(|p| json!({ "model": p.model, "value": format::score_bare(p.value, true), "shots": p.shots, "source": p.source }))
        .collect();
    if theirs.is_empty() || !metric.is_share {
        return None;
    }
    let is_control = |score: &ArmScore| analysis.arm(&score.arm).is_some_and(|a| a.is_control);
    let best = metric.arms.iter().filter(|s| !is_control(s)).max_by(|a, b| a.value.total_cmp(&b.value));
    let baseline = metric.arms.iter().find(|s| s.arm == analysis.baseline);
    let mut ours: Vec<&ArmScore> = baseline.into_iter().chain(best).collect();
    ours.dedup_by_key(|score| &score.arm);
    let ours: Vec<Value> = ours
        .into_iter()
        .map(|score| {
            let params = analysis.arm(&score.arm).map(|a| format::params(a.params));
            json!({ "arm": score.arm, "value": format::score_bare(score.value, true), "params": params })
        })
        .collect();
    Some(json!({ "task": metric.task, "metric": metric.metric, "ours": ours, "theirs": theirs }))
}
