//! Questions with one right continuation: how likely it is, and whether the model would say it.

use super::{Answers, Run, scored};
use crate::SuiteError;
use crate::task::{Metric, Question};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let (likelihoods, truncated_requests) = run.log_likelihoods(questions)?;
    let samples = questions
        .iter()
        .zip(likelihoods)
        .map(|(question, answer)| {
            let mut sample = run.sample(question);
            for metric in &run.task.task().config().metric_list {
                let value = match metric.metric {
                    Metric::Acc => f64::from(u8::from(answer.is_greedy)),
                    Metric::Perplexity => answer.sum,
                    _ => continue,
                };
                sample.metrics.insert(metric.metric.score_name().to_owned(), value);
            }
            sample.responses = vec![scored(&question.target, answer)];
            sample
        })
        .collect();
    Ok(Answers { samples, truncated_requests, capped_max_tokens: None, faults: Vec::new() })
}
