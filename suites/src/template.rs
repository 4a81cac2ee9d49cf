//! Jinja templates as lm-evaluation-harness sets them up: strict about undefined names, trailing newlines kept.

use crate::python::{PythonRegex, call_method, dumps, python_literal, str_of};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;

/// EvalPlus's checker, which tests include.
const EVALPLUS: &str = include_str!("../tasks/evalplus.py");

/// An environment for the templates and expressions of a task file.
pub fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax());
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(|out, _, value| Ok(out.write_str(&str_of(value))?));
    environment.set_unknown_method_callback(|_, value, method, args| call_method(value, method, args));
    environment.add_filter("regex_replace", regex_replace);
    environment.add_filter("python_literal", |text: &str| python_literal(&dumps(&Value::from(text))));
    environment.add_template("evalplus.py", EVALPLUS).expect("the built-in template is valid");
    environment
}

fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder().keep_trailing_newline(true).build().expect("the default delimiters are valid")
}

fn regex_replace(text: &str, pattern: &str, repl: &str, count: Option<usize>) -> Result<String, Error> {
    let regex = PythonRegex::new(pattern).map_err(|reason| Error::new(ErrorKind::InvalidOperation, reason))?;
    Ok(regex.replace(text, repl, count.unwrap_or(0)))
}

/// Renders a template with the fields of a document as its names.
pub fn render(environment: &Environment<'_>, template: &str, document: &Value) -> Result<String, String> {
    environment.render_named_str("template", template, Serde(document)).map_err(|error| describe(&error))
}

/// Evaluates an expression with the fields of a document as its names. Undefined is an error.
pub fn evaluate(environment: &Environment<'_>, expression: &str, document: &Value) -> Result<Value, String> {
    let value = environment
        .compile_expression_owned(expression.to_owned())
        .and_then(|expression| expression.eval(Serde(document)))
        .map_err(|error| describe(&error))?;
    if value.is_undefined() {
        return Err(format!("{expression} is missing"));
    }
    serde_json::to_value(&value).map_err(|error| format!("{expression}: {error}"))
}

/// The expression inside a template that is nothing but `{{ expression }}`.
pub fn sole_expression(template: &str) -> Option<&str> {
    let inner = template.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("}}") && !inner.contains("{{")).then(|| inner.trim())
}

fn describe(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}
