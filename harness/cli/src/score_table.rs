//! The table of scores that `eval` prints.

use phi_suites::Score;
use tabled::builder::Builder;
use tabled::settings::Style;

/// A row of the table.
pub struct Row<'a> {
    /// Task or group.
    pub name: &'a str,
    /// Version of the task, as text.
    pub version: String,
    /// Shots; none for groups.
    pub num_fewshot: Option<usize>,
    /// What is said of it.
    pub score: &'a Score,
}

/// The table, as Markdown: task, version, filter, shots, metric with an arrow to where it is better, value, standard error,
/// 95 % interval with its method, questions.
pub fn table(rows: &[Row<'_>]) -> String {
    let mut builder = Builder::default();
    builder.push_record([
        "task",
        "version",
        "filter",
        "n-shot",
        "metric",
        "",
        "value",
        "stderr",
        "95 % interval",
        "method",
        "n",
    ]);
    for row in rows {
        let Score { metric, value, stderr, interval, interval_method, n, clusters, higher_is_better, .. } = row.score;
        let (metric, filter) = metric.split_once(',').unwrap_or((metric, "none"));
        let questions = if clusters < n { format!("{n} in {clusters} clusters") } else { n.to_string() };
        builder.push_record([
            row.name.to_owned(),
            row.version.clone(),
            filter.to_owned(),
            row.num_fewshot.map_or(String::new(), |shots| shots.to_string()),
            metric.to_owned(),
            if *higher_is_better { "↑" } else { "↓" }.to_owned(),
            format!("{value:.4}"),
            format!("{stderr:.4}"),
            format!("{:.4} to {:.4}", interval.0, interval.1),
            interval_method.clone(),
            questions,
        ]);
    }
    builder.build().with(Style::markdown()).to_string()
}
