//! Asking a model the questions of a task, and scoring what it says.

mod code;
mod generation;
mod log_likelihood;
mod multiple_choice;
mod options;
mod results;
mod rolling;
mod scores;

pub use options::{EvalOptions, Sampled};
pub use scores::score_samples;
pub(crate) use scores::{score, score_task};

use crate::task::{OutputType, PromptOptions, Question};
use crate::{
    Completion, Grader, LanguageModel, LoadedTask, LogLikelihood, ModelError, Pair, Prompt, Request, Response, Sample,
    Sampling, Score, SuiteError,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

/// Requests that are asked first; further portions grow as long as they take less than [`PORTION_TIME`].
const FIRST_PORTION: usize = 16;
const PORTION_TIME: Duration = Duration::from_secs(5);

/// What became of one task under one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Task name.
    pub task: String,
    /// Version of its prompts and scoring; 0 where the task gives none.
    pub version: f64,
    /// Shots that were given.
    pub num_fewshot: usize,
    /// One for each question, in the order of the documents.
    pub samples: Vec<Sample>,
    /// One for each metric, by name.
    pub scores: Vec<Score>,
    /// Requests whose context was cut on the left because it didn't fit. For log-likelihoods it is counted only for
    /// models that implement [`LanguageModel::overflow`].
    pub truncated_requests: usize,
    /// The tokens that a completion was allowed, where that is less than was asked for: more than half of the model's
    /// context would leave too little room for the question.
    pub capped_max_tokens: Option<usize>,
    /// Programs that the sandbox failed on. Their questions are left out of the scores that they concern.
    pub faults: Vec<Fault>,
}

/// A program that the sandbox failed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The question's own id.
    pub key: String,
    /// Which of the question's responses, from 0.
    pub response: usize,
    /// What failed.
    pub detail: String,
}

/// Asks `model` the questions of `task` and scores what it says.
///
/// `sandbox` runs the programs of code tasks. `progress` is called with the number of pieces of work that are done, and of
/// all; a request is a piece, and running a program another. Scores don't depend on `threads` or `requests_per_call`.
///
/// # Errors
/// Wrong options, a template that fails, a model that gives no answer, or a code task without a sandbox.
pub fn evaluate(
    task: &LoadedTask,
    model: &dyn LanguageModel,
    sandbox: Option<&dyn Grader>,
    options: &EvalOptions,
    progress: &dyn Fn(usize, usize),
) -> Result<Evaluation, SuiteError> {
    let questions = questions(task, model, options)?;
    evaluate_questions(task, &questions, model, sandbox, options, progress)
}

/// The questions of `task` as `options` have them put together, for [`evaluate_questions`].
///
/// # Errors
/// Wrong options, a template or a function that fails, or a model without a chat template where one is to be applied.
pub fn questions(
    task: &LoadedTask,
    model: &dyn LanguageModel,
    options: &EvalOptions,
) -> Result<Vec<Question>, SuiteError> {
    options.check()?;
    task.questions_as(&PromptOptions {
        num_fewshot: options.num_fewshot,
        limit: options.limit,
        system_instruction: options.system_instruction.as_deref(),
        gen_prefix: options.gen_prefix.as_deref(),
        chat: options.apply_chat_template.then_some(model),
        fewshot_as_multiturn: options.fewshot_as_multiturn,
    })
}

/// As [`evaluate`], of questions that are at hand already.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_questions(
    task: &LoadedTask,
    questions: &[Question],
    model: &dyn LanguageModel,
    sandbox: Option<&dyn Grader>,
    options: &EvalOptions,
    progress: &dyn Fn(usize, usize),
) -> Result<Evaluation, SuiteError> {
    options.check()?;
    let run = Run { task, model, options, progress };
    let mut answers = match task.task().config().output_type {
        OutputType::MultipleChoice => multiple_choice::answer(&run, questions)?,
        OutputType::LogLikelihood => log_likelihood::answer(&run, questions)?,
        OutputType::LogLikelihoodRolling => rolling::answer(&run, questions)?,
        OutputType::GenerateUntil if task.task().is_code() => {
            let sandbox = sandbox.ok_or_else(|| SuiteError::NoSandbox { task: task.task().name().to_owned() })?;
            code::answer(&run, questions, sandbox)?
        }
        OutputType::GenerateUntil => generation::answer(&run, questions)?,
    };
    results::by_function(task, &mut answers.samples)?;
    Ok(Evaluation {
        task: task.task().name().to_owned(),
        version: task.task().version(),
        num_fewshot: task.task().shots(options.num_fewshot),
        scores: score_task(task.task(), &answers.samples),
        samples: answers.samples,
        truncated_requests: answers.truncated_requests,
        capped_max_tokens: answers.capped_max_tokens,
        faults: answers.faults,
    })
}

/// What one way of asking gives back.
struct Answers {
    samples: Vec<Sample>,
    truncated_requests: usize,
    capped_max_tokens: Option<usize>,
    faults: Vec<Fault>,
}

