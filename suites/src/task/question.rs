//! Documents as a model is asked them.

use super::fields::{FieldSources, Fields, fields, position};
use super::prompt::{self, Message, PromptOptions, turn};
use super::shots::Shots;
use super::{LoadedTask, Metric, OutputType};
use crate::data::Document;
use crate::template::{environment, evaluate, render};
use crate::{Pair, Request, SuiteError};
use minijinja::Environment;
use serde_json::Value;

/// One document as a model is asked it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Position in the split.
    pub doc_id: usize,
    /// The question's own id.
    pub key: String,
    /// What related questions share.
    pub cluster: String,
    /// Label to break scores down by.
    pub group: String,
    /// What the model is given; where the choices are contexts, the first of them.
    pub prompt: String,
    /// The choices, where there are any.
    pub choices: Vec<String>,
    /// Position of the right choice, where there are choices; the first of several.
    pub gold: usize,
    /// Positions of all right choices, where any of several counts.
    pub golds: Vec<usize>,
    /// Which of the choices are right, where their probability together counts.
    pub labels: Option<Vec<bool>>,
    /// The right answer as text; for code the test.
    pub target: String,
    /// All right answers as texts, where any of several counts.
    pub targets: Vec<String>,
    /// What `doc_to_target` gave, as lm-evaluation-harness logs it.
    pub raw_target: Value,
    /// For code: a weaker test whose result is reported besides, where the task has one.
    pub base_test: Option<String>,
    /// What the model is asked.
    pub requests: Vec<Request>,
}

/// Which side of a request the choices are.
enum Answer {
    /// One question, continued by each of the choices; or no choices at all.
    Continuations { golds: Vec<usize> },
    /// Each of the choices, continued by the one target.
    Contexts { gold: usize },
}

impl LoadedTask {
    /// The questions in the order of the documents, each with its shots; the first `limit` of them.
    ///
    /// # Errors
    /// As [`LoadedTask::questions_as`].
    pub fn questions(&self, num_fewshot: Option<usize>, limit: Option<usize>) -> Result<Vec<Question>, SuiteError> {
        self.questions_as(&PromptOptions { num_fewshot, limit, ..PromptOptions::default() })
    }

    /// The questions in the order of the documents, each with its shots.
    ///
    /// # Errors
    /// [`SuiteError::Shots`] where there aren't as many shots; [`SuiteError::Template`] and [`SuiteError::Function`] where the
    /// task file fails on a document; [`SuiteError::Model`] where the model has no chat template.
    pub fn questions_as(&self, options: &PromptOptions<'_>) -> Result<Vec<Question>, SuiteError> {
        let environment = environment();
        let prefix = options.gen_prefix.or(self.task.config.gen_prefix.as_deref());
        let shots = self.task.shots(options.num_fewshot);
        let mut shots = Shots::new(self, shots, prefix, &environment)?;
        let count = options.limit.unwrap_or(self.documents.len()).min(self.documents.len());
        let documents = &self.documents[..count];
        let columns: Vec<&Value> = documents.iter().map(|document| &document.columns).collect();
        let sources = FieldSources::of_questions(&self.task.config, prefix);
        let said = fields(&self.task, &environment, &sources, &columns)?;
        let mut questions = Vec::with_capacity(count);
        for (doc_id, (document, said)) in documents.iter().zip(said).enumerate() {
            let mut before: Vec<Message> = prompt::system(
                options.system_instruction,
                &self.description(&environment, doc_id)?,
                &self.task.config.fewshot_delimiter,
            )
            .into_iter()
            .collect();
            before.extend(shots.next(&document.columns));
            let mut question = self.question(doc_id, document, before, said, options)?;
            question.base_test = self.base_test(&environment, doc_id)?;
            question.labels = self.labels(&environment, &question)?;
            questions.push(question);
        }
        Ok(questions)
    }

    /// Every request in the order of the documents.
    ///
    /// # Errors
    /// As [`LoadedTask::questions_as`].
    pub fn requests(&self, num_fewshot: Option<usize>, limit: Option<usize>) -> Result<Vec<Request>, SuiteError> {
        Ok(self.questions(num_fewshot, limit)?.into_iter().flat_map(|question| question.requests).collect())
    }

