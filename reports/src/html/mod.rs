//! The report: one self-contained HTML file, from the templates in `templates/`.

mod browser;
mod published;
mod view;

use crate::{Analysis, Result, Run};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde_json::json;

const PAGE: &str = include_str!("../../templates/report.html");
const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/browser.js");

/// The report of a run: one HTML file that needs no network, opens in light and dark mode, and prints.
///
/// Whatever the run carries (prompts, completions, names) is escaped: a model's output can't run in the page.
///
/// # Errors
/// [`crate::ReportError::Plot`] and [`crate::ReportError::Template`], which no run should bring about.
pub fn render_html(run: &Run, analysis: &Analysis) -> Result<String> {
    let pictures = crate::plot::pictures(run, analysis)?;
    let styles = crate::plot::styles(analysis);
    let svg = |id: &str| {
        pictures.iter().find(|p| p.id == id).map(|p| json!({ "title": p.title, "caption": p.caption, "svg": p.svg }))
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", PAGE)?;
    let legend: Vec<_> = styles.iter().map(|s| json!({ "arm": s.arm, "color": s.css })).collect();
    let page = environment.get_template("report.html")?.render(Serde(json!({
        "run": view::run(run),
        "answer": analysis.answer,
        "warnings": analysis.warnings,
        "legend": legend,
        "palette": crate::plot::PALETTE.iter().map(|(light, dark)| json!({ "light": light, "dark": dark })).collect::<Vec<_>>(),
        "scores": view::score_tables(analysis),
        "reach": view::reach(analysis),
        "forest": svg("forest"),
        "loss_flops": svg("loss-flops"),
        "loss_steps": svg("loss-steps"),
        "groups": svg("groups"),
        "pass_at_k": svg("pass-at-k"),
        "growth": view::growth(analysis),
        "compute": view::compute(analysis),
        "published": published::rows(),
        "style": STYLE,
        "script": SCRIPT,
        "samples": browser::json(run)?,
        "n_samples": run.arms.iter().map(|a| a.samples.len()).sum::<usize>(),
    })))?;
    Ok(page)
}
