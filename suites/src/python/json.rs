//! `json.dumps(value, sort_keys=True)` as CPython writes it.

use serde_json::Value;

/// The text that CPython's `json.dumps(value, sort_keys=True)` gives: `", "` and `": "` as separators, everything
/// outside ASCII as `\uXXXX` (surrogate pairs beyond the basic plane), floats as `repr` writes them.
#[must_use]
pub fn dumps(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => match n.as_f64() {
            Some(float) if n.is_f64() => out.push_str(&float_repr(float)),
            _ => out.push_str(&n.to_string()),
        },
        Value::String(s) => string(s, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                string(key, out);
                out.push_str(": ");
                write(&map[key], out);
            }
            out.push('}');
        }
    }
}

fn string(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

/// Shortest digits that read back as the same float; scientific below 1e-4 and from 1e16 on, as `float.__repr__`.
fn float_repr(x: f64) -> String {
    let magnitude = x.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{x:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    format!("{x:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_equals_what_cpython_writes() {
        // Python 3.11: json.dumps([...], sort_keys=True)
        let value = json!({"b": [1, 0.0, -2.5, true, null], "a": "é😀\u{7f}\n\"\\/\u{1}"});
        assert_eq!(
            dumps(&value),
            "{\"a\": \"\\u00e9\\ud83d\\ude00\\u007f\\n\\\"\\\\/\\u0001\", \"b\": [1, 0.0, -2.5, true, null]}"
        );
        for (x, text) in
            [(1e-5, "1e-05"), (1e16, "1e+16"), (123456.75, "123456.75"), (1.5e-7, "1.5e-07"), (1e-4, "0.0001")]
        {
            assert_eq!(float_repr(x), text);
        }
    }
}