    fn description(&self, environment: &Environment<'_>, doc_id: usize) -> Result<String, SuiteError> {
        let description = &self.task.config.description;
        let columns = &self.documents[doc_id].columns;
        match columns.get(description) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Ok(other.to_string()),
            None if !description.contains('{') => Ok(description.clone()),
            None => render(environment, description, columns)
                .map_err(|reason| self.task.template_fault(doc_id, "description", reason)),
        }
    }

    /// Which of a question's choices are right, where their probability together counts.
    fn labels(&self, environment: &Environment<'_>, question: &Question) -> Result<Option<Vec<bool>>, SuiteError> {
        let Some(expression) = &self.task.config.phi_bench.labels else { return Ok(None) };
        let fault = |reason: String| self.task.template_fault(question.doc_id, "labels", reason);
        let labels = evaluate(environment, expression, &self.documents[question.doc_id].columns).map_err(fault)?;
        let labels: Vec<u8> =
            serde_json::from_value(labels).map_err(|_| fault("doesn't give a list of 0 and 1".to_owned()))?;
        if labels.len() != question.choices.len() {
            return Err(fault(format!("{} labels for {} choices", labels.len(), question.choices.len())));
        }
        Ok(Some(labels.into_iter().map(|label| label == 1).collect()))
    }

    fn question(
        &self,
        doc_id: usize,
        document: &Document,
        before: Vec<Message>,
        said: Fields,
        options: &PromptOptions<'_>,
    ) -> Result<Question, SuiteError> {
        let config = &self.task.config;
        let answer = self.answer(doc_id, &said)?;
        let targets = texts(&said.target);
        let choices = said.choices.clone().unwrap_or_default();
        let prefix = said.prefix.as_deref();
        let prompt = |question: &str, delimiter: &str| {
            let mut messages = before.clone();
            messages.extend(turn(question, None, prefix, delimiter, ""));
            let failed = |source| SuiteError::Model { task: config.task.clone(), source };
            prompt::text(messages, options).map_err(failed)
        };
        let prompts: Vec<String> = match &answer {
            // The harness puts no delimiter between such a context and the beginning of an answer.
            Answer::Contexts { .. } => {
                choices.iter().map(|choice| prompt(choice, "")).collect::<Result<_, SuiteError>>()?
            }
            Answer::Continuations { .. } => vec![prompt(&text_of(&said.text), &config.target_delimiter)?],
        };
        let (golds, target) = match &answer {
            Answer::Contexts { gold } => (vec![*gold], text_of(&said.target)),
            Answer::Continuations { golds } => {
                let of_choice = golds.first().and_then(|&gold| choices.get(gold)).cloned();
                let first = targets.first().cloned().unwrap_or_default();
                (golds.clone(), of_choice.unwrap_or(first))
            }
        };
        let joins = |prefix: &str| !prefix.is_empty() && !prefix.ends_with(char::is_whitespace);
        let is_delimited = options.chat.is_none() || prefix.is_some_and(joins);
        let delimiter = if is_delimited { config.target_delimiter.as_str() } else { "" };
        let pair = |context: &str, delimiter: &str, continuation: &str| {
            let continuation = format!("{delimiter}{continuation}");
            Request::LogLikelihood(Pair { context: context.to_owned(), continuation })
        };
        let first = prompts.first().cloned().unwrap_or_default();
        let mut requests: Vec<Request> = match (config.output_type, &answer) {
            (OutputType::MultipleChoice, Answer::Continuations { .. }) => {
                choices.iter().map(|choice| pair(&first, delimiter, choice)).collect()
            }
            (OutputType::MultipleChoice, Answer::Contexts { .. }) => {
                prompts.iter().map(|prompt| pair(prompt, delimiter, &target)).collect()
            }
            // The target carries its own delimiter.
            (OutputType::LogLikelihood, _) => vec![pair(&first, "", &target)],
            (OutputType::LogLikelihoodRolling, _) => vec![Request::Rolling { text: target.clone() }],
            (OutputType::GenerateUntil, _) => {
                let arguments = self.task.generation_arguments();
                vec![Request::Generate { prompt: first.clone(), arguments }]
            }
        };
        if config.metric_list.iter().any(|metric| metric.metric == Metric::AccMutualInfo) {
            requests.extend(choices.iter().map(|choice| pair("", delimiter, choice)));
        }
        Ok(Question {
            doc_id,
            key: document.key.clone(),
            cluster: document.cluster.clone(),
            group: document.group.clone(),
            prompt: if config.output_type == OutputType::LogLikelihoodRolling { String::new() } else { first },
            choices,
            gold: golds.first().copied().unwrap_or_default(),
            golds,
            labels: None,
            target,
            targets,
            raw_target: said.target,
            base_test: None,
            requests,
        })
    }

    /// Which choices are right, and on which side of a request the choices stand.
    fn answer(&self, doc_id: usize, said: &Fields) -> Result<Answer, SuiteError> {
        let Some(choices) = &said.choices else { return Ok(Answer::Continuations { golds: Vec::new() }) };
        let none = |field: &str, given: &Value| {
            let given = given.as_str().map_or_else(|| given.to_string(), |text| format!("{text:?}"));
            self.task.template_fault(doc_id, field, format!("{given} is none of the choices"))
        };
        let inside = |at: usize| (at < choices.len()).then_some(at);
        let at = |value: &Value| match value {
            Value::Number(number) => number.as_u64().and_then(|at| inside(usize::try_from(at).ok()?)),
            Value::Bool(value) => inside(usize::from(*value)),
            // A raw column may hold the position as a text.
            Value::String(text) => {
                let same = choices.iter().position(|choice| choice == text);
                same.or_else(|| position(text).and_then(inside))
            }
            _ => None,
        };
        let asks_by_contexts = match &said.text {
            Value::Number(_) => true,
            Value::String(text) => position(text).is_some(),
            _ => false,
        };
        if asks_by_contexts && self.task.config.output_type == OutputType::MultipleChoice {
            let gold = at(&said.text).ok_or_else(|| none("doc_to_text", &said.text))?;
            return Ok(Answer::Contexts { gold });
        }
        let golds = match &said.target {
            Value::Array(several) => {
                several.iter().map(|one| at(one).ok_or_else(|| none("doc_to_target", one))).collect()
            }
            one => at(one).map(|gold| vec![gold]).ok_or_else(|| none("doc_to_target", one)),
        };
        Ok(Answer::Continuations { golds: golds? })
    }
}

fn text_of(value: &Value) -> String {
    crate::python::str_of_json(value)
}

/// One text, or several where the value is a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(several) => several.iter().map(text_of).collect(),
        one => vec![text_of(one)],
    }
}
