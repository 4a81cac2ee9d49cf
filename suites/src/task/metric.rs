//! `exact_match` as Hugging Face's `evaluate` and lm-evaluation-harness compute it.

use super::MetricConfig;
use crate::python::PythonRegex;

/// String comparison after both sides were put into a normal form.
#[derive(Debug, Clone)]
pub struct ExactMatch {
    ignore: Vec<PythonRegex>,
    ignore_case: bool,
    ignore_punctuation: bool,
    ignore_numbers: bool,
}

impl ExactMatch {
    /// Compiles the patterns to be cut out.
    ///
    /// # Errors
    /// A pattern that doesn't compile.
    pub fn new(config: &MetricConfig) -> Result<Self, String> {
        let compile = |pattern: &String| PythonRegex::new(pattern).map_err(|e| format!("regexes_to_ignore: {e}"));
        Ok(Self {
            ignore: config.regexes_to_ignore.iter().map(compile).collect::<Result<_, _>>()?,
            ignore_case: config.ignore_case,
            ignore_punctuation: config.ignore_punctuation,
            ignore_numbers: config.ignore_numbers,
        })
    }

    /// Whether the two are equal in normal form.
    #[must_use]
    pub fn matches(&self, prediction: &str, reference: &str) -> bool {
        self.normal(prediction) == self.normal(reference)
    }

    fn normal(&self, text: &str) -> String {
        let mut text = self.ignore.iter().fold(text.to_owned(), |text, regex| regex.remove(&text));
        if self.ignore_case {
            text = text.to_lowercase();
        }
        if self.ignore_punctuation {
            text.retain(|c| !c.is_ascii_punctuation());
        }
        if self.ignore_numbers {
            text.retain(|c| !c.is_ascii_digit());
        }
        text
    }
}
