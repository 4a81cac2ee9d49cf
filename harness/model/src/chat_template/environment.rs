//! Jinja as `transformers` sets it up.

use super::clock::strftime;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};
use std::time::SystemTime;

/// Steps of a template at most: far more than any conversation takes, and the end of a loop that has none.
const FUEL: u64 = 5_000_000;

pub(super) fn environment(now: SystemTime) -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the default delimiters are valid"));
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_formatter(|out, state, value| match python_text(value) {
        Some(text) => out.write_str(text).map_err(Error::from),
        None => minijinja::escape_formatter(out, state, value),
    });
    environment.set_fuel(Some(FUEL));
    environment.add_filter("tojson", to_json);
    environment.add_function("raise_exception", |reason: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, format!("the template refuses it: {reason}")))
    });
    environment.add_function("strftime_now", move |format: String| strftime(&format, now));
    environment
}

/// What Python prints differently.
fn python_text(value: &Value) -> Option<&'static str> {
    if value.is_none() {
        return Some("None");
    }
    match bool::try_from(value.clone()) {
        Ok(truth) if value.kind() == minijinja::value::ValueKind::Bool => Some(if truth { "True" } else { "False" }),
        _ => None,
    }
}

/// Python's `json.dumps(value, ensure_ascii=False, indent=indent)`.
fn to_json(_: &State, value: Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    // Accepted as `transformers` does: the first is the default here, the others aren't in use.
    let _: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    let mut out = Vec::new();
    let fault = |error: serde_json::Error| Error::new(ErrorKind::BadSerialization, error.to_string());
    match indent {
        Some(width) => {
            let spaces = vec![b' '; width.min(64)];
            value.serialize(&mut Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(&spaces)))
        }
        None => value.serialize(&mut Serializer::with_formatter(&mut out, Spaced)),
    }
    .map_err(fault)?;
    String::from_utf8(out).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// `", "` and `": "` between the parts, as Python has them.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

/// A template without `{% generation %}` and `{% endgeneration %}`, which mark the assistant's part for training and print
/// nothing. What their dashes and the trimming of blocks take away stays taken away: a comment stands in their place.
pub(super) fn without_generation_marks(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{%") {
        let Some(length) = rest[at..].find("%}").map(|end| end + 2) else { break };
        let block = &rest[at..at + length];
        let inner = block.trim_start_matches("{%").trim_end_matches("%}");
        let (left, right) = (inner.starts_with('-'), inner.ends_with('-'));
        out.push_str(&rest[..at]);
        if matches!(inner.trim_matches('-').trim(), "generation" | "endgeneration") {
            out.push_str(if left { "{%- if true -%}" } else { "{% if true -%}" });
            out.push_str(if right { "{%- endif -%}" } else { "{%- endif %}" });
        } else {
            out.push_str(block);
        }
        rest = &rest[at + length..];
    }
    out + rest
}

/// What went wrong, and at which line of the template.
pub(super) fn describe(error: &Error) -> String {
    let place = error.line().map_or(String::new(), |line| format!("line {line} of the chat template: "));
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    format!("{place}{detail}")
}
