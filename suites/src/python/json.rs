//! `json.dumps` as CPython writes it.

use serde_json::Value;

/// The text that CPython's `json.dumps(value, sort_keys=True)` gives: `", "` and `": "` as separators, everything
/// outside ASCII as `\uXXXX` (surrogate pairs beyond the basic plane), floats as `repr` writes them.
#[must_use]
pub fn dumps(value: &Value) -> String {
    let mut writer = Writer { out: String::new(), indent: None, sorted: true, ascii: true };
    writer.value(value, 0);
    writer.out
}

/// The text that CPython's `json.dumps(value, indent=indent, ensure_ascii=False)` gives, with keys in their own order; on one
/// line without an indent.
#[must_use]
pub fn dumps_indented(value: &Value, indent: Option<usize>) -> String {
    let mut writer = Writer { out: String::new(), indent, sorted: false, ascii: false };
    writer.value(value, 0);
    writer.out
}

struct Writer {
    out: String,
    indent: Option<usize>,
    sorted: bool,
    ascii: bool,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Number(n) => match n.as_f64() {
                Some(float) if n.is_f64() => self.out.push_str(&float_repr(float)),
                _ => self.out.push_str(&n.to_string()),
            },
            Value::String(s) => self.string(s),
            Value::Array(items) => {
                self.members('[', ']', items.len(), depth, |writer, i| writer.value(&items[i], depth + 1));
            }
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                if self.sorted {
                    keys.sort();
                }
                self.members('{', '}', keys.len(), depth, |writer, i| {
                    writer.string(keys[i]);
                    writer.out.push_str(": ");
                    writer.value(&map[keys[i]], depth + 1);
                });
            }
        }
    }

    fn members(&mut self, open: char, close: char, count: usize, depth: usize, member: impl Fn(&mut Self, usize)) {
        self.out.push(open);
        for i in 0..count {
            if i > 0 {
                self.out.push(',');
            }
            match self.indent {
                Some(_) => self.new_line(depth + 1),
                None if i > 0 => self.out.push(' '),
                None => {}
            }
            member(self, i);
        }
        if count > 0 && self.indent.is_some() {
            self.new_line(depth);
        }
        self.out.push(close);
    }

    fn new_line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', depth * self.indent.unwrap_or(0)));
    }

    fn string(&mut self, s: &str) {
        self.out.push('"');
        for c in s.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                ' '..='~' => self.out.push(c),
                c if !self.ascii && c >= '\u{7f}' => self.out.push(c),
                _ => {
                    let mut units = [0; 2];
                    for unit in c.encode_utf16(&mut units) {
                        self.out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
        }
        self.out.push('"');
    }
}

/// Shortest digits that read back as the same float; scientific below 1e-4 and from 1e16 on, as `float.__repr__`.
pub(super) fn float_repr(x: f64) -> String {
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
    fn indented_text_equals_what_cpython_writes() {
        // Python 3.11: json.dumps({"b": ["é", {}], "a": []}, indent=2, ensure_ascii=False)
        let value = json!({"b": ["é", {}], "a": []});
        let indented = "{\n  \"b\": [\n    \"é\",\n    {}\n  ],\n  \"a\": []\n}";
        assert_eq!(dumps_indented(&value, Some(2)), indented);
        assert_eq!(dumps_indented(&value, None), r#"{"b": ["é", {}], "a": []}"#);
    }

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
