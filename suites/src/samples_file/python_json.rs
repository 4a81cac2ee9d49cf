//! JSON as CPython's `json` module writes and reads it: with `NaN`, `Infinity` and `-Infinity` as numbers.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// The object that a text is. Where it holds a number that JSON lacks, that is `null`.
///
/// # Errors
/// What is wrong with the text, in words.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, String> {
    let value = serde_json::from_str(text).or_else(|error| match without_nonfinite(text) {
        Cow::Owned(text) => serde_json::from_str(&text),
        Cow::Borrowed(_) => Err(error),
    });
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(format!("is {}, not an object", kind(&other))),
        Err(error) => {
            // There is only one line; its number is the caller's.
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let hint = if reason.contains("hex escape") { " (half of a surrogate pair is no text)" } else { "" };
            Err(format!("not JSON: {reason} at column {}{hint}", error.column()))
        }
    }
}

/// What kind of value it is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The text with `null` for each such number outside its strings.
fn without_nonfinite(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut position = 0;
    let mut in_string = false;
    while position < text.len() {
        match text.as_bytes()[position] {
            b'\\' if in_string => position += 1,
            b'"' => in_string = !in_string,
            b'N' | b'I' | b'-' if !in_string => {
                let name = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| text[position..].starts_with(name));
                if let Some(name) = name {
                    out.push_str(&text[kept..position]);
                    out.push_str("null");
                    position += name.len();
                    kept = position;
                    continue;
                }
            }
            _ => {}
        }
        position += 1;
    }
    if kept == 0 { Cow::Borrowed(text) } else { Cow::Owned(out + &text[kept..]) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_only_python_writes_are_read_outside_strings() {
        let got = object(r#"{"a": NaN, "b": [-Infinity, Infinity, -1], "c": "é\\\"NaN"}"#).unwrap();
        assert_eq!(Value::Object(got).to_string(), r#"{"a":null,"b":[null,null,-1],"c":"é\\\"NaN"}"#);
    }

    #[test]
    fn what_is_no_object_is_refused_in_words() {
        assert_eq!(object("[1]").unwrap_err(), "is a list, not an object");
        assert_eq!(object("{\"a\": 1").unwrap_err(), "not JSON: EOF while parsing an object at column 7");
        assert!(object(r#"{"a": "\ud800"}"#).unwrap_err().contains("surrogate"));
        assert!(object("Nay").unwrap_err().starts_with("not JSON: expected value"));
    }
}
