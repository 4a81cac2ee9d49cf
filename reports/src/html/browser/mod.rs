//! The sample browser's data: every answer of every arm and seed, packed so that a page of 50,000 answers opens at once.
//!
//! The page holds an index (columns of small numbers) and the texts, each text once, in chunks of about a quarter of a
//! megabyte; index and chunks are JSON under gzip and base64. The page unpacks the index when its reader comes near the
//! browser, and a chunk when a text of it is wanted.

mod pack;
mod select;

use crate::Result;
use phi_suites::Sample;
use serde::Serialize;
use std::collections::BTreeMap;

use pack::{Texts, packed};
pub(crate) use select::USUAL_METRICS;

/// Letters kept of one text.
const MAX_LETTERS: usize = 20_000;
/// Answers kept of one sample (sampled programs, choices).
const MAX_RESPONSES: usize = 40;

/// Who answered: an arm at one seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) arm: &'a str,
    pub(crate) seed: u64,
    pub(crate) samples: &'a [Sample],
}

/// What the page carries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Packed {
    index: String,
    chunks: Vec<String>,
    /// Questions and answers that the page carries.
    n_questions: usize,
    n_answers: usize,
    /// Answers that there are.
    n_all: usize,
}

/// One question with its answers: (index of the source, sample).
type Answered<'a> = Vec<(usize, &'a Sample)>;

#[derive(Serialize)]
struct SourceName<'a> {
    arm: usize,
    seed: &'a str,
}

/// Columns of the index. A number is a position in another column or list; -1 stands for none.
#[derive(Serialize, Default)]
struct Index<'a> {
    arms: Vec<&'a str>,
    sources: Vec<SourceName<'a>>,
    tasks: Vec<&'a str>,
    groups: Vec<&'a str>,
    verdicts: Vec<&'a str>,
    /// Whether a verdict of `verdicts` counts as right.
    right: Vec<bool>,
    /// First text of each chunk.
    chunk_starts: Vec<usize>,
    questions: Questions<'a>,
    answers: Answers,
    responses: Responses,
}

#[derive(Serialize, Default)]
struct Questions<'a> {
    task: Vec<usize>,
    key: Vec<&'a str>,
    group: Vec<usize>,
    target: Vec<usize>,
    /// Position of the first answer; the others follow.
    first: Vec<usize>,
}

#[derive(Serialize, Default)]
struct Answers {
    source: Vec<usize>,
    verdict: Vec<usize>,
    prompt: Vec<usize>,
    /// Position of the first response; the others follow.
    first: Vec<usize>,
    /// Responses that the page leaves out.
    left_out: Vec<usize>,
}

#[derive(Serialize, Default)]
struct Responses {
    text: Vec<usize>,
    verdict: Vec<i64>,
    detail: Vec<i64>,
    log_likelihood: Vec<Option<f64>>,
}

/// Packs at most so many answers; of more, a choice that shows each kind, the same questions for every source.
pub(crate) fn pack(sources: &[Source<'_>], max_answers: usize) -> Result<Packed> {
    let seeds: Vec<String> = sources.iter().map(|s| s.seed.to_string()).collect();
    let mut index = Index::default();
    for (source, seed) in sources.iter().zip(&seeds) {
        let arm = position(&mut index.arms, source.arm);
        index.sources.push(SourceName { arm, seed });
    }
    let questions = collect(sources);
    let n_all = questions.iter().map(Vec::len).sum();
    let chosen = select::choose(&questions, max_answers);
    let mut texts = Texts::new();
    for answers in &chosen {
        add_question(&mut index, &mut texts, answers);
    }
    let (chunk_starts, chunks) = texts.into_chunks()?;
    index.chunk_starts = chunk_starts;
    let n_answers = index.answers.source.len();
    Ok(Packed { index: packed(&index)?, chunks, n_questions: chosen.len(), n_answers, n_all })
}

/// Questions in the order of task and document, each with its answers in the order of the sources.
fn collect<'a>(sources: &[Source<'a>]) -> Vec<Answered<'a>> {
    let mut questions: BTreeMap<(&str, usize, &str), Answered<'a>> = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        for sample in source.samples {
            questions.entry((&sample.task, sample.doc_id, &sample.key)).or_default().push((index, sample));
        }
    }
    questions.into_values().collect()
}

fn add_question<'a>(index: &mut Index<'a>, texts: &mut Texts<'a>, answers: &Answered<'a>) {
    let sample = answers[0].1;
    let questions = &mut index.questions;
    questions.task.push(position(&mut index.tasks, &sample.task));
    questions.group.push(position(&mut index.groups, &sample.group));
    questions.key.push(&sample.key);
    questions.first.push(index.answers.source.len());
    questions.target.push(texts.id(&sample.target));
    for (source, sample) in answers {
        let verdict = verdict(&mut index.verdicts, &mut index.right, select::verdict(sample), select::is_right(sample));
        index.answers.source.push(*source);
        index.answers.verdict.push(verdict);
        index.answers.prompt.push(texts.id(&sample.prompt));
        index.answers.first.push(index.responses.text.len());
        index.answers.left_out.push(sample.responses.len().saturating_sub(MAX_RESPONSES));
        for response in sample.responses.iter().take(MAX_RESPONSES) {
            let own = response.verdict.as_deref();
            let own = own.map(|v| self::verdict(&mut index.verdicts, &mut index.right, v, v == "passed") as i64);
            index.responses.text.push(texts.id(&response.text));
            index.responses.verdict.push(own.unwrap_or(-1));
            index.responses.detail.push(response.detail.as_deref().map_or(-1, |detail| texts.id(detail) as i64));
            index.responses.log_likelihood.push(response.log_likelihood.filter(|l| l.is_finite()));
        }
    }
}

fn verdict<'a>(verdicts: &mut Vec<&'a str>, right: &mut Vec<bool>, name: &'a str, is_right: bool) -> usize {
    let at = position(verdicts, name);
    if at == right.len() {
        right.push(is_right);
    }
    at
}

/// Where a name stands in a short list; it is added if it doesn't.
fn position<'a>(names: &mut Vec<&'a str>, name: &'a str) -> usize {
    names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}
