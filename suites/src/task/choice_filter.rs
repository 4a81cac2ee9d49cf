//! lm-evaluation-harness's filter `multi_choice_regex`: a pattern, or else a choice's text, or else its letter after a colon.
//! All three give the letter in brackets.

use super::config::FilterStep;
use super::filter::select;
use crate::python::PythonRegex;
use serde_json::Value;

/// The compiled filter.
#[derive(Debug, Clone)]
pub(super) struct ChoiceFilter {
    regex: PythonRegex,
    group_select: i64,
    fallback: String,
    ignore_case: bool,
    ignore_punctuation: bool,
    ignore: Vec<PythonRegex>,
}

impl ChoiceFilter {
    /// Compiles a step of that name.
    pub fn new(step: &FilterStep) -> Result<Self, String> {
        let FilterStep::MultiChoiceRegex {
            regex_pattern,
            group_select,
            fallback,
            ignore_case,
            ignore_punctuation,
            regexes_to_ignore,
        } = step
        else {
            return Err("must be multi_choice_regex".to_owned());
        };
        Ok(Self {
            regex: PythonRegex::new(regex_pattern)?,
            group_select: *group_select,
            fallback: fallback.clone(),
            ignore_case: *ignore_case,
            ignore_punctuation: *ignore_punctuation,
            ignore: regexes_to_ignore.iter().map(|it| PythonRegex::new(it)).collect::<Result<_, _>>()?,
        })
    }

    /// The answers in the responses to one document, which has its choices in the column `choices`.
    pub fn apply(&self, responses: &[Value], document: &Value) -> Vec<Value> {
        let choices = document["choices"].as_array().map_or(&[][..], Vec::as_slice);
        let lettered: Vec<(String, char)> =
            choices.iter().filter_map(Value::as_str).map(|choice| self.normal(choice.trim())).zip('A'..).collect();
        let mut by_length: Vec<&(String, char)> = lettered.iter().collect();
        by_length.sort_by_key(|(text, _)| std::cmp::Reverse(text.chars().count()));
        let texts: Vec<String> = by_length.iter().map(|(text, _)| escape(text)).collect();
        let letters: Vec<String> = lettered.iter().map(|(_, letter)| letter.to_string()).collect();
        let texts = PythonRegex::new(&texts.join("|"));
        let letters = PythonRegex::new(&format!(r":[\s]*({})", letters.join("|")));
        let answer = |response: &Value| {
            let response = response.as_str().unwrap_or("");
            let not_empty = |found: Option<String>| found.filter(|text| !text.is_empty());
            let find = |regex: &PythonRegex, text: &str| not_empty(select(&regex.find_all(text), self.group_select));
            let by_text = || {
                let found = find(texts.as_ref().ok()?, &self.normal(response))?;
                let letter = lettered.iter().rfind(|(text, _)| *text == found).map(|(_, letter)| letter);
                Some(letter.map_or(found, |letter| format!("({letter})")))
            };
            let by_letter = || find(letters.as_ref().ok()?, response).map(|letter| format!("({letter})"));
            let found = find(&self.regex, response).or_else(by_text).or_else(by_letter);
            Value::from(found.unwrap_or_else(|| self.fallback.clone()))
        };
        responses.iter().map(answer).collect()
    }

    fn normal(&self, text: &str) -> String {
        let mut text = self.ignore.iter().fold(text.to_owned(), |text, regex| regex.remove(&text));
        if self.ignore_case {
            text = text.to_lowercase();
        }
        if self.ignore_punctuation {
            text = Self::without_punctuation(&text);
        }
        text
    }

    /// Without what Unicode calls punctuation: `\p{P}`.
    fn without_punctuation(text: &str) -> String {
        PythonRegex::new(r"\p{P}").map_or_else(|_| text.to_owned(), |regex| regex.remove(text))
    }
}

/// A text as a pattern that matches it and nothing else.
fn escape(text: &str) -> String {
    let special = |c: char| "\\.+*?()|[]{}^$#&-~ \t\n\r".contains(c);
    text.chars().fold(String::new(), |mut out, c| {
        if special(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
