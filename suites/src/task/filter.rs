//! Reading an answer out of what the model wrote, as lm-evaluation-harness's filters do.

use super::choice_filter::ChoiceFilter;
use super::config::{FilterConfig, FilterStep};
use crate::python::PythonRegex;
use serde_json::{Map, Value};

/// A named chain of steps from responses to an answer.
#[derive(Debug, Clone)]
pub struct Filter {
    name: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Regex { regex: PythonRegex, group_select: i64, fallback: String },
    Choice(Box<ChoiceFilter>),
    RemoveWhitespace,
    Lowercase,
    Uppercase,
    Map { mapping: Map<String, Value>, default: Value },
    TakeFirst,
    TakeFirstK(usize),
    MajorityVote,
}

impl Filter {
    /// Compiles a filter's patterns. `repeats` is the number of responses that it will be given.
    ///
    /// # Errors
    /// A pattern that doesn't compile, or steps that don't go together.
    pub fn new(config: &FilterConfig, repeats: usize) -> Result<Self, String> {
        let of_filter = |reason: String| format!("filter {}: {reason}", config.name);
        let steps: Vec<Step> =
            config.filter.iter().map(|step| compile(step, repeats)).collect::<Result<_, _>>().map_err(of_filter)?;
        let first = steps.iter().position(|step| matches!(step, Step::TakeFirst));
        if first.is_some_and(|first| first + 1 < steps.len()) {
            return Err(of_filter("take_first must be the last step, since it leaves one answer".to_owned()));
        }
        Ok(Self { name: config.name.clone(), steps })
    }

    /// lm-evaluation-harness's filter where a file has none.
    #[must_use]
    pub fn none() -> Self {
        Self { name: "none".to_owned(), steps: vec![Step::TakeFirst] }
    }

    /// Its name, which goes into the metric's: `exact_match,strict-match`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The answer in one response.
    #[must_use]
    pub fn apply(&self, response: &str) -> String {
        match self.apply_all(&[response], &Value::Null) {
            Value::String(answer) => answer,
            Value::Array(mut answers) => match answers.pop() {
                Some(Value::String(answer)) => answer,
                other => other.unwrap_or_default().to_string(),
            },
            other => other.to_string(),
        }
    }

    /// The answer in the responses to one document: one value if the last step takes the first, and a list otherwise.
    #[must_use]
    pub fn apply_all(&self, responses: &[&str], document: &Value) -> Value {
        let mut answers: Vec<Value> = responses.iter().map(|&response| response.into()).collect();
        for step in &self.steps {
            let each = |change: &dyn Fn(&str) -> Value, answers: &[Value]| -> Vec<Value> {
                // Anything but a text is an empty one, as in the harness's regex filter.
                answers.iter().map(|answer| change(answer.as_str().unwrap_or(""))).collect()
            };
            answers = match step {
                Step::Regex { regex, group_select, fallback } => each(
                    &|text| select(&regex.find_all(text), *group_select).unwrap_or_else(|| fallback.clone()).into(),
                    &answers,
                ),
                Step::Choice(filter) => filter.apply(&answers, document),
                Step::RemoveWhitespace => each(&|text| text.trim().into(), &answers),
                Step::Lowercase => each(&|text| text.to_lowercase().into(), &answers),
                Step::Uppercase => each(&|text| text.to_uppercase().into(), &answers),
                Step::Map { mapping, default } => each(&|text| mapping.get(text).unwrap_or(default).clone(), &answers),
                Step::TakeFirst => return answers.into_iter().next().unwrap_or_default(),
                Step::TakeFirstK(k) => answers.into_iter().take(*k).collect(),
                Step::MajorityVote => majority(&answers).into_iter().collect(),
            };
        }
        Value::Array(answers)
    }
}

fn compile(step: &FilterStep, repeats: usize) -> Result<Step, String> {
    Ok(match step {
        FilterStep::Regex { regex_pattern, group_select, fallback } => Step::Regex {
            regex: PythonRegex::new(regex_pattern)?,
            group_select: *group_select,
            fallback: fallback.clone(),
        },
        choice @ FilterStep::MultiChoiceRegex { .. } => Step::Choice(Box::new(ChoiceFilter::new(choice)?)),
        FilterStep::RemoveWhitespace => Step::RemoveWhitespace,
        FilterStep::Lowercase => Step::Lowercase,
        FilterStep::Uppercase => Step::Uppercase,
        FilterStep::Map { mapping_dict, default_value } => {
            Step::Map { mapping: mapping_dict.clone(), default: default_value.clone() }
        }
        FilterStep::TakeFirst => Step::TakeFirst,
        FilterStep::TakeFirstK { k } if *k == 0 || *k > repeats => {
            return Err(format!("take_first_k: {k} of {repeats} responses can't be taken; set repeats"));
        }
        FilterStep::TakeFirstK { k } => Step::TakeFirstK(*k),
        FilterStep::MajorityVote => Step::MajorityVote,
    })
}

/// The chosen match: its first group that isn't empty, without surrounding white space.
pub(super) fn select(matches: &[Vec<String>], index: i64) -> Option<String> {
    let position = if index < 0 { matches.len() as i64 + index } else { index };
    let groups = matches.get(usize::try_from(position).ok()?)?;
    let group = match groups.as_slice() {
        [only] => only,
        several => several.iter().find(|group| !group.is_empty())?,
    };
    Some(group.trim().to_owned())
}

/// The answer that came most often; the first of equals, as `Counter.most_common`.
fn majority(answers: &[Value]) -> Option<Value> {
    let count = |answer: &Value| answers.iter().filter(|other| *other == answer).count();
    let most = answers.iter().map(count).max()?;
    answers.iter().find(|answer| count(answer) == most).cloned()
}
