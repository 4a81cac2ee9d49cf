//! JSON as Python source. Numbers stay as they are written, so that integers of any size come through.

/// The Python literal that equals a JSON value, from the value's text.
///
/// `json` must be valid JSON; what isn't comes out as it went in.
#[must_use]
pub fn python_literal(json: &str) -> String {
    let mut python = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            letter if letter.is_ascii_alphabetic() => {
                rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())
            }
            digit if digit.is_ascii_digit() => {
                rest.find(|c: char| !matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-')).unwrap_or(rest.len())
            }
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        match token {
            "true" => python.push_str("True"),
            "false" => python.push_str("False"),
            "null" => python.push_str("None"),
            _ if first == '"' => match serde_json::from_str::<String>(token) {
                Ok(text) => push_string(&mut python, &text),
                Err(_) => python.push_str(token),
            },
            _ => python.push_str(token),
        }
        rest = after;
    }
    python
}

/// The text of one member of a JSON object, as it stands in `object`, which must be valid JSON.
pub(crate) fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let bytes = object.as_bytes();
    let (mut depth, mut start, mut i) = (0, None, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'"' => {
                let length = string_length(&object[i..]);
                let after = object[i + length..].trim_start();
                if depth == 1 && start.is_none() && after.starts_with(':') {
                    let key: String = serde_json::from_str(&object[i..i + length]).ok()?;
                    if key == name {
                        start = Some(object.len() - after.len() + 1);
                    }
                }
                i += length;
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        let ends = (depth == 1 && bytes[i] == b',') || depth == 0;
        if let (Some(start), true) = (start, ends) {
            return Some(object[start..i].trim());
        }
        i += 1;
    }
    None
}

/// The length of the JSON string that `text` starts with, both quotes counted.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

fn push_string(python: &mut String, text: &str) {
    python.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => python.extend(['\\', c]),
            ' '..='~' => python.push(c),
            _ => python.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    python.push('"');
}

#[cfg(test)]
mod tests {
    use super::{member, python_literal};

    #[test]
    fn json_becomes_python_with_every_digit() {
        let json = r#"[1e5, -99999999999999999999999, true, [null, false], {"a\/\"": "\ud83d\ude00\n true"}]"#;
        let python = r#"[1e5, -99999999999999999999999, True, [None, False], {"a/\"": "\U0001f600\U0000000a true"}]"#;
        assert_eq!(python_literal(json), python);
    }

    #[test]
    fn a_member_is_found_by_its_own_name_only() {
        let object = r#"{"a": {"b": 1, "c": "b"}, "x": "b", "b" : [2, {"b": 3}] , "c":4}"#;
        assert_eq!(member(object, "b"), Some(r#"[2, {"b": 3}]"#));
        assert_eq!(member(object, "c"), Some("4"));
        assert_eq!(member(object, "x"), Some(r#""b""#));
        assert_eq!(member(object, "d"), None);
    }
}
