//! A comparison for the terminal.

use super::{Side, SideBySide, TaskComparison};
use crate::analysis::Verdict;
use crate::{format, table};
use phi_suites::Sample;

/// A row a task, then what a reader must know.
pub fn comparison_table(compared: &SideBySide) -> String {
    let mut rows = vec![
        [
            "task",
            "A",
            "B",
            "both",
            "only\nA",
            "only\nB",
            "neither",
            "B minus A\n(95 % CI)",
            "corr.\np",
            "smallest\nseen",
            "B is",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    rows.extend(compared.tasks.iter().map(row));
    let mut out = format!("A: {}\nB: {}\n\n{}\n", compared.a, compared.b, table::draw(&rows));
    for task in &compared.tasks {
        let correlation = task.correlation.map_or_else(String::new, |r| format!("; correlation {r:.2}"));
        let seeds =
            if task.n_seeds > 1 { format!("{} x ", format::count(task.n_seeds, "seed")) } else { String::new() };
        let line = format!(
            "{} {}: {seeds}{}, p = {} by {}{correlation}.",
            task.task,
            task.metric,
            format::count(task.n_questions, "question"),
            format::p(task.p_value),
            task.test.name(),
        );
        out.push_str(&table::wrap(&line));
        out.push('\n');
    }
    out.push_str(&table::wrap(&format!(
        "p corrected by Holm over {}. Smallest seen: the true difference found four times in five.",
        format::count(compared.tasks.len(), "task")
    )));
    out.push('\n');
    for note in &compared.notes {
        out.push_str(&table::wrap(&format!("Note: {note}")));
        out.push('\n');
    }
    out
}

fn row(task: &TaskComparison) -> Vec<String> {
    let bare = |v| format::score_bare(v, task.is_share);
    let signed = |v| format::signed(v, task.is_share);
    let counts = match task.outcomes {
        Some(o) => [o.both, o.only_a, o.only_b, o.neither].map(|n| format::grouped(n as u64)),
        None => [(); 4].map(|()| "–".to_owned()),
    };
    let mut row = vec![table::short(&task.task, 18), bare(task.score_a), bare(task.score_b)];
    row.extend(counts);
    row.push(format!("{}\n({} to {})", signed(task.difference), signed(task.interval.0), signed(task.interval.1)));
    row.push(format::p(task.p_corrected));
    row.push(bare(task.minimum_detectable_effect));
    row.push(verdict(task.verdict).to_owned());
    row
}

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::NotShown => "not shown",
    }
}

/// The first `n` flipped samples of each task: question, both answers.
pub fn flips_text(compared: &SideBySide, a: &Side, b: &Side, n: usize) -> String {
    let mut out = String::new();
    for task in &compared.tasks {
        for flip in task.flips.iter().take(n) {
            let who = if flip.is_gain { "only B is right" } else { "only A is right" };
            let seed = if task.n_seeds > 1 { format!(", seed {}", flip.seed_a) } else { String::new() };
            out.push_str(&format!("\n== {}{seed}: {who}\n", flip.key));
            let of_a = find(a, flip.seed_a, &task.task, &flip.key);
            let of_b = find(b, flip.seed_b, &task.task, &flip.key);
            if let Some(sample) = of_a {
                out.push_str(&format!("{}\n", indented(&last_lines(&sample.prompt, 12))));
            }
            for (side, sample) in [("A", of_a), ("B", of_b)] {
                out.push_str(&format!("-- {side}: {}\n", sample.map_or_else(String::new, answer)));
            }
        }
        let left = task.flips.len().saturating_sub(n);
        if n > 0 && left > 0 {
            out.push_str(&format!("\n{}: {left} more flipped (--show {})\n", task.task, task.flips.len()));
        }
    }
    out
}

fn find<'a>(side: &'a Side, seed: u64, task: &str, key: &str) -> Option<&'a Sample> {
    side.seeds.get(&seed)?.iter().find(|s| s.task == task && s.key == key)
}

fn answer(sample: &Sample) -> String {
    let likeliest = sample
        .responses
        .iter()
        .filter(|r| r.verdict.is_none())
        .filter_map(|r| Some((r.log_likelihood?, r)))
        .max_by(|x, y| x.0.total_cmp(&y.0));
    let Some(response) = likeliest.map(|(_, r)| r).or_else(|| sample.responses.first()) else {
        return "no answer kept".to_owned();
    };
    let verdict = response.verdict.as_deref().unwrap_or_default();
    let detail = response.detail.as_deref().map(|d| format!("\n{}", indented(&last_lines(d, 4)))).unwrap_or_default();
    format!("{verdict}\n{}{detail}", indented(&last_lines(&response.text, 30)))
}

/// Control characters would act on the terminal: they are shown, not sent.
fn indented(text: &str) -> String {
    let visible = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
    text.lines()
        .map(|line| format!("    {}\n", line.chars().map(visible).collect::<String>()))
        .collect::<String>()
        .trim_end_matches('\n')
        .to_owned()
}

fn last_lines(text: &str, n: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(n);
    let cut = if start > 0 { "…\n" } else { "" };
    format!("{cut}{}", lines[start..].join("\n"))
}
