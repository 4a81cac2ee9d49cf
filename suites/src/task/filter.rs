//! Reading an answer out of what the model wrote, as lm-evaluation-harness's filters do.

use super::config::{FilterConfig, FilterStep};
use crate::python::PythonRegex;

/// A named chain of steps from a response to an answer.
#[derive(Debug, Clone)]
pub struct Filter {
    name: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Regex { regex: PythonRegex, group_select: i64, fallback: String },
    TakeFirst,
}

impl Filter {
    /// Compiles a filter's patterns.
    ///
    /// # Errors
    /// A pattern that doesn't compile.
    pub fn new(config: &FilterConfig) -> Result<Self, String> {
        let step = |step: &FilterStep| {
            Ok(match step {
                FilterStep::Regex { regex_pattern, group_select, fallback } => Step::Regex {
                    regex: PythonRegex::new(regex_pattern)
                        .map_err(|error| format!("filter {}: {error}", config.name))?,
                    group_select: *group_select,
                    fallback: fallback.clone(),
                },
                FilterStep::TakeFirst => Step::TakeFirst,
            })
        };
        Ok(Self { name: config.name.clone(), steps: config.filter.iter().map(step).collect::<Result<_, String>>()? })
    }

    /// Its name, which goes into the metric's: `exact_match,strict-match`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The answer in one response.
    #[must_use]
    pub fn apply(&self, response: &str) -> String {
        let mut answer = response.to_owned();
        for step in &self.steps {
            if let Step::Regex { regex, group_select, fallback } = step {
                answer = select(&regex.find_all(&answer), *group_select).unwrap_or_else(|| fallback.clone());
            }
        }
        answer
    }
}

/// The chosen match: its first group that isn't empty, without surrounding white space.
fn select(matches: &[Vec<String>], index: i64) -> Option<String> {
    let position = if index < 0 { matches.len() as i64 + index } else { index };
    let groups = matches.get(usize::try_from(position).ok()?)?;
    let group = match groups.as_slice() {
        [only] => only,
        several => several.iter().find(|group| !group.is_empty())?,
    };
    Some(group.trim().to_owned())
}
