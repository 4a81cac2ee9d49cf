//! The normal form of a mathematical answer.
//!
//! Sources of the rules: Hendrycks et al. 2021 (arXiv 2103.03874), `math_equivalence.py`; Lewkowycz et al. 2022 (arXiv
//! 2206.14858), appendix D.1.

use crate::python::PythonRegex;
use std::sync::LazyLock;

/// What means nothing.
const DROPPED: [&str; 24] = [
    "\\left",
    "\\right",
    "\\bigl",
    "\\bigr",
    "\\Bigl",
    "\\Bigr",
    "\\big",
    "\\Big",
    "\\displaystyle",
    "\\!",
    "\\,",
    "\\;",
    "\\:",
    "\\ ",
    "\\quad",
    "\\qquad",
    "^{\\circ}",
    "^\\circ",
    "\\circ",
    "\\degree",
    "\\%",
    "%",
    "\\$",
    "$",
];

/// What is written in several ways.
const REPLACED: [(&str, &str); 14] = [
    ("\\dfrac", "\\frac"),
    ("\\tfrac", "\\frac"),
    ("\\cfrac", "\\frac"),
    ("\\leq", "\\le"),
    ("\\geq", "\\ge"),
    ("\\neq", "\\ne"),
    ("\\cdot", "*"),
    ("\\times", "*"),
    ("\\lbrace", "\\{"),
    ("\\rbrace", "\\}"),
    ("{,}", ","),
    ("\u{2212}", "-"),
    ("\\mbox", "\\text"),
    ("bmatrix", "pmatrix"),
];

/// Units that stand behind a number as plain words.
const UNITS: &str = "degrees?|dollars?|cents?|inch(?:es)?|feet|foot|ft|miles?|mph|cm|mm|km|meters?|metres?|gm|grams?|kg|\
                     pounds?|hours?|minutes?|seconds?|days?|weeks?|years?|units?|square|cubic|points?|ways?|students?|\
                     integers?|digits?|meals|edges|multiples";

struct Patterns {
    unit_text: PythonRegex,
    text: PythonRegex,
    units: PythonRegex,
    short_fraction: PythonRegex,
    half_short_fraction: PythonRegex,
    short_root: PythonRegex,
    indexed_root: PythonRegex,
    slash: PythonRegex,
    thousands: PythonRegex,
    assigned: PythonRegex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let regex = |pattern: &str| PythonRegex::new(pattern).expect("the built-in patterns compile");
    Patterns {
        // Behind a number or a bracket, text is a unit, perhaps squared.
        unit_text: regex(r"(?<=[0-9)}\]])\s*\\(?:text|mathrm|textrm)\s*\{[^{}]*\}(?:\^\{?[23]\}?)?"),
        text: regex(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|overline)\s*\{([^{}]*)\}"),
        units: regex(&format!(r"(?<=[0-9)}}\] ])\s*\b(?:{UNITS})\b\.?(?:\^\{{?[23]\}}?)?")),
        short_fraction: regex(r"\\frac\s*([0-9a-zA-Z])\s*([0-9a-zA-Z])"),
        half_short_fraction: regex(r"\\frac\s*([0-9a-zA-Z])\s*\{"),
        short_root: regex(r"\\sqrt\s*([0-9a-zA-Z])"),
        indexed_root: regex(r"\\sqrt\s*(\[[^\]]*\])\s*([0-9a-zA-Z])"),
        slash: regex(r"^(-?)([0-9]+)/([0-9]+)$"),
        thousands: regex(r"^(-?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?$"),
        assigned: regex(r"^(?:[a-zA-Z]|\\[a-zA-Z]+)(?:_\{?[0-9a-zA-Z]\}?)?(?:\([a-zA-Z]\))?(?:=|\\in(?![a-zA-Z]))"),
    }
});

/// The normal form of an answer: see the module's rules. Applying it again changes nothing.
#[must_use]
pub fn math_normal_form(answer: &str) -> String {
    // What is dropped or replaced may bring the next thing together, so it goes on until nothing changes.
    let mut text = once(answer);
    for _ in 0..8 {
        let next = once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn once(answer: &str) -> String {
    let patterns = &*PATTERNS;
    let mut text = answer.replace(['\n', '~'], " ");
    for (from, to) in REPLACED {
        text = text.replace(from, to);
    }
    text = patterns.unit_text.remove(&text);
    text = patterns.text.replace(&text, r"\1", 0);
    for dropped in DROPPED {
        text = drop_command(&text, dropped);
    }
    text = patterns.units.remove(&text);
    text = without_spaces(&text);
    text = text.trim_end_matches(['.', ',']).to_owned();
    text = patterns.assigned.remove(&text);
    text = leading_zero(&text);
    text = patterns.short_fraction.replace(&text, r"\\frac{\1}{\2}", 0);
    text = patterns.half_short_fraction.replace(&text, r"\\frac{\1}{", 0);
    text = patterns.indexed_root.replace(&text, r"\\sqrt\1{\2}", 0);
    text = patterns.short_root.replace(&text, r"\\sqrt{\1}", 0);
    text = patterns.slash.replace(&text, r"\1\\frac{\2}{\3}", 0);
    if !patterns.thousands.find_all(&text).is_empty() {
        text = text.replace(',', "");
    }
    text = text.replace("+\\infty", "\\infty");
    // A pair of braces around everything is no set.
    match text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        Some(inner) if !inner.contains(['{', '}']) => inner.to_owned(),
        _ => text,
    }
}

/// Without white space, but for that between a command and a letter, which would become one command.
fn without_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let command = out
            .rfind('\\')
            .is_some_and(|at| at + 1 < out.len() && out[at + 1..].chars().all(|c| c.is_ascii_alphabetic()));
        if command && word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Without a command, where it isn't the beginning of a longer one.
fn drop_command(text: &str, command: &str) -> String {
    let is_word = command.ends_with(|c: char| c.is_ascii_alphabetic());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(command) {
        let after = &rest[at + command.len()..];
        out.push_str(&rest[..at]);
        // `\\ ` is a new row of a matrix, and no space.
        let escaped = command.starts_with('\\') && rest[..at].ends_with('\\');
        if escaped || (is_word && after.starts_with(|c: char| c.is_ascii_alphabetic())) {
            out.push_str(command);
        }
        rest = after;
    }
    out + rest
}

/// `.5` as `0.5`.
fn leading_zero(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '.' && !before.is_ascii_digit() && chars.peek().is_some_and(char::is_ascii_digit) {
            out.push('0');
        }
        out.push(c);
        before = c;
    }
    out
}
