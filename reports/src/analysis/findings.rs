//! The questions that a recipe asked beforehand, each with what this run says to it.

use super::score::{Comparison, Verdict};
use super::{Analysis, StatedAnalysis};
use crate::format;

/// One sentence or two for each stated comparison that asks a question.
pub(super) fn findings(analysis: &Analysis) -> Vec<String> {
    analysis.stated.iter().filter(|stated| !stated.stated.question.is_empty()).map(finding).collect()
}

fn finding(analysis: &StatedAnalysis) -> String {
    let stated = &analysis.stated;
    let (question, arm, against) = (&stated.question, &stated.arm, &stated.against);
    let Some(c) = &analysis.result else {
        return format!("{question} Not measured: {arm} and {against} share no question at one seed.");
    };
    let measure = format!("{} {}", stated.task, stated.metric);
    if c.difference == 0.0 && c.stderr == 0.0 {
        return format!("{question} Not shown here: on {measure}, {arm} and {against} did alike on every question.");
    }
    let amount = format::points(c.difference.abs(), analysis.is_share);
    let facts = facts(analysis, c);
    match c.verdict {
        Verdict::Better => {
            format!("{question} Yes, here: on {measure}, {arm} is better than {against} by {amount} ({facts}).")
        }
        Verdict::Worse => {
            format!("{question} No, here it is worse: on {measure}, {arm} loses {amount} to {against} ({facts}).")
        }
        Verdict::NotShown => format!(
            "{question} Not shown here: on {measure}, {arm} and {against} differ by {amount} ({facts}; smallest detectable: {}).",
            format::points(c.minimum_detectable_effect, analysis.is_share)
        ),
    }
}

fn facts(analysis: &StatedAnalysis, c: &Comparison) -> String {
    let signed = |value| format::signed(value, analysis.is_share);
    format!(
        "difference {}, 95 % CI {} to {}, corrected {}",
        signed(c.difference),
        signed(c.interval.0),
        signed(c.interval.1),
        format::p_equals(c.p_corrected)
    )
}
