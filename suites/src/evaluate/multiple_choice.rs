//! Questions with choices: the likeliest continuation is the answer.

use super::{Answers, Run};
use crate::task::{Metric, Question};
use crate::{Pair, Request, Response, SuiteError};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let pairs: Vec<Pair> = questions
        .iter()
        .flat_map(|question| &question.requests)
        .filter_map(|request| match request {
            Request::LogLikelihood(pair) => Some(pair.clone()),
            Request::Generate { .. } => None,
        })
        .collect();
    let likelihoods = run.ask(&pairs, pairs.len(), |portion| run.model.loglikelihood(portion))?;
    let truncated = run.model.overflow(&pairs).map_or(0, |cut| cut.iter().filter(|&&tokens| tokens > 0).count());

    let mut rest = likelihoods.as_slice();
    let mut samples = Vec::with_capacity(questions.len());
    for question in questions {
        let (own, others) = rest.split_at(question.choices.len());
        rest = others;
        let mut sample = run.sample(question);
        for metric in &run.task.task().config().metric_list {
            let (name, chosen) = match metric.metric {
                Metric::Acc => ("acc", first_maximum(own.iter().map(|answer| answer.sum))),
                // Per character of the choice, the space before it not counted.
                Metric::AccNorm => {
                    let per_character =
                        |(answer, choice): (&crate::LogLikelihood, &String)| answer.sum / choice.chars().count() as f64;
                    ("acc_norm", first_maximum(own.iter().zip(&question.choices).map(per_character)))
                }
                Metric::ExactMatch | Metric::PassAtK => continue,
            };
            sample.metrics.insert(name.to_owned(), f64::from(u8::from(chosen == question.gold)));
        }
        sample.responses = own
            .iter()
            .zip(&question.choices)
            .map(|(answer, choice)| Response {
                text: choice.clone(),
                log_likelihood: Some(answer.sum),
                is_greedy: Some(answer.is_greedy),
                verdict: None,
                detail: None,
            })
            .collect();
        samples.push(sample);
    }
    Ok(Answers { samples, truncated_requests: truncated, capped_max_tokens: None, faults: Vec::new() })
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
