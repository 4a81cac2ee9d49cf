//! The result as a table: for the terminal and as Markdown.

use crate::analysis::{Analysis, ArmAnalysis, ArmScore, Comparison, MetricAnalysis};
use crate::format;
pub(crate) use crate::plot::short;
use tabled::builder::Builder;
use tabled::settings::formatting::AlignmentStrategy;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::{Alignment, Modify, Style};

/// Columns that a terminal surely has.
const WIDTH: usize = 100;

/// The result for the terminal: one row an arm, at most 100 columns wide, then the answer.
pub fn table(analysis: &Analysis) -> String {
    let mut out = String::new();
    let one_line = draw(&rows(analysis, " "));
    let width = one_line.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    out.push_str(&if width <= WIDTH { one_line } else { draw(&rows(analysis, "\n")) });
    out.push('\n');
    for line in notes(analysis) {
        out.push_str(&wrap(&line));
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&wrap(&analysis.answer));
    out.push('\n');
    for finding in &analysis.findings {
        out.push_str(&wrap(&format!("- {finding}")));
        out.push('\n');
    }
    for warning in &analysis.warnings {
        out.push_str(&wrap(&format!("Note: {warning}")));
        out.push('\n');
    }
    out
}

pub(crate) fn draw(rows: &[Vec<String>]) -> String {
    let mut builder = Builder::default();
    for row in rows {
        builder.push_record(row);
    }
    let mut table = builder.build();
    table
        .with(Style::sharp().remove_left().remove_right())
        .with(Modify::new(Columns::new(1..)).with(Alignment::right()).with(AlignmentStrategy::PerLine));
    table.with(Modify::new(Rows::first()).with(Alignment::left()));
    table.to_string()
}

/// The same as Markdown, for a job summary or a pull request.
pub fn markdown(analysis: &Analysis) -> String {
    let mut out = format!("**{}**\n\n", escape(&analysis.answer));
    for (i, row) in rows(analysis, " ").iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escape(&cell.replace('\n', " "))).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
        if i == 0 {
            let rule: Vec<&str> = (0..row.len()).map(|i| if i == 0 { ":--" } else { "--:" }).collect();
            out.push_str(&format!("| {} |\n", rule.join(" | ")));
        }
    }
    out.push('\n');
    for line in notes(analysis) {
        out.push_str(&escape(&line));
        out.push_str("\n\n");
    }
    for warning in &analysis.warnings {
        out.push_str(&format!("> {}\n", escape(warning)));
    }
    out
}

/// Cells; `gap` stands between a value and its interval.
pub(crate) fn rows(analysis: &Analysis, gap: &str) -> Vec<Vec<String>> {
    let metric = analysis.primary_metric();
    let score_name = metric.map_or_else(|| "score".to_owned(), |m| unit(m, &m.metric));
    let header = [
        "arm".to_owned(),
        "params".to_owned(),
        "FLOPs".to_owned(),
        "val\nloss".to_owned(),
        "steps to\nloss of *".to_owned(),
        format!("{score_name}\n(95 % CI)"),
        "minus *\n(95 % CI)".to_owned(),
        "corr.\np".to_owned(),
    ];
    let mut rows = vec![header.to_vec()];
    for arm in &analysis.arms {
        let score = metric.and_then(|m| m.arms.iter().find(|a| a.arm == arm.arm));
        let comparison = metric.and_then(|m| m.comparisons.iter().find(|c| c.arm == arm.arm));
        let is_share = metric.is_some_and(|m| m.is_share);
        rows.push(vec![
            name(arm),
            format::params(arm.params),
            format::flops(arm.total_flops()),
            format::loss(arm.final_val_loss),
            reach(arm).replace(" (", &format!("{gap}(")),
            score.map_or_else(|| "–".to_owned(), |s| with_interval(s, is_share, gap)),
            comparison.map_or_else(|| "–".to_owned(), |c| difference(c, is_share, gap)),
            comparison.map_or_else(|| "–".to_owned(), p_value),
        ]);
    }
    rows
}

fn notes(analysis: &Analysis) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(metric) = analysis.primary_metric() {
        let n = metric.arms.iter().map(|a| a.n_questions).max().unwrap_or(0);
        notes.push(format!(
            "{} {}, {} × {}; p corrected by Holm over {}.",
            metric.task,
            metric.metric,
            format::count(analysis.seeds.len(), "seed"),
            format::count(n, "question"),
            format::count(metric.comparisons.iter().filter(|c| !c.is_control).count(), "comparison")
        ));
    }
    if analysis.arms.iter().any(|a| a.is_baseline) {
        notes.push(format!("* {}: what the others are compared with.", analysis.baseline));
    }
    if analysis.arms.iter().any(|a| a.is_control) {
        notes.push("† control: shown, not compared for the answer.".to_owned());
    }
    notes
}

/// The name with marks: `*` for the baseline, `†` for a control. Long ones are cut in the middle.
fn name(arm: &ArmAnalysis) -> String {
    let mark = match (arm.is_baseline, arm.is_control) {
        (true, _) => " *",
        (_, true) => " †",
        _ => "",
    };
    const WIDEST: usize = 17;
    format!("{}{mark}", short(&arm.arm, WIDEST - mark.chars().count()))
}

fn unit(metric: &MetricAnalysis, name: &str) -> String {
    if metric.is_share { format!("{name} %") } else { name.to_owned() }
}

pub(crate) fn reach(arm: &ArmAnalysis) -> String {
    let n = arm.reach.by_seed.iter().filter(|s| s.target.is_some()).count();
    match arm.reach.mean_steps {
        None if n == 0 => "–".to_owned(),
        None => "never".to_owned(),
        Some(steps) if arm.reach.n_reached < n => {
            format!("{} ({} of {n})", format::grouped(steps.round() as u64), arm.reach.n_reached)
        }
        Some(steps) => format::grouped(steps.round() as u64),
    }
}

fn with_interval(score: &ArmScore, is_share: bool, gap: &str) -> String {
    let bare = |v| format::score_bare(v, is_share);
    format!("{}{gap}({}–{})", bare(score.value), bare(score.interval.0), bare(score.interval.1))
}

fn difference(c: &Comparison, is_share: bool, gap: &str) -> String {
    let signed = |v| format::signed(v, is_share);
    format!("{}{gap}({} to {})", signed(c.difference), signed(c.interval.0), signed(c.interval.1))
}

fn p_value(c: &Comparison) -> String {
    if c.is_control {
        return "†".to_owned();
    }
    format::p(c.p_corrected)
}

pub(crate) fn wrap(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// Nothing that a run carries may act as Markdown or HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '\\' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
