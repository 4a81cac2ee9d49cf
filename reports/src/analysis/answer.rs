//! Puts what a run shows into words, and says what it doesn't show.

use super::score::{Comparison, MetricAnalysis, Verdict};
use super::{Analysis, EDGE};
use crate::{Run, format};
use std::collections::BTreeMap;

/// What was and wasn't shown, in one sentence.
pub(super) fn sentence(analysis: &Analysis) -> String {
    let (task, name) = &analysis.primary;
    let baseline = &analysis.baseline;
    let Some(metric) = analysis.primary_metric() else {
        return format!("This run shows nothing about {task} {name}: no arm was scored by it.");
    };
    let Some(base) = metric.arms.iter().find(|a| a.arm == *baseline) else {
        return format!(
            "This run shows no difference on {task} {name}: the arm {baseline}, which the others are compared with, has no score."
        );
    };
    let compared: Vec<&Comparison> = metric.comparisons.iter().filter(|c| !c.is_control).collect();
    if compared.is_empty() {
        let value = format::score(base.value, metric.is_share);
        return format!(
            "On {task} {name}, {baseline} scores {value}, and no other arm answered the same questions at the same seeds, so this run compares nothing."
        );
    }
    let shown: Vec<&Comparison> = compared.iter().copied().filter(|c| c.verdict != Verdict::NotShown).collect();
    let not_shown: Vec<&Comparison> = compared.iter().copied().filter(|c| c.verdict == Verdict::NotShown).collect();
    let edge = edge(metric, base.value);
    if shown.is_empty()
        && let Some(edge) = edge
    {
        return format!(
            "On {task} {name}, {baseline} scores {}, {edge}, so this run can't tell the arms apart.",
            format::score(base.value, metric.is_share)
        );
    }
    let mut clauses: Vec<String> = shown.iter().map(|c| shown_clause(metric, baseline, c)).collect();
    if !not_shown.is_empty() {
        clauses.push(not_shown_clause(metric, baseline, &not_shown, shown.is_empty()));
    }
    if let Some(edge) = edge {
        clauses.push(format!(
            "{baseline} scores {}, {edge}, so smaller differences could not have shown",
            format::score(base.value, metric.is_share)
        ));
    }
    if compared.iter().all(|c| c.n_seeds == 1) {
        clauses.push("with one seed, nothing is said about other seeds".to_owned());
    }
    format!("On {task} {name}, {}.", clauses.join("; "))
}

fn shown_clause(metric: &MetricAnalysis, baseline: &str, c: &Comparison) -> String {
    let verb = match (c.verdict, metric.higher_is_better) {
        (Verdict::Better, _) => "beat",
        _ => "was worse than",
    };
    format!(
        "{} {verb} {baseline} by {} (95 % CI {} to {}, corrected {}, {} × {})",
        c.arm,
        format::points(c.difference.abs(), metric.is_share),
        format::points_bare(if c.difference < 0.0 { -c.interval.1 } else { c.interval.0 }, metric.is_share),
        format::points_bare(if c.difference < 0.0 { -c.interval.0 } else { c.interval.1 }, metric.is_share),
        format::p_equals(c.p_corrected),
        format::count(c.n_seeds, "seed"),
        format::count(c.n_questions, "question"),
    )
}

fn not_shown_clause(metric: &MetricAnalysis, baseline: &str, arms: &[&Comparison], alone: bool) -> String {
    let names: Vec<&str> = arms.iter().map(|c| c.arm.as_str()).collect();
    if arms.iter().all(|c| c.difference == 0.0 && c.stderr == 0.0) {
        return format!("{} answered every question just as {baseline} did", format::and(&names));
    }
    let detectable = arms.iter().map(|c| c.minimum_detectable_effect).fold(0.0, f64::max);
    let size = match alone {
        true => {
            format!(", {} × {}", format::count(arms[0].n_seeds, "seed"), format::count(arms[0].n_questions, "question"))
        }
        false => String::new(),
    };
    let from = if alone { format!(" from {baseline}") } else { String::new() };
    format!(
        "{} showed no difference{from} that this run could have seen (smallest detectable: {}{size})",
        format::and(&names),
        format::points(detectable, metric.is_share)
    )
}

/// Why a baseline's score can't tell arms apart.
fn edge(metric: &MetricAnalysis, value: f64) -> Option<&'static str> {
    match metric.is_share {
        true if value < EDGE => Some("the floor of the task"),
        true if value > 1.0 - EDGE => Some("the ceiling of the task"),
        _ => None,
    }
}

/// What a reader must know before trusting the answer.
pub(super) fn warnings(run: &Run, analysis: &Analysis) -> Vec<String> {
    let mut warnings = Vec::new();
    let baseline = &analysis.baseline;
    if analysis.arm(baseline).is_none() {
        warnings
            .push(format!("The arm {baseline}, which the others are to be compared with, is missing from this run."));
    }
    if analysis.seeds.len() == 1 {
        warnings.push(
            "One seed: intervals and p-values speak of other questions, not of training again with another seed."
                .to_owned(),
        );
    } else if analysis.seeds.len() == 2 {
        warnings.push(
            "Two seeds: how much a score varies from seed to seed is hardly known; use three or more.".to_owned(),
        );
    }
    for arm in &analysis.arms {
        let missing: Vec<String> =
            analysis.seeds.iter().filter(|s| !arm.seeds.contains(s)).map(u64::to_string).collect();
        if !missing.is_empty() {
            let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
            warnings.push(format!(
                "{} has no result for seed {}: it is compared on the seeds that it has.",
                arm.arm,
                format::and(&missing)
            ));
        }
        let diverged =
            run.arms.iter().filter(|a| a.arm == arm.arm).any(|a| {
                a.curve.iter().any(|p| [p.train_loss, p.val_loss].iter().flatten().any(|loss| !loss.is_finite()))
            });
        if diverged {
            warnings.push(format!("{} diverged: a loss is not a finite number.", arm.arm));
        }
    }
    warnings.extend(edges(analysis));
    warnings
}

/// One sentence for all metrics at whose floor the baseline is, and one for those at whose ceiling it is.
fn edges(analysis: &Analysis) -> Vec<String> {
    let mut at: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // What holds of a metric holds of its parts.
    for metric in analysis.metrics.iter().filter(|metric| metric.part().is_none()) {
        let Some(base) = metric.arms.iter().find(|a| a.arm == analysis.baseline) else { continue };
        if let Some(edge) = edge(metric, base.value) {
            let score = format::score(base.value, metric.is_share);
            at.entry(edge).or_default().push(format!("{} {} ({score})", metric.task, metric.metric));
        }
    }
    let sentence = |(edge, metrics): (&str, Vec<String>)| {
        let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
        let baseline = &analysis.baseline;
        format!("{baseline} is at {edge} on {}: a difference, or none, says little there.", format::and(&metrics))
    };
    at.into_iter().map(sentence).collect()
}
