//! Python literals read as JSON: `ast.literal_eval` of what templates render.

use serde_json::{Map, Number, Value};

/// The value of a Python literal: None, booleans, numbers, texts, lists, tuples (as lists), and dicts with keys that are
/// texts; none where the text is anything else.
#[must_use]
pub fn literal_eval(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text.trim() };
    let value = reader.value()?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Value> {
        self.space();
        let first = self.rest.chars().next()?;
        match first {
            '[' => self.items('[', ']').map(|(items, _)| Value::from(items)),
            '(' => {
                let (mut items, comma) = self.items('(', ')')?;
                if items.len() == 1 && !comma { items.pop() } else { Some(Value::from(items)) }
            }
            '{' => self.dict(),
            '\'' | '"' => self.texts().map(Value::from),
            '-' | '+' | '.' | '0'..='9' => self.number(),
            _ => {
                let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                let value = match word {
                    "None" => Value::Null,
                    "True" => Value::Bool(true),
                    "False" => Value::Bool(false),
                    "u" if rest.starts_with(['\'', '"']) => {
                        self.rest = rest;
                        return self.texts().map(Value::from);
                    }
                    _ => return None,
                };
                self.rest = rest;
                Some(value)
            }
        }
    }

    /// The items between brackets, and whether a comma came after the last.
    fn items(&mut self, open: char, close: char) -> Option<(Vec<Value>, bool)> {
        self.rest = self.rest.strip_prefix(open)?;
        let close = close.to_string();
        let (mut items, mut comma) = (Vec::new(), true);
        loop {
            if self.take(&close) {
                return Some((items, comma));
            }
            if !comma {
                return None;
            }
            items.push(self.value()?);
            comma = self.take(",");
        }
    }

    fn dict(&mut self) -> Option<Value> {
        self.rest = self.rest.strip_prefix('{')?;
        let (mut map, mut comma) = (Map::new(), true);
        loop {
            if self.take("}") {
                return Some(Value::Object(map));
            }
            if !comma {
                return None;
            }
            let Value::String(key) = self.value()? else { return None };
            if !self.take(":") {
                return None;
            }
            map.insert(key, self.value()?);
            comma = self.take(",");
        }
    }

    /// Texts that stand one after the other are one.
    fn texts(&mut self) -> Option<String> {
        let mut out = String::new();
        loop {
            self.space();
            let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else { return Some(out) };
            self.text(quote, &mut out)?;
        }
    }

    fn text(&mut self, quote: char, out: &mut String) -> Option<()> {
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[i + c.len_utf8()..];
                    return Some(());
                }
                '\n' => return None,
                '\\' => {
                    let (_, escaped) = chars.next()?;
                    let digits = match escaped {
                        'n' => {
                            out.push('\n');
                            0
                        }
                        't' => {
                            out.push('\t');
                            0
                        }
                        'r' => {
                            out.push('\r');
                            0
                        }
                        '\\' | '\'' | '"' => {
                            out.push(escaped);
                            0
                        }
                        '\n' => 0,
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        other => {
                            out.extend(['\\', other]);
                            0
                        }
                    };
                    if digits > 0 {
                        let hex: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                        out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
                    }
                }
                c => out.push(c),
            }
        }
        None
    }

    fn number(&mut self) -> Option<Value> {
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
        let mut end = 0;
        let mut before = ' ';
        for (i, c) in self.rest.char_indices() {
            let sign = matches!(c, '+' | '-') && i > 0 && !matches!(before, 'e' | 'E');
            if !inside(c) || sign {
                break;
            }
            before = c;
            end = i + c.len_utf8();
        }
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        let token = token.replace('_', "");
        let token = token.strip_prefix('+').unwrap_or(&token);
        if token.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) {
            return None;
        }
        if let Ok(whole) = token.parse::<i64>() {
            return Some(whole.into());
        }
        Number::from_f64(token.parse().ok()?).map(Value::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::literal_eval;
    use serde_json::json;

    #[test]
    fn literals_are_read_as_python_reads_them() {
        for (text, value) in [
            ("['a', \"b's\", 'c\\'\\n']", json!(["a", "b's", "c'\n"])),
            ("[1, -2.5, 1e3, True, None,]", json!([1, -2.5, 1000.0, true, null])),
            ("('a',)", json!(["a"])),
            ("('a')", json!("a")),
            ("{'a': [1, (2, 3)]}", json!({"a": [1, [2, 3]]})),
            ("['a' 'b']", json!(["ab"])),
            ("'\\xe9\\u00e9'", json!("éé")),
        ] {
            assert_eq!(literal_eval(text), Some(value), "{text}");
        }
        for text in ["[a]", "['a'", "1 + 2", "f('x')", "['a' 1]", "[1 2]", "{1: 2}", ""] {
            assert_eq!(literal_eval(text), None, "{text}");
        }
    }
}
