//! Questions with choices: the likeliest continuation is the answer.

use super::{Answers, Run, scored};
use crate::task::{Metric, Question};
use crate::{LogLikelihood, SuiteError};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let (likelihoods, truncated_requests) = run.log_likelihoods(questions)?;
    let mut rest = likelihoods.as_slice();
    let mut samples = Vec::with_capacity(questions.len());
    for question in questions {
        let (own, others) = rest.split_at(question.choices.len());
        rest = others;
        let mut sample = run.sample(question);
        for metric in &run.task.task().config().metric_list {
            let right = |chosen: usize| f64::from(u8::from(chosen == question.gold));
            let (name, value) = match (metric.metric, &question.labels) {
                (Metric::Acc, Some(labels)) => ("acc", probability_of_right(own, labels)),
                (Metric::Acc, None) => ("acc", right(first_maximum(own.iter().map(|answer| answer.sum)))),
                // Per character of the choice, the space before it not counted.
                (Metric::AccNorm, _) => {
                    let per_character =
                        |(answer, choice): (&LogLikelihood, &String)| answer.sum / choice.chars().count() as f64;
                    ("acc_norm", right(first_maximum(own.iter().zip(&question.choices).map(per_character))))
                }
                (Metric::Perplexity | Metric::ExactMatch | Metric::PassAtK, _) => continue,
            };
            sample.metrics.insert(name.to_owned(), value);
        }
        sample.responses = own.iter().zip(&question.choices).map(|(answer, choice)| scored(choice, *answer)).collect();
        samples.push(sample);
    }
    Ok(Answers { samples, truncated_requests, capped_max_tokens: None, faults: Vec::new() })
}

/// The probability that the right choices have together, where that of all choices is 1.
fn probability_of_right(answers: &[LogLikelihood], labels: &[bool]) -> f64 {
    // Taken out of numerator and denominator, so that neither is rounded to 0.
    let most = answers.iter().map(|answer| answer.sum).fold(f64::NEG_INFINITY, f64::max);
    let probability = |answer: &LogLikelihood| (answer.sum - most).exp();
    let right: f64 =
        answers.iter().zip(labels).filter(|(_, label)| **label).map(|(answer, _)| probability(answer)).sum();
    right / answers.iter().map(probability).sum::<f64>()
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
