//! Values as CPython's `str` and `repr` write them, for templates that print more than text.

use super::json::float_repr;
use minijinja::value::{Serde, Value, ValueKind};

/// `str(value)`: a text as it is, anything else as [`repr`].
#[must_use]
pub fn str_of(value: &Value) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_owned)
}

/// `str(value)` of what JSON holds.
#[must_use]
pub fn str_of_json(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| repr(&Value::from(Serde(value))), str::to_owned)
}

/// `repr(value)` of None, booleans, numbers, texts, lists and dicts.
#[must_use]
pub fn repr(value: &Value) -> String {
    let items = |value: &Value| value.try_iter().into_iter().flatten().collect::<Vec<_>>();
    match value.kind() {
        ValueKind::Undefined => String::new(),
        ValueKind::None => "None".to_owned(),
        ValueKind::Bool => if value.is_true() { "True" } else { "False" }.to_owned(),
        ValueKind::Number => match f64::try_from(value.clone()) {
            Ok(float) if !value.is_integer() => float_repr(float),
            _ => value.to_string(),
        },
        ValueKind::String => quote(value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            format!("[{}]", items(value).iter().map(repr).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Map => {
            let pair = |key: &Value| {
                let item = value.get_item(key).unwrap_or(Value::UNDEFINED);
                format!("{}: {}", repr(key), repr(&item))
            };
            format!("{{{}}}", items(value).iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        _ => value.to_string(),
    }
}

/// A text in quotes: single ones unless only double ones need no escape.
fn quote(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            // Latin-1's controls and no-break space are the ones outside ASCII that texts have and `repr` escapes.
            '\u{80}'..='\u{a0}' | '\u{ad}' => out.push_str(&format!("\\x{:02x}", c as u32)),
            '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::{Serde, Value, repr, str_of};
    use serde_json::json;

    #[test]
    fn values_are_written_as_cpython_writes_them() {
        // Python 3.11: repr([...])
        let value = Value::from(Serde(json!([1, 1.0, true, null, "it's", "say \"it's\"\n", {"a": []}])));
        assert_eq!(repr(&value), r#"[1, 1.0, True, None, "it's", 'say "it\'s"\n', {'a': []}]"#);
        assert_eq!(str_of(&Value::from("it's")), "it's");
    }
}
