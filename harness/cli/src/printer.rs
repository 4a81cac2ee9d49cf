//! What goes to standard output (results) and to standard error (everything else).
use crate::exit::Exit;
use std::io::Write;

/// Prints a result. A closed pipe is nobody's error.
pub fn line(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
}

/// Prints a result as JSON.
pub fn json(value: &impl serde::Serialize) {
    line(serde_json::to_string_pretty(value).expect("results are plain JSON"));
}

/// Says something that isn't a result. Where nobody can hear it, the work goes on.
pub fn note(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says what went wrong: each cause once.
pub fn error(error: &anyhow::Error, exit: Exit) {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // A transparent wrapper repeats what it wraps.
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    match exit {
        Exit::Interrupted => note(text),
        _ => note(format_args!("error: {text}")),
    }
}
