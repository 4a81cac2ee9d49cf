//! Which of a server's log-probabilities belong to a continuation.
//!
//! The boundary is lm-evaluation-harness's (`local-completions`): white space at the context's end belongs to the
//! continuation. With the tokenizer at hand it is a number of tokens; without it, the server's tokens are laid over the
//! text, by their spelling or by `text_offset`. A token over the boundary counts for the continuation.

use crate::protocol::LogProbs;
use phi_suites::LogLikelihood;
use serde_json::Value;
use std::ops::Range;

/// Where a continuation lies among the tokens of a prompt.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The last `scored` of `total` tokens that were sent.
    Tokens { total: usize, scored: usize },
    /// From this byte of the text that was sent.
    Text { text: &'a str, from: usize },
}

/// The log-likelihood of the continuation; or what the answer lacks.
pub(crate) fn score(log_probs: &LogProbs, place: Place<'_>) -> Result<LogLikelihood, String> {
    let given = log_probs.token_logprobs.len();
    let range = match place {
        Place::Tokens { total, scored } => by_count(given, total, scored)?,
        Place::Text { text, from } => by_text(log_probs, text, from)?,
    };
    let tops = log_probs.top_logprobs.as_ref().filter(|tops| tops.len() >= range.end);
    let tops = tops.ok_or("it has fewer `top_logprobs` than tokens, so whether the text is greedy isn't known")?;
    let mut score = LogLikelihood { sum: 0.0, is_greedy: true };
    for at in range {
        let own = log_probs.token_logprobs[at];
        let own = own.filter(|own| own.is_finite() && *own <= 1e-3).ok_or_else(|| match at {
            0 => "it gives no log-probability of the text's first token; with --tokenizer one is put before it"
                .to_owned(),
            _ => format!("entry {at} of `token_logprobs` isn't a log-probability"),
        })?;
        let top = tops[at].as_ref().and_then(|top| top.values().filter_map(Value::as_f64).reduce(f64::max));
        let top = top.ok_or_else(|| format!("entry {at} of `top_logprobs` is empty"))?;
        score.sum += own;
        score.is_greedy &= own >= top;
    }
    Ok(score)
}

/// The server may give one token more, which it generated.
fn by_count(given: usize, total: usize, scored: usize) -> Result<Range<usize>, String> {
    if given < total {
        return Err(format!("{total} tokens were sent, and it gives {given} log-probabilities (does it know `echo`?)"));
    }
    if given > total + 1 {
        return Err(format!(
            "{total} tokens were sent, and it gives {given} log-probabilities; is --tokenizer the served model's own?"
        ));
    }
    Ok(total - scored..total)
}

fn by_text(log_probs: &LogProbs, text: &str, from: usize) -> Result<Range<usize>, String> {
    let tokens = &log_probs.tokens;
    if tokens.len() != log_probs.token_logprobs.len() {
        let (tokens, given) = (tokens.len(), log_probs.token_logprobs.len());
        return Err(format!("it gives {given} log-probabilities for {tokens} tokens"));
    }
    let spelt = tokens.concat();
    // A token of the server's own may stand before the text.
    let (starts, begin, boundary, end): (Vec<usize>, _, _, _) = if let Some(begin) = spelt.find(text) {
        let starts = tokens.iter().scan(0, |at, token| Some(std::mem::replace(at, *at + token.len())));
        (starts.collect(), begin, begin + from, begin + text.len())
    } else {
        let offsets = log_probs.text_offset.as_ref().filter(|offsets| offsets.len() == tokens.len());
        let offsets = offsets.ok_or(
            "its tokens don't spell the text, and it gives no `text_offset`; it may not know `echo`, or use --tokenizer",
        )?;
        if !offsets.is_sorted() {
            return Err("its `text_offset` goes backwards".to_owned());
        }
        (offsets.clone(), 0, text[..from].chars().count(), text.chars().count())
    };
    let stop = starts.partition_point(|start| *start < end);
    // The token that holds the first character behind the boundary.
    let first = starts.partition_point(|start| *start <= boundary).saturating_sub(1);
    let first = if starts.get(first).is_some_and(|start| *start < begin) { first + 1 } else { first };
    if first >= stop {
        return Err("it gives no log-probabilities for the continuation (does it know `echo`?)".to_owned());
    }
    Ok(first..stop)
}