/// What every way of asking needs.
struct Run<'a> {
    task: &'a LoadedTask,
    model: &'a dyn LanguageModel,
    options: &'a EvalOptions,
    progress: &'a dyn Fn(usize, usize),
}

impl Run<'_> {
    /// Asks in portions, and reports after each; `total` counts all work of the evaluation.
    fn ask<Q, A>(
        &self,
        requests: &[Q],
        total: usize,
        ask: impl Fn(&[Q]) -> Result<Vec<A>, ModelError>,
    ) -> Result<Vec<A>, SuiteError> {
        let mut answers = Vec::with_capacity(requests.len());
        (self.progress)(0, total);
        let most = self.options.requests_per_call.max(1);
        let mut size = FIRST_PORTION.min(most);
        let mut rest = requests;
        while !rest.is_empty() {
            let (portion, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            let started = Instant::now();
            let given = ask(portion).map_err(|source| self.model_error(source))?;
            if given.len() != portion.len() {
                return Err(SuiteError::AnswerCount {
                    task: self.task.task().name().to_owned(),
                    model: self.model.name().to_owned(),
                    given: given.len(),
                    asked: portion.len(),
                });
            }
            answers.extend(given);
            (self.progress)(answers.len(), total);
            // Answers don't depend on portions. Large ones share more work, small ones lose less to a kill.
            size = match started.elapsed() {
                short if short < PORTION_TIME / 2 => (size * 2).min(most),
                long if long > PORTION_TIME * 2 => (size / 2).max(FIRST_PORTION.min(most)),
                _ => size,
            };
        }
        Ok(answers)
    }

    /// Asks for every log-probability of the questions, in order, and counts the contexts that were cut.
    fn log_likelihoods(&self, questions: &[Question]) -> Result<(Vec<LogLikelihood>, usize), SuiteError> {
        let pairs: Vec<Pair> = questions
            .iter()
            .flat_map(|question| &question.requests)
            .filter_map(|request| match request {
                Request::LogLikelihood(pair) => Some(pair.clone()),
                Request::Generate { .. } | Request::Rolling { .. } => None,
            })
            .collect();
        let likelihoods = self.ask(&pairs, pairs.len(), |portion| self.model.loglikelihood(portion))?;
        let cut = self.model.overflow(&pairs).map_or(0, |cut| cut.iter().filter(|&&tokens| tokens > 0).count());
        Ok((likelihoods, cut))
    }

    fn generate(&self, prompts: &[Prompt], total: usize) -> Result<(Vec<Completion>, usize), SuiteError> {
        let completions = self.ask(prompts, total, |portion| self.model.generate(portion))?;
        let truncated = completions.iter().filter(|completion| completion.truncated_tokens > 0).count();
        Ok((completions, truncated))
    }

    fn model_error(&self, source: ModelError) -> SuiteError {
        SuiteError::Model { task: self.task.task().name().to_owned(), source }
    }

    /// Tokens that a completion may have, and the same if it is less than was asked for.
    fn max_tokens(&self) -> (usize, Option<usize>) {
        let asked = self.options.max_tokens.or(self.task.task().generation().map(|it| it.max_tokens)).unwrap_or(256);
        let half = (self.model.max_length() / 2).max(1);
        if asked > half { (half, Some(half)) } else { (asked, None) }
    }

    fn prompt(&self, question: &Question, max_tokens: usize, sampling: Sampling) -> Prompt {
        let stop = self.task.task().generation().map(|it| it.until.clone()).unwrap_or_default();
        Prompt { text: question.prompt.clone(), stop, max_tokens, sampling }
    }

    fn sample(&self, question: &Question) -> Sample {
        Sample {
            task: self.task.task().name().to_owned(),
            doc_id: question.doc_id,
            key: question.key.clone(),
            cluster: question.cluster.clone(),
            group: question.group.clone(),
            prompt: question.prompt.clone(),
            target: question.target.clone(),
            responses: Vec::new(),
            metrics: std::collections::BTreeMap::new(),
            pairs: std::collections::BTreeMap::new(),
        }
    }
}

/// A seed that depends on nothing but these, so that order, batches and other questions don't matter.
fn seed_of(seed: u64, task: &str, key: &str, index: usize) -> u64 {
    let digest = Sha256::digest(format!("phi-bench sample {seed} {} {task} {} {key} {index}", task.len(), key.len()));
    digest.iter().take(8).fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// A completion as a sample holds it.
fn written(text: String) -> Response {
    Response { text, log_likelihood: None, is_greedy: None, verdict: None, detail: None }
}

/// The position of the largest value; the first of equals, and the first that isn't a number, as numpy's `argmax`.
fn first_maximum(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (i, value) in values.enumerate() {
        if value.is_nan() {
            return i;
        }
        if value > best.1 {
            best = (i, value);
        }
    }
    best.0
}

/// A scored continuation as a sample holds it.
fn scored(text: &str, answer: LogLikelihood) -> Response {
    Response {
        text: text.to_owned(),
        log_likelihood: Some(answer.sum),
        is_greedy: Some(answer.is_greedy),
        verdict: None,
        detail: None,
    }
}
