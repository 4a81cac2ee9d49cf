//! Scores, differences and stated comparisons as the template shows them: text, ready to print.

use crate::analysis::{Analysis, Comparison, IntervalMethod, MetricAnalysis, Verdict};
use crate::format;
use serde_json::{Value, json};

pub(super) fn tables(analysis: &Analysis) -> Vec<Value> {
    // Parts have a section of their own.
    analysis.metrics.iter().filter(|metric| metric.part().is_none()).map(|metric| table(analysis, metric)).collect()
}

fn table(analysis: &Analysis, metric: &MetricAnalysis) -> Value {
    let is_share = metric.is_share;
    let bare = |value| format::score_bare(value, is_share);
    let rows: Vec<Value> = metric
        .arms
        .iter()
        .map(|score| {
            let arm = analysis.arm(&score.arm);
            let comparison = metric.comparisons.iter().find(|c| c.arm == score.arm);
            let by_seed: Vec<String> = score.by_seed.iter().map(|(_, v)| bare(*v)).collect();
            json!({
                "arm": score.arm,
                "description": arm.map(|a| a.description.as_str()),
                "is_baseline": arm.is_some_and(|a| a.is_baseline),
                "is_control": arm.is_some_and(|a| a.is_control),
                "value": bare(score.value),
                "interval": format!("{}–{}", bare(score.interval.0), bare(score.interval.1)),
                "within_seed": score.interval_method == IntervalMethod::WithinSeed,
                "by_seed": by_seed.join(" · "),
                "comparison": comparison.map(|c| compared(c, is_share)),
            })
        })
        .collect();
    let n = metric.arms.iter().map(|a| a.n_questions).max().unwrap_or(0);
    json!({
        "task": metric.task,
        "metric": metric.metric,
        "unit": if is_share { "%" } else { "" },
        "points": if is_share { "points" } else { "" },
        "is_primary": metric.is_primary,
        "direction": if metric.higher_is_better { "higher is better" } else { "lower is better" },
        "size": format!("{} × {}", format::count(analysis.seeds.len(), "seed"), format::count(n, "question")),
        "any_within_seed": metric.arms.iter().any(|a| a.interval_method == IntervalMethod::WithinSeed),
        "rows": rows,
    })
}

/// The comparisons that the recipe stated.
pub(super) fn stated(analysis: &Analysis) -> Vec<Value> {
    let row = |s: &crate::StatedAnalysis| {
        json!({
            "arm": s.stated.arm,
            "against": s.stated.against,
            "measure": format!("{} {}", s.stated.task, s.stated.metric),
            "question": s.stated.question,
            "unit": if s.is_share { " points" } else { "" },
            "comparison": s.result.as_ref().map(|c| compared(c, s.is_share)),
        })
    };
    analysis.stated.iter().map(row).collect()
}

fn compared(c: &Comparison, is_share: bool) -> Value {
    let signed = |value| format::signed(value, is_share);
    json!({
        "difference": signed(c.difference),
        "interval": format!("{} to {}", signed(c.interval.0), signed(c.interval.1)),
        "p": format::p(c.p_value),
        "p_corrected": if c.is_control { "–".to_owned() } else { format::p(c.p_corrected) },
        // Where every answer is alike, nothing tells what a run of this size would find.
        "detectable": if c.stderr == 0.0 { "–".to_owned() } else { format::points_bare(c.minimum_detectable_effect, is_share) },
        "verdict": match (c.is_control, c.verdict) {
            (true, _) => "–",
            (_, Verdict::Better) => "better",
            (_, Verdict::Worse) => "worse",
            (_, Verdict::NotShown) => "not shown",
        },
    })
}
