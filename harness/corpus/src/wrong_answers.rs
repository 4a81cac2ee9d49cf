//! Trivial wrong answers, which no exercise's tests may let pass.

use std::fmt::Write;

use crate::exercise::Exercise;

/// A wrong answer as a program of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongAnswer {
    /// What it does, for the report.
    pub what: String,
    /// Defines `name`.
    pub program: String,
    /// What to call.
    pub name: String,
}

const TRIVIAL: &[(&str, &str)] = &[
    ("returns None", "None"),
    ("returns the first argument", "args[0]"),
    ("returns 0", "0"),
    ("returns an empty list", "[]"),
    ("returns an empty string", "''"),
    ("returns False", "False"),
    ("returns True", "True"),
];

/// The constant answers, the first argument, and the solution with a constant of its docstring off by one.
pub(crate) fn wrong_answers(exercise: &Exercise) -> Vec<WrongAnswer> {
    let mut out: Vec<WrongAnswer> = TRIVIAL
        .iter()
        .map(|(what, value)| WrongAnswer {
            what: (*what).to_string(),
            program: format!("def wrong(*args):\n    return {value}\n"),
            name: "wrong".into(),
        })
        .collect();
    if let Some(body) = constant_off_by_one(exercise) {
        out.push(WrongAnswer {
            what: "has a constant off by one".into(),
            program: format!("{}{body}", exercise.prompt),
            name: exercise.entry_point.clone(),
        });
    }
    out
}

/// The body with the largest number that the description names raised by one. Numbers below three are as often part of
/// the algorithm as of the task, so they are left.
fn constant_off_by_one(exercise: &Exercise) -> Option<String> {
    let named = numbers(exercise.description());
    let body = &exercise.canonical_solution;
    let (at, text) = numbers(body)
        .into_iter()
        .filter(|(_, text)| named.iter().any(|(_, name)| name == text))
        .max_by_key(|(_, text)| text.parse::<u64>().unwrap_or(0))?;
    let value: u64 = text.parse().ok()?;
    (value > 2).then(|| format!("{}{}{}", &body[..at], value + 1, &body[at + text.len()..]))
}

/// Runs of digits that are not part of a name, each with its place.
fn numbers(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut out = vec![];
    let mut i = 0;
    while i < bytes.len() {
        let start = i;
        while i < bytes.len() && bytes[i].is_ascii_digit() {
            i += 1;
        }
        if i > start {
            let is_in_name = start > 0 && (bytes[start - 1].is_ascii_alphabetic() || bytes[start - 1] == b'_');
            if !is_in_name {
                out.push((start, &text[start..i]));
            }
        } else {
            i += 1;
        }
    }
    out
}

/// The exercise's test, run on the solution, and then on every wrong answer, each of which must fail.
pub(crate) fn strict_test(exercise: &Exercise) -> String {
    let mut test = format!("{}\ncheck({})\n", exercise.test, exercise.entry_point);
    test.push_str("def _survives(candidate):\n    try:\n        check(candidate)\n");
    test.push_str("    except Exception:\n        return False\n    return True\n");
    for (_, value) in TRIVIAL {
        let _ = writeln!(test, "assert not _survives(lambda *args: {value})");
    }
    if let Some(body) = constant_off_by_one(exercise) {
        // A JSON string of ASCII text is a Python string too.
        let program = serde_json::Value::from(format!("{}{body}", exercise.prompt));
        let _ = writeln!(test, "_space = {{}}\nexec({program}, _space)");
        let _ = writeln!(test, "assert not _survives(_space[{:?}])", exercise.entry_point);
    }
    test
}
