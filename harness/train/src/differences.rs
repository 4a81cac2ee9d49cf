//! In what two sets of settings differ, for people.

use serde_json::Value;
use std::collections::BTreeSet;

/// The settings that two JSON values don't share, as `name was X, is Y`; empty where they are equal.
pub fn setting_differences(then: &Value, now: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", then, now, &mut lines);
    lines
}

fn compare(name: &str, then: &Value, now: &Value, lines: &mut Vec<String>) {
    if let (Some(a), Some(b)) = (then.as_object(), now.as_object()) {
        let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
        for part in names {
            let name = if name.is_empty() { part.clone() } else { format!("{name}.{part}") };
            compare(&name, a.get(part).unwrap_or(&Value::Null), b.get(part).unwrap_or(&Value::Null), lines);
        }
    } else if then != now {
        lines.push(format!("{name} was {then}, is {now}"));
    }
}
