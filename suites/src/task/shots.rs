//! The examples that stand before a question.

use super::fields::{FieldSources, Fields, fields};
use super::prompt::{Message, turn};
use super::{LoadedTask, Sampler};
use crate::SuiteError;
use crate::python::Random;
use minijinja::Environment;
use serde_json::Value;

/// Seed of the shots, as lm-evaluation-harness has it by default.
const FEWSHOT_SEED: u64 = 1234;

/// Chooses the shots of one document after the other, as lm-evaluation-harness's samplers do. The default one draws them
/// by one generator a task, whose state runs on from document to document.
pub(super) struct Shots {
    count: usize,
    sampler: Sampler,
    /// The columns of each example and the messages that it makes.
    pool: Vec<(Value, Vec<Message>)>,
    random: Random,
    may_leak: bool,
}

impl Shots {
    pub fn new(
        loaded: &LoadedTask,
        count: usize,
        prefix: Option<&str>,
        environment: &Environment<'_>,
    ) -> Result<Self, SuiteError> {
        let config = loaded.task().config();
        let own = config.fewshot_config.as_ref();
        let sampler = own.map(|own| own.sampler).unwrap_or_default();
        let split = own.and_then(|own| own.split.as_ref()).or(config.fewshot_split.as_ref());
        // When shots may come from the split under test, the document itself is left out.
        let may_leak = split == config.test_split.as_ref();
        let random = Random::new(FEWSHOT_SEED);
        if count == 0 {
            return Ok(Self { count, sampler, pool: Vec::new(), random, may_leak });
        }
        let shortage = |available: String| SuiteError::Shots { task: config.task.clone(), wanted: count, available };
        let (origin, documents) = loaded.examples(&shortage)?;
        if count + usize::from(may_leak) > documents.len() {
            return Err(shortage(format!("{origin} has {} documents", documents.len())));
        }
        let target_delimiter = own.and_then(|own| own.target_delimiter.as_ref()).unwrap_or(&config.target_delimiter);
        let after = own.and_then(|own| own.fewshot_delimiter.as_ref()).unwrap_or(&config.fewshot_delimiter);
        let shown: Vec<&Value> = documents.iter().collect();
        let said = fields(loaded.task(), environment, &FieldSources::of_shots(config, prefix), &shown)?;
        let messages = |(doc_id, said): (usize, &Fields)| {
            let fault = |reason: &str| loaded.task().template_fault(doc_id, "a shot", reason.to_owned());
            let question = match (&said.text, &said.choices) {
                (Value::Number(position), Some(choices)) => choice(position, choices),
                (Value::String(text), _) => Some(text.clone()),
                (other, _) => Some(other.to_string()),
            };
            let question = question.ok_or_else(|| fault("doc_to_text is no choice's position"))?;
            let answer = answer(said).ok_or_else(|| fault("doc_to_target is no choice's position"))?;
            Ok(turn(&question, answer.as_deref(), said.prefix.as_deref(), target_delimiter, after))
        };
        let messages: Vec<Vec<Message>> = said.iter().enumerate().map(messages).collect::<Result<_, SuiteError>>()?;
        let pool = documents.into_iter().zip(messages).collect();
        Ok(Self { count, sampler, pool, random, may_leak })
    }

    pub fn next(&mut self, document: &Value) -> Vec<Message> {
        if self.count == 0 {
            return Vec::new();
        }
        let is_other = |i: &usize| !self.may_leak || self.pool[*i].0 != *document;
        let chosen: Vec<usize> = match self.sampler {
            Sampler::FirstN => (0..self.pool.len()).filter(is_other).take(self.count).collect(),
            Sampler::Default => {
                let drawn = self.random.sample_indices(self.pool.len(), self.count + usize::from(self.may_leak));
                let chosen: Vec<usize> = drawn.into_iter().filter(is_other).take(self.count).collect();
                if chosen.len() < self.count {
                    // More than one copy of the document was drawn: again, from the others.
                    let others: Vec<usize> = (0..self.pool.len()).filter(is_other).collect();
                    let again = self.random.sample_indices(others.len(), self.count.min(others.len()));
                    again.into_iter().map(|i| others[i]).collect()
                } else {
                    chosen
                }
            }
        };
        chosen.into_iter().flat_map(|i| self.pool[i].1.clone()).collect()
    }
}

fn choice(position: &serde_json::Number, choices: &[String]) -> Option<String> {
    choices.get(usize::try_from(position.as_u64()?).ok()?).cloned()
}

/// A shot's answer: a choice by its position, the first of several, or the text. The outer none is a position without a
/// choice, the inner one the lack of an answer.
fn answer(said: &Fields) -> Option<Option<String>> {
    Some(match (&said.target, &said.choices) {
        (Value::Null, _) => None,
        (Value::Number(position), Some(choices)) => Some(choice(position, choices)?),
        (Value::Array(several), choices) => match (several.first(), choices) {
            (Some(Value::Number(position)), Some(choices)) => Some(choice(position, choices)?),
            (Some(Value::String(text)), _) => Some(text.clone()),
            (first, _) => first.map(Value::to_string),
        },
        (Value::String(text), Some(choices)) if !choices.contains(text) => {
            // A raw column may hold the position as a text.
            super::fields::position(text).and_then(|at| choices.get(at).cloned()).or_else(|| Some(text.clone()))
        }
        (Value::String(text), _) => Some(text.clone()),
        (other, _) => Some(other.to_string()),
    })
}
