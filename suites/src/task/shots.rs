//! The examples that stand before a question.

use super::{LoadedTask, Sampler};
use crate::SuiteError;
use crate::data::{Document, read_documents};
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
    /// The columns of each example and the text that it makes.
    pool: Vec<(Value, String)>,
    random: Random,
    may_leak: bool,
}

impl Shots {
    pub fn new(loaded: &LoadedTask, count: usize, environment: &Environment<'_>) -> Result<Self, SuiteError> {
        let config = loaded.task().config();
        let sampler = config.fewshot_config.as_ref().map(|fewshot| fewshot.sampler).unwrap_or_default();
        // When shots may come from the split under test, one more is drawn and the document itself left out.
        let may_leak = sampler == Sampler::Default && config.fewshot_split == config.test_split;
        let random = Random::new(FEWSHOT_SEED);
        if count == 0 {
            return Ok(Self { count, sampler, pool: Vec::new(), random, may_leak });
        }
        let shortage = |available: String| SuiteError::Shots { task: config.task.clone(), wanted: count, available };
        let (origin, documents) = examples(loaded, &shortage)?;
        if count + usize::from(may_leak) > documents.len() {
            return Err(shortage(format!("{origin} has {} documents", documents.len())));
        }
        let shot = |(doc_id, columns): (usize, Value)| {
            let mut shown = columns.clone();
            if let Value::Object(columns) = &mut shown {
                columns.insert("is_fewshot".to_owned(), Value::Bool(true));
            }
            let rendered = loaded.render(environment, doc_id, &shown)?;
            let answer = match rendered.target.as_str() {
                "" => String::new(),
                target => format!("{}{target}", config.target_delimiter),
            };
            let text = format!("{}{answer}{}", rendered.text, config.fewshot_delimiter);
            Ok((columns, text))
        };
        let pool = documents.into_iter().enumerate().map(shot).collect::<Result<_, SuiteError>>()?;
        Ok(Self { count, sampler, pool, random, may_leak })
    }

    pub fn next(&mut self, document: &Document) -> String {
        if self.count == 0 {
            return String::new();
        }
        if self.sampler == Sampler::FirstN {
            return self.pool[..self.count].iter().map(|(_, text)| text.as_str()).collect();
        }
        let drawn = self.random.sample_indices(self.pool.len(), self.count + usize::from(self.may_leak));
        drawn
            .into_iter()
            .map(|i| &self.pool[i])
            .filter(|(shot, _)| !self.may_leak || *shot != document.columns)
            .take(self.count)
            .map(|(_, text)| text.as_str())
            .collect()
    }
}

/// Where a task's examples come from, in words, and their columns: its own, or else the documents of a split.
fn examples(loaded: &LoadedTask, shortage: &dyn Fn(String) -> SuiteError) -> Result<(String, Vec<Value>), SuiteError> {
    let samples = loaded.task().config().fewshot_config.as_ref().map(|fewshot| fewshot.samples.as_slice());
    if let Some(samples @ [_, ..]) = samples {
        return Ok(("its own list".to_owned(), samples.iter().cloned().map(Value::Object).collect()));
    }
    let split = loaded.task().shot_split();
    let source = loaded.shots_from.as_ref().ok_or_else(|| shortage(format!("its {split} split isn't here")))?;
    let documents = read_documents(loaded.task(), source)?;
    Ok((format!("its {split} split"), documents.into_iter().map(|document| document.columns).collect()))
}
