//! What is wrong with a recipe, and where.

use std::fmt::Display;
use toml::de::{DeTable, DeValue};

/// A field that can't be used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flaw {
    /// The field, as `arms[2].data`; the nearest table that is there is pointed at if it isn't.
    pub field: String,
    /// What is wrong with it, and what would do.
    pub reason: String,
}

/// A flaw of a field.
pub(super) fn flaw(field: impl Into<String>, reason: impl Into<String>) -> Flaw {
    Flaw { field: field.into(), reason: reason.into() }
}

impl Flaw {
    /// The message: file, line, field, reason.
    pub(super) fn message(&self, text: &str, origin: &str) -> String {
        let place = line_of(text, &self.field).map_or_else(String::new, |line| format!(":{line}"));
        format!("{origin}{place}: {}: {}", self.field, self.reason)
    }
}

/// The line, from 1, on which a field stands; that of the innermost table around it if it doesn't stand there.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut at = None;
    let mut value: Option<&DeValue<'_>> = None;
    for part in field.split('.').flat_map(|part| part.split_inclusive('[')) {
        let part = part.trim_end_matches('[');
        let next = match part.strip_suffix(']') {
            Some(index) => {
                let item = value.and_then(DeValue::as_array).and_then(|items| items.get(index.parse::<usize>().ok()?));
                item.map(|item| (item.span().start, item.get_ref()))
            }
            None => {
                let inner = match value {
                    None => Some(table.get_ref()),
                    Some(value) => value.as_table(),
                };
                let entry = inner.and_then(|t| t.iter().find(|(key, _)| key.get_ref().as_ref() == part));
                entry.map(|(key, value)| (key.span().start, value.get_ref()))
            }
        };
        let Some((start, found)) = next else { break };
        at = Some(start);
        value = Some(found);
    }
    at.map(|start| text[..start.min(text.len())].matches('\n').count() + 1)
}

/// "; did you mean ...?" where one of the names is close to what was written; otherwise the names there are.
pub(super) fn suggest<N: AsRef<str> + Display>(written: &str, names: &[N]) -> String {
    match closest(written, names) {
        Some(name) => format!("; did you mean \"{name}\"?"),
        None if names.is_empty() => String::new(),
        None => {
            let shown: Vec<&str> = names.iter().take(20).map(AsRef::as_ref).collect();
            let more = names.len().saturating_sub(shown.len());
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("; there are {}{rest}", shown.join(", "))
        }
    }
}

fn closest<'n, N: AsRef<str>>(written: &str, names: &'n [N]) -> Option<&'n str> {
    let names = names.iter().map(AsRef::as_ref);
    let near =
        names.map(|name| (strsim::damerau_levenshtein(written, name), name)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, name)| *distance <= name.len().max(written.len()) / 3 + 1).map(|(_, name)| name)
}

/// What the TOML reader says, with a suggestion where it lists the names that it knows.
pub(super) fn with_suggestion(message: &str) -> String {
    let message = message.trim_end();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let is_unknown = message.contains("unknown field") || message.contains("unknown variant");
    // The reader quotes the source above its message; what it says itself begins at the last of these words.
    let said = message.rfind("unknown field").or_else(|| message.rfind("unknown variant"));
    if let (true, Some(said)) = (is_unknown, said) {
        quoted = message[said..].split('`').skip(1).step_by(2);
    }
    let Some(written) = quoted.next().filter(|_| is_unknown) else { return message.to_owned() };
    let names: Vec<&str> = quoted.collect();
    match closest(written, &names) {
        Some(name) => format!("{message}\ndid you mean `{name}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"x\"\n\n[corpus]\nseed = 1\nvocab = 3\n\n[[arms]]\nname = \"a\"\n\n[[arms]]\nname = \"b\"\ndata = \"c\"\n";

    #[test]
    fn a_field_is_found_on_its_line_or_in_the_table_around_it() {
        assert_eq!(line_of(TEXT, "corpus.vocab"), Some(5));
        assert_eq!(line_of(TEXT, "arms[1].data"), Some(12));
        assert_eq!(line_of(TEXT, "corpus.missing"), Some(3));
        assert_eq!(line_of(TEXT, "missing"), None);
    }

    #[test]
    fn a_misspelt_name_is_answered_by_the_closest_one() {
        assert_eq!(suggest("textbok", &["code", "textbooks"]), "; did you mean \"textbooks\"?");
        assert_eq!(suggest("zzz", &["code", "textbooks"]), "; there are code, textbooks");
        let said = "unknown field `sed`, expected one of `seed`, `path`";
        assert!(with_suggestion(said).ends_with("did you mean `seed`?"));
    }
}
