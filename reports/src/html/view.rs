//! The run's facts as the template shows them: text, ready to print.

use crate::analysis::{Analysis, IntervalMethod, MetricAnalysis, Reach, Verdict, mean};
use crate::{GrowthFacts, Run, format, table};
use serde_json::{Value, json};

pub(super) fn run(run: &Run) -> Value {
    let facts = |facts: &[(String, String)]| -> Vec<Value> {
        facts.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    json!({
        "name": run.name,
        "key": run.key,
        "question": run.question,
        "recipe": run.recipe,
        "command": run.command,
        "started": format::date(run.started_unix_s),
        "compute": format::seconds(run.compute_s),
        "baseline": run.baseline,
        "primary": format!("{} {}", run.primary.0, run.primary.1),
        "environment": facts(&run.environment),
        "corpus": facts(&run.corpus),
        "left_out": run.left_out.iter()
            .map(|l| json!({ "task": l.task, "why": l.why, "how": l.how }))
            .collect::<Vec<_>>(),
    })
}

pub(super) fn score_tables(analysis: &Analysis) -> Vec<Value> {
    analysis.metrics.iter().map(|metric| score_table(analysis, metric)).collect()
}

fn score_table(analysis: &Analysis, metric: &MetricAnalysis) -> Value {
    let rows: Vec<Value> = metric
        .arms
        .iter()
        .map(|score| {
            let arm = analysis.arm(&score.arm);
            let comparison = metric.comparisons.iter().find(|c| c.arm == score.arm);
            let by_seed: Vec<String> =
                score.by_seed.iter().map(|(_, v)| format::score_bare(*v, metric.is_share)).collect();
            json!({
                "arm": score.arm,
                "description": arm.map(|a| a.description.as_str()),
                "is_baseline": arm.is_some_and(|a| a.is_baseline),
                "is_control": arm.is_some_and(|a| a.is_control),
                "value": format::score_bare(score.value, metric.is_share),
                "interval": format!("{}–{}", format::score_bare(score.interval.0, metric.is_share),
                    format::score_bare(score.interval.1, metric.is_share)),
                "within_seed": score.interval_method == IntervalMethod::WithinSeed,
                "by_seed": by_seed.join(" · "),
                "difference": comparison.map(|c| format::signed(c.difference, metric.is_share)),
                "difference_interval": comparison.map(|c| format!("{} to {}",
                    format::signed(c.interval.0, metric.is_share), format::signed(c.interval.1, metric.is_share))),
                "p": comparison.map(|c| format::p(c.p_value)),
                "p_corrected": comparison.filter(|c| !c.is_control).map(|c| format::p(c.p_corrected)),
                "detectable": comparison.map(|c| format::points_bare(c.minimum_detectable_effect, metric.is_share)),
                "verdict": comparison.filter(|c| !c.is_control).map(|c| match c.verdict {
                    Verdict::Better => "better",
                    Verdict::Worse => "worse",
                    Verdict::NotShown => "not shown",
                }),
            })
        })
        .collect();
    let n = metric.arms.iter().map(|a| a.n_questions).max().unwrap_or(0);
    json!({
        "task": metric.task,
        "metric": metric.metric,
        "unit": if metric.is_share { "%" } else { "" },
        "points": if metric.is_share { "points" } else { "" },
        "is_primary": metric.is_primary,
        "direction": if metric.higher_is_better { "higher is better" } else { "lower is better" },
        "size": format!("{} × {}", format::count(analysis.seeds.len(), "seed"), format::count(n, "question")),
        "any_within_seed": metric.arms.iter().any(|a| a.interval_method == IntervalMethod::WithinSeed),
        "rows": rows,
    })
}

pub(super) fn reach(analysis: &Analysis) -> Value {
    let rows: Vec<Value> = analysis
        .arms
        .iter()
        .map(|arm| {
            let by_seed: Vec<String> = arm.final_val_loss_by_seed.iter().map(|(_, loss)| format::loss(*loss)).collect();
            json!({
                "arm": arm.arm,
                "is_baseline": arm.is_baseline,
                "is_control": arm.is_control,
                "loss": format::loss(arm.final_val_loss),
                "by_seed": by_seed.join(" · "),
                "steps": table::reach(arm),
                "flops": arm.reach.mean_flops.map_or_else(|| "–".to_owned(), format::flops),
            })
        })
        .collect();
    json!({ "rows": rows, "note": Reach::NOTE })
}

pub(super) fn growth(analysis: &Analysis) -> Vec<Value> {
    analysis
        .arms
        .iter()
        .filter(|arm| !arm.growth.is_empty())
        .map(|arm| {
            let average =
                |value: fn(&GrowthFacts) -> Option<f64>| mean(arm.growth.iter().filter_map(|(_, g)| value(g)));
            let cosine = |value: Option<f64>| value.map_or_else(|| "not tiled".to_owned(), |v| format!("{v:.4}"));
            let first = &arm.growth[0].1;
            json!({
                "arm": arm.arm,
                "method": first.method,
                "params": format!("{} → {}", format::params(first.params.0), format::params(first.params.1)),
                "loss_before": format::loss(average(|g| Some(g.val_loss.0))),
                "loss_after": format::loss(average(|g| Some(g.val_loss.1))),
                "cosine": cosine(average(|g| g.block_cosine)),
                "cosine_after": cosine(average(|g| g.block_cosine_after_training)),
            })
        })
        .collect()
}

pub(super) fn compute(analysis: &Analysis) -> Vec<Value> {
    analysis
        .arms
        .iter()
        .map(|arm| {
            json!({
                "arm": arm.arm,
                "params": format::grouped(arm.params),
                "inherited": format::flops(arm.inherited_flops),
                "pretrain": format::flops(arm.pretrain_flops),
                "align": format::flops(arm.align_flops),
                "total": format::flops(arm.total_flops()),
                "seconds": format::seconds(arm.train_s),
            })
        })
        .collect()
}
