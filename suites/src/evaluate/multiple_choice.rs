//! Questions with choices: the likeliest continuation is the answer.

use super::{Answers, Run, first_maximum, scored};
use crate::task::{Metric, Question};
use crate::{LogLikelihood, Sample, SuiteError};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let (likelihoods, truncated_requests) = run.log_likelihoods(questions)?;
    let mut rest = likelihoods.as_slice();
    let mut samples = Vec::with_capacity(questions.len());
    for question in questions {
        let (own, others) = rest.split_at(question.requests.len());
        rest = others;
        // Behind the choices come those without a context, where the task asks for them.
        let (own, alone) = own.split_at(question.choices.len());
        let mut sample = run.sample(question);
        for metric in &run.task.task().config().metric_list {
            measure(&mut sample, &metric.metric, question, own, alone);
        }
        sample.responses = own.iter().zip(&question.choices).map(|(answer, choice)| scored(choice, *answer)).collect();
        samples.push(sample);
    }
    Ok(Answers { samples, truncated_requests, capped_max_tokens: None, faults: Vec::new() })
}

fn measure(sample: &mut Sample, metric: &Metric, question: &Question, own: &[LogLikelihood], alone: &[LogLikelihood]) {
    let best = |weight: &dyn Fn(usize, f64) -> f64| {
        first_maximum(own.iter().enumerate().map(|(i, answer)| weight(i, answer.sum)))
    };
    let right = |chosen: usize| f64::from(u8::from(question.golds.contains(&chosen)));
    let likeliest = || best(&|_, sum| sum);
    let value = match (metric, &question.labels) {
        (Metric::Acc, Some(labels)) => probability_of_right(own, labels),
        (Metric::Acc, None) => right(likeliest()),
        // Per character of the choice, the space before it not counted.
        (Metric::AccNorm, _) => right(best(&|i, sum| sum / question.choices[i].chars().count() as f64)),
        (Metric::AccBytes, _) => right(best(&|i, sum| sum / question.choices[i].len() as f64)),
        (Metric::AccMutualInfo, _) => right(best(&|i, sum| sum - alone.get(i).map_or(0.0, |it| it.sum))),
        (Metric::ExactMatch, _) => f64::from(u8::from(question.golds.iter().any(|&gold| own[gold].is_greedy))),
        (Metric::BrierScore, _) => brier(own, question.gold),
        (Metric::F1 | Metric::Mcc, _) => {
            let chosen = likeliest();
            sample.set_pair(metric.score_name(), right(chosen), (question.gold as f64, chosen as f64));
            return;
        }
        _ => return,
    };
    sample.metrics.insert(metric.score_name().to_owned(), value);
}

/// The probabilities of the choices, where that of all is 1.
fn probabilities(answers: &[LogLikelihood]) -> Vec<f64> {
    // Taken out of numerator and denominator, so that neither is rounded to 0.
    let most = answers.iter().map(|answer| answer.sum).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = answers.iter().map(|answer| (answer.sum - most).exp()).collect();
    let all: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / all).collect()
}

/// The probability that the right choices have together.
fn probability_of_right(answers: &[LogLikelihood], labels: &[bool]) -> f64 {
    probabilities(answers).iter().zip(labels).filter(|(_, label)| **label).map(|(probability, _)| probability).sum()
}

/// The squared distance between the probabilities and certainty of the right choice.
fn brier(answers: &[LogLikelihood], gold: usize) -> f64 {
    let distance = |(i, probability): (usize, &f64)| (probability - f64::from(u8::from(i == gold))).powi(2);
    probabilities(answers).iter().enumerate().map(distance).sum()
}
