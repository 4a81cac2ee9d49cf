//! What every page shares: templates, style, scripts and the table of contents.

use crate::Result;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, HtmlEscape};
use serde_json::{Value, json};

/// The templates, by the names under which they include each other.
const TEMPLATES: [(&str, &str); 12] = [
    ("report.html", include_str!("../../templates/report.html")),
    ("compare.html", include_str!("../../templates/compare.html")),
    ("macros.html", include_str!("../../templates/macros.html")),
    ("head.html", include_str!("../../templates/head.html")),
    ("contents.html", include_str!("../../templates/contents.html")),
    ("scores.html", include_str!("../../templates/scores.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("training.html", include_str!("../../templates/training.html")),
    ("published.html", include_str!("../../templates/published.html")),
    ("samples.html", include_str!("../../templates/samples.html")),
    ("facts.html", include_str!("../../templates/facts.html")),
    ("notes.html", include_str!("../../templates/notes.html")),
];

const STYLE: &str = concat!(include_str!("../../templates/style.css"), include_str!("../../templates/browser.css"));
const SCRIPT: &str = concat!(
    include_str!("../../templates/data.js"),
    include_str!("../../templates/diff.js"),
    include_str!("../../templates/detail.js"),
    include_str!("../../templates/browser.js")
);

/// The table of contents: the sections that the page has.
pub(crate) struct Contents(Vec<(&'static str, &'static str)>);

impl Contents {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn with(mut self, id: &'static str, title: &'static str, is_there: bool) -> Self {
        if is_there {
            self.0.push((id, title));
        }
        self
    }
}

/// Renders a page from a template and its facts.
pub(crate) fn render(template: &str, contents: Contents, mut facts: Value) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("breakable", breakable);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    let palette = crate::plot::PALETTE.iter().map(|(light, dark)| json!({ "light": light, "dark": dark }));
    facts["palette"] = palette.collect();
    facts["contents"] = contents.0.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
    facts["style"] = STYLE.into();
    facts["script"] = SCRIPT.into();
    Ok(environment.get_template(template)?.render(Serde(facts))?)
}

/// A name that a narrow column may break between its parts, as HTML.
fn breakable(name: &str) -> minijinja::Value {
    let parts: Vec<String> =
        name.split_inclusive(['+', '_', ',', '/']).map(|part| HtmlEscape(part).to_string()).collect();
    minijinja::Value::from_safe_string(parts.join("<wbr>"))
}
