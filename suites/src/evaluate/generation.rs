//! Questions whose answer is read out of what the model writes.

use super::{Answers, Run};
use crate::task::Question;
use crate::{Prompt, Response, Sampling, SuiteError};

pub(super) fn answer(run: &Run<'_>, questions: &[Question]) -> Result<Answers, SuiteError> {
    let (max_tokens, capped_max_tokens) = run.max_tokens();
    let prompts: Vec<Prompt> =
        questions.iter().map(|question| run.prompt(question, max_tokens, Sampling::Greedy)).collect();
    let (completions, truncated_requests) = run.generate(&prompts, prompts.len())?;
    let task = run.task.task();
    let samples = questions
        .iter()
        .zip(completions)
        .map(|(question, completion)| {
            let mut sample = run.sample(question);
            if let Some(exact_match) = task.exact_match() {
                let mut measure = |name: String, answer: &str| {
                    let right = exact_match.matches(answer, &question.target);
                    sample.metrics.insert(name, f64::from(u8::from(right)));
                };
                for filter in task.filters() {
                    measure(format!("exact_match,{}", filter.name()), &filter.apply(&completion.text));
                }
                if task.filters().is_empty() {
                    measure("exact_match".to_owned(), &completion.text);
                }
            }
            sample.responses = vec![Response {
                text: completion.text,
                log_likelihood: None,
                is_greedy: None,
                verdict: None,
                detail: None,
            }];
            sample
        })
        .collect();
    Ok(Answers { samples, truncated_requests, capped_max_tokens, faults: Vec::new() })
}
