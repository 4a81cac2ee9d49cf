//! Losses, growth and cost as the template shows them: text, ready to print.

use crate::analysis::{Analysis, ArmAnalysis, Reach, mean};
use crate::{GrowthFacts, format, table};
use serde_json::{Value, json};

pub(super) fn reach(analysis: &Analysis) -> Value {
    let row = |arm: &ArmAnalysis| {
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
    };
    json!({ "rows": analysis.arms.iter().map(row).collect::<Vec<_>>(), "note": Reach::NOTE })
}

pub(super) fn growth(analysis: &Analysis) -> Vec<Value> {
    analysis.arms.iter().filter(|arm| !arm.growth.is_empty()).map(grown).collect()
}

fn grown(arm: &ArmAnalysis) -> Value {
    let average = |value: fn(&GrowthFacts) -> Option<f64>| mean(arm.growth.iter().filter_map(|(_, g)| value(g)));
    let cosine = |value: Option<f64>| value.map_or_else(|| "not tiled".to_owned(), |v| format!("{v:.4}"));
    let first = &arm.growth[0].1;
    let rank = |i: usize| {
        let of_seeds = || arm.growth.iter().filter_map(|(_, g)| g.ranks.get(i));
        let average = |value: fn(&crate::RankFact) -> f64| mean(of_seeds().map(value)).unwrap_or(f64::NAN);
        json!({
            "matrix": first.ranks[i].matrix,
            "effective": format!("{:.1} → {:.1}", average(|r| r.effective.0), average(|r| r.effective.1)),
            "full": format!("{} → {}", first.ranks[i].full.0, first.ranks[i].full.1),
        })
    };
    json!({
        "arm": arm.arm,
        "method": first.method,
        "params": format!("{} → {}", format::params(first.params.0), format::params(first.params.1)),
        "loss_before": format::loss(average(|g| Some(g.val_loss.0))),
        "loss_after": format::loss(average(|g| Some(g.val_loss.1))),
        "cosine": cosine(average(|g| g.block_cosine)),
        "cosine_after": cosine(average(|g| g.block_cosine_after_training)),
        "dead_width": first.dead_width,
        "ranks": (0..first.ranks.len()).map(rank).collect::<Vec<_>>(),
    })
}

/// Cost by arm, with the columns of phi-1.5's Table 1 first.
pub(super) fn compute(analysis: &Analysis) -> Vec<Value> {
    let missing = || "–".to_owned();
    let row = |arm: &ArmAnalysis| {
        json!({
            "arm": arm.arm,
            "is_baseline": arm.is_baseline,
            "is_control": arm.is_control,
            "params": format::params(arm.params),
            "seconds": format::seconds(arm.train_s),
            "tokens": format::short_count(arm.tokens),
            "latency": arm.latency_ms_per_token.map_or_else(missing, |ms| format!("{} ms", format::significant(ms))),
            "memory": arm.peak_memory_bytes.map_or_else(missing, format::bytes),
            "inherited": format::flops(arm.inherited_flops),
            "pretrain": format::flops(arm.pretrain_flops),
            "align": format::flops(arm.align_flops),
            "total": format::flops(arm.total_flops()),
        })
    };
    analysis.arms.iter().map(row).collect()
}
