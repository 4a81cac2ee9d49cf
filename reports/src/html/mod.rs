//! The report: one self-contained HTML file, from the templates in `templates/`.

mod browser;
mod page;
mod parts;
mod published;
mod scores;
mod training;

pub(crate) use browser::{Source, USUAL_METRICS, pack};
pub(crate) use page::{Contents, render};

use crate::{Analysis, Result, Run, format};
use serde_json::{Value, json};

/// What a report carries besides the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOptions {
    /// Answers in the sample browser at most; of more, a choice that shows each kind. 0 leaves the browser out.
    pub max_answers: usize,
}

impl Default for PageOptions {
    /// 50,000 answers.
    fn default() -> Self {
        Self { max_answers: 50_000 }
    }
}

/// The report of a run: one HTML file that needs no network, opens in light and dark mode, and prints.
///
/// Whatever the run carries (prompts, completions, names) is escaped: a model's output can't run in the page.
///
/// # Errors
/// [`crate::ReportError::Plot`] and [`crate::ReportError::Template`], which no run should bring about.
pub fn render_html(run: &Run, analysis: &Analysis) -> Result<String> {
    render_html_with(run, analysis, PageOptions::default())
}

/// [`render_html`] with options.
///
/// # Errors
/// As [`render_html`].
pub fn render_html_with(run: &Run, analysis: &Analysis, options: PageOptions) -> Result<String> {
    let mut figures = serde_json::Map::new();
    for picture in crate::plot::pictures(run, analysis) {
        let figure = json!({ "id": picture.id(), "title": picture.title(), "caption": picture.caption(), "svg": picture.for_page()? });
        figures.insert(picture.id().replace('-', "_"), figure);
    }
    let sources: Vec<Source<'_>> =
        run.arms.iter().map(|a| Source { arm: &a.arm, seed: a.seed, samples: &a.samples }).collect();
    let samples = (options.max_answers > 0 && sources.iter().any(|s| !s.samples.is_empty()))
        .then(|| pack(&sources, options.max_answers))
        .transpose()?;
    let styles = crate::plot::styles(analysis);
    let legend: Vec<Value> =
        styles.iter().map(|s| json!({ "arm": s.arm, "color": s.css(), "form": s.form() })).collect();
    let growth = training::growth(analysis);
    let contents = Contents::new()
        .with("answer", "Answer", true)
        .with("scores", "Scores", true)
        .with("differences", "Differences", ["by_data", "forest", "groups"].iter().any(|id| figures.contains_key(*id)))
        .with("contamination", "Contamination", analysis.metrics.iter().any(|metric| metric.part().is_some()))
        .with("training", "Training", true)
        .with("growth", "Growth", !growth.is_empty())
        .with("cost", "Compute and memory", true)
        .with("published", "Beside the Phi papers", true)
        .with("samples", "Samples", samples.is_some())
        .with("data", "Data", !run.corpus.is_empty())
        .with("left-out", "Left out", !run.left_out.is_empty())
        .with("environment", "Environment", !run.environment.is_empty())
        .with("reproduce", "Reproduce it", true)
        .with("notes", "Notes on method", true);
    render(
        "report.html",
        contents,
        json!({
            "run": facts_of(run),
            "answer": analysis.answer,
            "findings": analysis.findings,
            "warnings": analysis.warnings,
            "parts": {
                "arms": analysis.arms.iter().map(|arm| &arm.arm).collect::<Vec<_>>(),
                "rows": parts::rows(analysis),
                "published": parts::published(),
            },
            "stated": scores::stated(analysis),
            "legend": legend,
            "scores": scores::tables(analysis),
            "reach": training::reach(analysis),
            "figures": figures,
            "growth": growth,
            "compute": training::compute(analysis),
            "published": {
                "by_data": published::by_training_data(analysis),
                "compute": published::compute(),
                "scores": published::scores(analysis),
            },
            "samples": samples,
        }),
    )
}

fn facts_of(run: &Run) -> Value {
    let facts = |facts: &[(String, String)]| -> Vec<Value> {
        facts.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    let left_out = run.left_out.iter().map(|l| json!({ "task": l.task, "why": l.why, "how": l.how }));
    json!({
        "name": run.name,
        "key": run.key,
        "question": run.question,
        "recipe": run.recipe,
        "command": run.command,
        "started": format::date(run.started_unix_s),
        "compute": format::seconds(run.compute_s),
        "baseline": run.baseline,
        "primary": format!("{} {}", run.primary.0, run.primary.1),
        "environment": facts(&run.environment),
        "corpus": facts(&run.corpus),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
