//! Whole texts: how likely they are, by word and by byte.

use super::{Answers, Run, written};
use crate::task::{Metric, Question};
use crate::{Request, Response, SuiteError};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let text = |request: &Request| match request {
        Request::Rolling { text } => Some(text.clone()),
        Request::LogLikelihood(_) | Request::Generate { .. } => None,
    };
    let texts: Vec<String> = questions.iter().flat_map(|question| &question.requests).filter_map(text).collect();
    let sums = run.ask(&texts, texts.len(), |portion| run.model.loglikelihood_rolling(portion))?;
    let samples = questions
        .iter()
        .zip(texts.iter().zip(sums))
        .map(|(question, (text, sum))| {
            let mut sample = run.sample(question);
            for metric in &run.task.task().config().metric_list {
                let weight = match metric.metric {
                    Metric::WordPerplexity => words(text),
                    Metric::BytePerplexity | Metric::BitsPerByte => text.len(),
                    _ => continue,
                } as f64;
                // The question's own value is in the metric's unit, so that two models can be compared question by question.
                let nats = -sum / weight.max(1.0);
                let own = if metric.metric == Metric::BitsPerByte { nats / std::f64::consts::LN_2 } else { nats.exp() };
                sample.set_pair(metric.metric.score_name(), own, (sum, weight));
            }
            sample.responses = vec![Response { log_likelihood: Some(sum), ..written(String::new()) }];
            sample
        })
        .collect();
    Ok(Answers { samples, truncated_requests: 0, capped_max_tokens: None, faults: Vec::new() })
}

/// Python's `len(re.split(r"\s+", text))`: white space at an end makes an empty word there.
fn words(text: &str) -> usize {
    let inner = text.split_whitespace().count();
    let ends = usize::from(text.starts_with(char::is_whitespace)) + usize::from(text.ends_with(char::is_whitespace));
    match inner {
        0 if text.is_empty() => 1,
        0 => 2,
        _ => inner + ends,
    }
}
