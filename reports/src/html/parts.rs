//! Scores on the questions that training resembles and on the others, beside phi-1's Table 3.

use crate::analysis::{Analysis, ArmScore, MetricAnalysis};
use crate::format;
use crate::phi_1::TABLE_3;
use serde_json::{Value, json};

/// A row for each way to tell the two apart and each of them, with a cell an arm.
pub(super) fn rows(analysis: &Analysis) -> Vec<Value> {
    let mut parts: Vec<(&str, bool, &MetricAnalysis)> =
        analysis.metrics.iter().filter_map(|metric| metric.part().map(|(_, is, way)| (way, is, metric))).collect();
    // The strictest first, similar ones before the others.
    parts.sort_by(|a, b| way_order(a.0).cmp(&way_order(b.0)).then(b.1.cmp(&a.1)));
    parts.into_iter().map(|(way, is_similar, metric)| row(analysis, way, is_similar, metric)).collect()
}

/// Syntax before embedding, then the higher threshold.
fn way_order(way: &str) -> (std::cmp::Reverse<&str>, std::cmp::Reverse<u32>) {
    let (how, threshold) = way.split_once('-').unwrap_or((way, ""));
    let threshold: f64 = threshold.parse().unwrap_or(0.0);
    (std::cmp::Reverse(how), std::cmp::Reverse((threshold * 1000.0) as u32))
}

fn row(analysis: &Analysis, way: &str, is_similar: bool, metric: &MetricAnalysis) -> Value {
    let cell = |arm: &str| {
        let bare = |value| format::score_bare(value, metric.is_share);
        let text =
            |score: &ArmScore| format!("{} ({}–{})", bare(score.value), bare(score.interval.0), bare(score.interval.1));
        metric.arms.iter().find(|score| score.arm == arm).map(text)
    };
    let cells: Vec<Option<String>> = analysis.arms.iter().map(|arm| cell(&arm.arm)).collect();
    json!({
        "way": way.replace('-', " "),
        "part": if is_similar { "similar" } else { "others" },
        "questions": metric.arms.iter().map(|arm| arm.n_questions).max().unwrap_or(0),
        "cells": cells,
    })
}

/// phi-1's Table 3.
pub(super) fn published() -> Vec<Value> {
    let row = |&(tau, part, n, phi_1, retrained, star_coder): &(&str, &str, u32, f64, f64, f64)| json!({ "tau": tau, "part": part, "n": n, "phi_1": format!("{phi_1:.1}"), "retrained": format!("{retrained:.1}"), "star_coder": format!("{star_coder:.1}") });
    TABLE_3.iter().map(row).collect()
}
