//! Methods of Python's `str`, `list` and `dict` that task templates call.

use minijinja::value::{Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind};

/// Calls `value.method(args)` as Python would, for the methods that lm-evaluation-harness's task files use.
///
/// # Errors
/// An unknown method, wrong arguments, or `list.index` of something that isn't there.
pub fn call_method(value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    if let Some(text) = value.as_str() {
        return str_method(text, method, args);
    }
    match (value.kind(), method) {
        (ValueKind::Seq, "index") => {
            let (wanted,): (Value,) = from_args(args)?;
            value
                .try_iter()?
                .position(|item| item == wanted)
                .map(Value::from)
                .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("{wanted} is not in the list {value}")))
        }
        (ValueKind::Map, "keys") => {
            let () = from_args(args)?;
            Ok(value.try_iter()?.collect())
        }
        (ValueKind::Map, "values") => {
            let () = from_args(args)?;
            value.try_iter()?.map(|key| value.get_item(&key)).collect::<Result<Vec<_>, _>>().map(Value::from)
        }
        (ValueKind::Map, "get") => {
            let (key, default): (Value, Option<Value>) = from_args(args)?;
            let found = value.get_item(&key)?;
            Ok(if found.is_undefined() { default.unwrap_or(Value::from(())) } else { found })
        }
        _ => Err(unknown(value, method)),
    }
}

fn str_method(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let trim = |start: bool, end: bool| -> Result<Value, Error> {
        let (set,): (Option<String>,) = from_args(args)?;
        let inside = |c: char| set.as_ref().map_or(c.is_whitespace(), |set| set.contains(c));
        let text = if start { text.trim_start_matches(inside) } else { text };
        Ok(Value::from(if end { text.trim_end_matches(inside) } else { text }))
    };
    match method {
        "strip" => trim(true, true),
        "lstrip" => trim(true, false),
        "rstrip" => trim(false, true),
        "lower" => from_args::<()>(args).map(|()| Value::from(text.to_lowercase())),
        "upper" => from_args::<()>(args).map(|()| Value::from(text.to_uppercase())),
        "startswith" => from_args::<(&str,)>(args).map(|(prefix,)| Value::from(text.starts_with(prefix))),
        "endswith" => from_args::<(&str,)>(args).map(|(suffix,)| Value::from(text.ends_with(suffix))),
        "replace" => from_args::<(&str, &str)>(args).map(|(from, to)| Value::from(text.replace(from, to))),
        "capitalize" => from_args::<()>(args).map(|()| Value::from(capitalize(text))),
        "split" => {
            let (separator, most): (Option<&str>, Option<usize>) = from_args(args)?;
            let parts: Vec<&str> = match (separator, most) {
                (Some(separator), Some(most)) => text.splitn(most + 1, separator).collect(),
                (Some(separator), None) => text.split(separator).collect(),
                (None, None) => text.split_whitespace().collect(),
                (None, Some(_)) => return Err(unknown(&Value::from(text), "split at white space with a maximum")),
            };
            Ok(Value::from(parts.into_iter().map(Value::from).collect::<Vec<_>>()))
        }
        _ => Err(unknown(&Value::from(text), method)),
    }
}

/// The first letter in upper case, the others in lower case.
fn capitalize(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + &rest.as_str().to_lowercase())
}

fn unknown(value: &Value, method: &str) -> Error {
    Error::new(ErrorKind::UnknownMethod, format!("{} has no method {method} here", value.kind()))
}
