//! The result as files for papers and spreadsheets.

use crate::analysis::{Analysis, Verdict};
use crate::table::rows;

/// The table of the primary score as LaTeX, for the packages booktabs and (for letters like `†`) inputenc's utf8.
pub fn latex(analysis: &Analysis) -> String {
    let rows = rows(analysis, " ");
    let columns = rows.first().map_or(0, Vec::len);
    let mut out = format!(
        "% Needs \\usepackage{{booktabs}}.\n\\begin{{tabular}}{{l{}}}\n\\toprule\n",
        "r".repeat(columns.saturating_sub(1))
    );
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escape_latex(&cell.replace('\n', " "))).collect();
        out.push_str(&format!("{} \\\\\n", cells.join(" & ")));
        if i == 0 {
            out.push_str("\\midrule\n");
        }
    }
    out.push_str("\\bottomrule\n\\end{tabular}\n");
    out.push_str(&format!("% {}\n", analysis.answer.replace(['\n', '\r'], " ")));
    out
}

/// Nothing that a run carries may act as LaTeX.
fn escape_latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("$<$"),
            '>' => out.push_str("$>$"),
            '−' => out.push_str("$-$"),
            '†' => out.push_str("$\\dagger$"),
            '–' => out.push_str("--"),
            '…' => out.push_str("\\ldots{}"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Every score and comparison, one line an arm and metric, with a header (RFC 4180). Values are as they are, not in per
/// cent; a cell is empty where there is no comparison.
pub fn csv(analysis: &Analysis) -> String {
    let mut out = String::from(
        "task,metric,is_primary,arm,is_baseline,is_control,n_seeds,n_questions,value,low,high,difference,difference_low,\
         difference_high,p,p_corrected,minimum_detectable_effect,verdict\n",
    );
    for metric in &analysis.metrics {
        for score in &metric.arms {
            let arm = analysis.arm(&score.arm);
            let comparison = metric.comparisons.iter().find(|c| c.arm == score.arm);
            let number =
                |value: Option<f64>| value.filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string());
            let verdict = comparison.filter(|c| !c.is_control).map_or("", |c| match c.verdict {
                Verdict::Better => "better",
                Verdict::Worse => "worse",
                Verdict::NotShown => "not-shown",
            });
            let cells = [
                metric.task.clone(),
                metric.metric.clone(),
                metric.is_primary.to_string(),
                score.arm.clone(),
                arm.is_some_and(|a| a.is_baseline).to_string(),
                arm.is_some_and(|a| a.is_control).to_string(),
                score.by_seed.len().to_string(),
                score.n_questions.to_string(),
                number(Some(score.value)),
                number(Some(score.interval.0)),
                number(Some(score.interval.1)),
                number(comparison.map(|c| c.difference)),
                number(comparison.map(|c| c.interval.0)),
                number(comparison.map(|c| c.interval.1)),
                number(comparison.map(|c| c.p_value)),
                number(comparison.filter(|c| !c.is_control).map(|c| c.p_corrected)),
                number(comparison.map(|c| c.minimum_detectable_effect)),
                verdict.to_owned(),
            ];
            out.push_str(&cells.map(|cell| quoted(&cell)).join(","));
            out.push('\n');
        }
    }
    out
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}
