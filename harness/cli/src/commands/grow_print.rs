//! What `phi-bench grow` says of a growth.

use crate::printer;
use phi_growth::GrowthReport;

/// Prints a report.
pub fn print(report: &GrowthReport) {
    let method = report.growth.method;
    printer::line(match &report.change_of_function {
        None => format!("{method} preserves the function"),
        Some(why) => format!("{method} does not preserve the function: {why}"),
    });
    if let Some(most) = report.new_tokens_probability {
        printer::line(format!(
            "new entries of the vocabulary are the mean of the old ones, in embedding and head; together they take at most \
             {:.2} % of a next token's probability",
            100.0 * most
        ));
    }
    printer::line(format!("parameters: {} -> {}", report.params.before, report.params.after));
    let flops = report.train_flops_per_token;
    printer::line(format!(
        "FLOPs of training on a token, context {}: {:.3e} -> {:.3e}",
        report.context, flops.before, flops.after
    ));
    if let Some(loss) = &report.loss {
        printer::line(format!(
            "loss on {}: {:.4} -> {:.4} nats a token, over {} tokens",
            loss.text, loss.nats.before, loss.nats.after, loss.tokens
        ));
    }
    if let Some(cosine) = report.block_cosine {
        printer::line(format!("block cosine: {cosine:.4}"));
    }
    print_ranks(report);
    if let Some(units) = report.distinct_units {
        printer::line("units that training can tell apart:");
        for (name, units) in [("residual stream", units.residual), ("heads", units.heads), ("MLP", units.mlp)] {
            printer::line(format!("  {name}: {} of {}", units.distinct, units.total));
        }
    }
    if let Some(sentence) = report.dead_width() {
        printer::note(format!("warning: {sentence}"));
    }
}

fn print_ranks(report: &GrowthReport) {
    if report.ranks.is_empty() {
        return;
    }
    let sampled = if report.ranks.iter().any(|r| r.sampled) { ", of sampled rows" } else { "" };
    printer::line(format!("effective rank, layer {}{sampled}:", report.rank_layer));
    for rank in &report.ranks {
        let (value, full) = (rank.effective_rank, rank.full_rank);
        printer::line(format!(
            "  {}: {:.1} of {} -> {:.1} of {}",
            rank.matrix, value.before, full.before, value.after, full.after
        ));
    }
}
