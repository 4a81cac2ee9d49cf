//! Questions whose answer is read out of what the model writes.

use super::{Answers, Run, seed_of, written};
use crate::answers::{math_answer, math_equivalent, squad_exact_match, squad_f1};
use crate::task::{Filter, Metric, Question};
use crate::{Completion, Prompt, Sample, Sampling, SuiteError};
use serde_json::Value;

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let (max_tokens, capped_max_tokens) = run.max_tokens();
    let task = run.task.task();
    let sampled = task.generation().and_then(|generation| generation.sampled);
    // Greedy completions of one question are all the same.
    let drawn = if sampled.is_some() { task.repeats() } else { 1 };
    let sampling = |question: &Question, index: usize| match sampled {
        None => Sampling::Greedy,
        Some((temperature, top_p)) => {
            let seed = seed_of(run.options.seed, task.name(), &question.key, index);
            Sampling::Nucleus { temperature, top_p, seed }
        }
    };
    let prompts: Vec<Prompt> = questions
        .iter()
        .flat_map(|question| (0..drawn).map(move |index| (question, index)))
        .map(|(question, index)| run.prompt(question, max_tokens, sampling(question, index)))
        .collect();
    let (completions, truncated_requests) = run.generate(&prompts, prompts.len())?;
    let samples = questions.iter().zip(completions.chunks(drawn.max(1))).map(|(question, completions)| {
        let mut sample = run.sample(question);
        let texts = completions.iter().map(|Completion { text, .. }| text.clone());
        sample.responses = texts.cycle().take(task.repeats().max(drawn)).map(written).collect();
        measure(run, question, &mut sample);
        sample
    });
    Ok(Answers { samples: samples.collect(), truncated_requests, capped_max_tokens, faults: Vec::new() })
}

/// Sets each metric for each filter; `metric,filter` where the task names its filters.
fn measure(run: &Run<'_>, question: &Question, sample: &mut Sample) {
    let task = run.task.task();
    if task.config().process_results.is_some() {
        return;
    }
    let responses: Vec<&str> = sample.responses.iter().map(|response| response.text.as_str()).collect();
    let document = run.task.document(question.doc_id);
    let apply = |filter: &Filter, suffix: String| {
        let answer = match filter.apply_all(&responses, document) {
            Value::String(text) => text,
            Value::Array(several) => several.first().map_or(String::new(), text),
            other => text(&other),
        };
        let value = |metric: &Metric| value(run, question, metric, &answer);
        let metrics = task.config().metric_list.iter();
        metrics
            .filter_map(|it| Some((format!("{}{suffix}", it.metric.score_name()), value(&it.metric)?)))
            .collect::<Vec<_>>()
    };
    let named = task.filters().iter().flat_map(|filter| apply(filter, format!(",{}", filter.name())));
    let mut measured: Vec<(String, f64)> = named.collect();
    if task.filters().is_empty() {
        measured = apply(&Filter::none(), String::new());
    }
    sample.metrics.extend(measured);
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn value(run: &Run<'_>, question: &Question, metric: &Metric, answer: &str) -> Option<f64> {
    let yes = |right: bool| Some(f64::from(u8::from(right)));
    // With choices, the text of the right one is the target.
    let target = std::slice::from_ref(&question.target);
    let targets = if question.choices.is_empty() { question.targets.as_slice() } else { target };
    match metric {
        Metric::ExactMatch => {
            let exact_match = run.task.task().exact_match()?;
            yes(targets.iter().any(|target| exact_match.matches(answer, target)))
        }
        Metric::SquadExactMatch => Some(squad_exact_match(answer, targets)),
        Metric::SquadF1 => Some(squad_f1(answer, targets)),
        Metric::MathEquivalent => {
            yes(math_answer(answer).is_some_and(|answer| targets.iter().any(|target| math_equivalent(&answer, target))))
        }
        _ => None,
    }
}
