//! Questions with one right continuation: how likely it is, and whether the model would say it.

use super::{Answers, Run, scored};
use crate::SuiteError;
use crate::score::PERPLEXITY;
use crate::task::{Metric, Question};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let (likelihoods, truncated_requests) = run.log_likelihoods(questions)?;
    let samples = questions
        .iter()
        .zip(likelihoods)
        .map(|(question, answer)| {
            let mut sample = run.sample(question);
            for metric in &run.task.task().config().metric_list {
                let (name, value) = match metric.metric {
                    Metric::Acc => ("acc", f64::from(u8::from(answer.is_greedy))),
                    Metric::Perplexity => (PERPLEXITY, answer.sum),
                    Metric::AccNorm | Metric::ExactMatch | Metric::PassAtK => continue,
                };
                sample.metrics.insert(name.to_owned(), value);
            }
            sample.responses = vec![scored(&question.target, answer)];
            sample
        })
        .collect();
    Ok(Answers { samples, truncated_requests, capped_max_tokens: None, faults: Vec::new() })
}
