//! A comparison as a page, with the report's sample browser.

use super::{Side, SideBySide, TaskComparison};
use crate::html::{Contents, PageOptions, Source, pack, render};
use crate::{Result, format};
use serde_json::{Value, json};

/// The comparison as one HTML file that needs no network.
///
/// # Errors
/// [`crate::ReportError::Template`], which no comparison should bring about.
pub fn render_comparison(compared: &SideBySide, a: &Side, b: &Side, options: PageOptions) -> Result<String> {
    let of_side = |name: &'static str, side: &'_ Side| -> Vec<(&'static str, u64)> {
        side.seeds.keys().map(|seed| (name, *seed)).collect()
    };
    let names = of_side("A", a).into_iter().chain(of_side("B", b));
    let samples = a.seeds.values().chain(b.seeds.values());
    let sources: Vec<Source<'_>> =
        names.zip(samples).map(|((arm, seed), samples)| Source { arm, seed, samples }).collect();
    let samples = (options.max_answers > 0).then(|| pack(&sources, options.max_answers)).transpose()?;
    let contents = Contents::new().with("answer", "Answer", true).with("tasks", "Task by task", true).with(
        "samples",
        "Samples",
        samples.is_some(),
    );
    render(
        "compare.html",
        contents,
        json!({
            "a": compared.a,
            "b": compared.b,
            "answer": sentence(compared),
            "notes": compared.notes,
            "tasks": compared.tasks.iter().map(row).collect::<Vec<_>>(),
            "samples": samples,
        }),
    )
}

/// What was shown, in one sentence.
fn sentence(compared: &SideBySide) -> String {
    let of = |wanted: &str| -> Vec<&str> {
        let tasks = compared.tasks.iter().filter(|t| super::text::verdict(t.verdict) == wanted);
        tasks.map(|t| t.task.as_str()).collect()
    };
    let (better, worse) = (of("better"), of("worse"));
    match (better.as_slice(), worse.as_slice()) {
        ([], []) => format!(
            "No difference between A and B was shown on {}.",
            crate::format::count(compared.tasks.len(), "task")
        ),
        (better, []) => format!("B is better than A on {}.", format::and(better)),
        ([], worse) => format!("B is worse than A on {}.", format::and(worse)),
        (better, worse) => {
            format!("B is better than A on {}, and worse on {}.", format::and(better), format::and(worse))
        }
    }
}

fn row(task: &TaskComparison) -> Value {
    let bare = |v| format::score_bare(v, task.is_share);
    let signed = |v| format::signed(v, task.is_share);
    let o = task.outcomes;
    json!({
        "task": task.task,
        "metric": task.metric,
        "a": bare(task.score_a),
        "b": bare(task.score_b),
        "size": if task.n_seeds > 1 { format!("{} × {}", task.n_seeds, task.n_questions) } else { task.n_questions.to_string() },
        "both": o.map(|o| o.both),
        "only_a": o.map(|o| o.only_a),
        "only_b": o.map(|o| o.only_b),
        "neither": o.map(|o| o.neither),
        "difference": signed(task.difference),
        "interval": format!("{} to {}", signed(task.interval.0), signed(task.interval.1)),
        "test": task.test.name(),
        "p": format::p(task.p_value),
        "p_corrected": format::p(task.p_corrected),
        "correlation": task.correlation.map_or_else(|| "–".to_owned(), |r| format!("{r:.2}")),
        "detectable": bare(task.minimum_detectable_effect),
        "verdict": super::text::verdict(task.verdict),
    })
}
