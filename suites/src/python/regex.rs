//! Python's `re` on top of fancy-regex, for the filters and metrics of task files.

use fancy_regex::{Captures, Regex};

/// A pattern written for Python's `re` module.
///
/// Two things differ between the engines and are translated: `$` also stands before a newline at the very end, and
/// `\Z` is the very end.
#[derive(Debug, Clone)]
pub struct PythonRegex {
    regex: Regex,
}

impl PythonRegex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What the regex engine says of a pattern it doesn't take.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let regex = Regex::new(&translate(pattern)).map_err(|error| format!("regex {pattern:?}: {error}"))?;
        Ok(Self { regex })
    }

    /// `re.findall(pattern, text)`: for each match its groups in order (the whole match if there are none); a group that
    /// took no part is empty.
    #[must_use]
    pub fn find_all(&self, text: &str) -> Vec<Vec<String>> {
        let groups = |captures: &Captures<'_>| -> Vec<String> {
            let first = usize::from(captures.len() > 1);
            (first..captures.len())
                .map(|i| captures.get(i).map_or_else(String::new, |group| group.as_str().to_owned()))
                .collect()
        };
        // An error here is the engine's limit on backtracking; such a text has no further matches for us.
        self.regex.captures_iter(text).map_while(Result::ok).map(|captures| groups(&captures)).collect()
    }

    /// `re.sub(pattern, "", text)`.
    #[must_use]
    pub fn remove(&self, text: &str) -> String {
        self.regex.try_replacen(text, 0, "").map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
    }

    /// `re.sub(pattern, repl, text, count)`, with `\1` in `repl` as a group; a `count` of 0 means all.
    #[must_use]
    pub fn replace(&self, text: &str, repl: &str, count: usize) -> String {
        let expand = |captures: &Captures<'_>| expand(repl, captures);
        self.regex.try_replacen(text, count, expand).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
    }
}

fn expand(repl: &str, captures: &Captures<'_>) -> String {
    let mut out = String::new();
    let mut chars = repl.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                chars.next();
                let group = digit.to_digit(10).unwrap_or(0) as usize;
                out.push_str(captures.get(group).map_or("", |group| group.as_str()));
            }
            ('\\', Some('n')) => {
                chars.next();
                out.push('\n');
            }
            ('\\', Some('\\')) => {
                chars.next();
                out.push('\\');
            }
            _ => out.push(c),
        }
    }
    out
}

fn translate(pattern: &str) -> String {
    let multi_line = pattern.starts_with("(?") && pattern.find(')').is_some_and(|end| pattern[..end].contains('m'));
    let mut out = String::new();
    let mut in_class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('Z') if !in_class => out.push_str(r"\z"),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push('[');
                // A bracket right after the opening one stands for itself.
                let mut rest = chars.clone();
                let negated = rest.clone().next() == Some('^');
                if negated {
                    rest.next();
                    out.push('^');
                    chars = rest.clone();
                }
                if rest.next() == Some(']') {
                    out.push_str(r"\]");
                    chars.next();
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '$' if !in_class && !multi_line => out.push_str(r"(?=\n?\z)"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_python() {
        let strict = PythonRegex::new(r"#### (\-?[0-9\.\,]+)").unwrap();
        assert_eq!(strict.find_all("#### -1,8. and #### 19"), [["-1,8."], ["19"]]);
        let flexible = PythonRegex::new("(-?[$0-9.,]{2,})|(-?[0-9]+)").unwrap();
        assert_eq!(flexible.find_all("$18.00 or 7"), [["$18.00", ""], ["", "7"]]);
        // Python 3.11: re.sub(r"\.$", "", "18.\n") == "18\n"
        assert_eq!(PythonRegex::new(r"\.$").unwrap().remove("18.\n"), "18\n");
        assert_eq!(PythonRegex::new(r"[]a]").unwrap().remove("a]b"), "b");
        assert_eq!(PythonRegex::new(r"(\w+) (\w+)").unwrap().replace("a b c d", r"\2 \1", 1), "b a c d");
        assert!(PythonRegex::new("(").is_err());
    }
}
