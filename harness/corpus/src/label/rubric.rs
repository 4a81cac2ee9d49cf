//! The embedded labeller: eight criteria, each worth a part of five points.

use serde::Serialize;

use super::Features;

/// How the embedded labeller names itself; the number rises when its scores change.
pub const RUBRIC: &str = "embedded-rubric-1";

/// What the rubric thinks of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rubric {
    /// From 0 to 5: the points, rounded.
    pub score: u8,
    /// The sum of the criteria's points, after the caps.
    pub points: f64,
    /// Why: what it is capped by, and the criteria by what they lost.
    pub reason: String,
}

/// One thing that makes code good to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Criterion {
    /// Its name, as reasons use it.
    pub name: &'static str,
    /// Points at the most.
    pub weight: f64,
    /// How well a source meets it, from 0 to 1.
    pub met: fn(&Features) -> f64,
}

/// The criteria; their weights add up to 5.
pub const CRITERIA: &[Criterion] = &[
    Criterion { name: "docstrings", weight: 1.25, met: docstrings },
    Criterion { name: "self-containedness", weight: 1.0, met: self_containedness },
    Criterion { name: "function length", weight: 0.75, met: function_length },
    Criterion { name: "boilerplate", weight: 0.5, met: boilerplate },
    Criterion { name: "naming", weight: 0.5, met: naming },
    Criterion { name: "nesting", weight: 0.5, met: nesting },
    Criterion { name: "comments", weight: 0.25, met: comments },
    Criterion { name: "dead imports", weight: 0.25, met: dead_imports },
];

/// Scores a document. The points are capped at 1 where the text isn't Python, and at 2 where no function does anything.
pub fn rubric(text: &str) -> Rubric {
    let features = Features::of(text);
    let mut lost: Vec<(f64, String)> = vec![];
    let mut points = 0.0;
    for criterion in CRITERIA {
        let met = (criterion.met)(&features).clamp(0.0, 1.0);
        points += met * criterion.weight;
        if met < 0.995 {
            let loss = (1.0 - met) * criterion.weight;
            lost.push((loss, format!("{} {:.2} of {}", criterion.name, met * criterion.weight, criterion.weight)));
        }
    }
    let (cap, why) = if features.has_syntax_errors {
        (1.0, "it isn't Python throughout")
    } else if features.statements == 0 {
        (2.0, "no function does anything")
    } else {
        (5.0, "")
    };
    points = points.min(cap);
    lost.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut reasons: Vec<String> = if why.is_empty() { vec![] } else { vec![format!("at most {cap}: {why}")] };
    reasons.extend(lost.into_iter().map(|(_, reason)| reason));
    let reason = if reasons.is_empty() { "every criterion is met".to_owned() } else { reasons.join("; ") };
    Rubric { score: points.round() as u8, points, reason }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Functions, classes and the module that have a docstring.
fn docstrings(f: &Features) -> f64 {
    share(f.documented, f.definitions)
}

/// Imported modules that Python itself brings: a student can run the code as it is.
fn self_containedness(f: &Features) -> f64 {
    share(f.standard_imports, f.standard_imports + f.foreign_imports)
}

/// Functions of 30 lines or fewer; none at all teach nothing about functions.
fn function_length(f: &Features) -> f64 {
    const SHORT: usize = 30;
    if f.function_lines.is_empty() {
        return 0.0;
    }
    share(f.function_lines.iter().filter(|lines| **lines <= SHORT).count(), f.function_lines.len())
}

/// Lines that are neither a licence nor imports nor tables of data.
fn boilerplate(f: &Features) -> f64 {
    1.0 - share(f.header_lines + f.import_lines + f.data_lines, f.lines.max(1))
}

/// Names of three letters or more, or the short ones that everybody reads.
fn naming(f: &Features) -> f64 {
    const SHORT: &[&str] =
        &["i", "j", "k", "n", "x", "y", "a", "b", "f", "_", "id", "ok", "fn", "lo", "hi", "xs", "ys"];
    let tells = |name: &&String| name.len() >= 3 || SHORT.contains(&name.as_str());
    share(f.names.iter().filter(tells).count(), f.names.len())
}

/// Three levels are easy to follow, six aren't.
fn nesting(f: &Features) -> f64 {
    match f.nesting {
        0..=3 => 1.0,
        4 => 0.6,
        5 => 0.3,
        _ => 0.0,
    }
}

/// A comment for every twenty lines is enough.
fn comments(f: &Features) -> f64 {
    const ENOUGH: f64 = 0.05;
    share(f.comment_lines, f.lines.max(1)) / ENOUGH
}

/// Imported names that something uses.
fn dead_imports(f: &Features) -> f64 {
    1.0 - share(f.dead_imports, f.imported_names.max(1))
}
