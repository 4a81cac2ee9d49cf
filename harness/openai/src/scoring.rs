//! Log-likelihoods by `completions` with `echo`.

use crate::log_probs::{Place, score};
use crate::{Api, Client, Encoder, OpenAiError};
use phi_suites::{LogLikelihood, Pair};
use serde_json::{Value, json};

/// A pair as token ids: the last `scored` of them are the continuation's.
pub(crate) struct Tokens {
    pub ids: Vec<u32>,
    pub scored: usize,
    /// Cut off on the left.
    pub truncated: usize,
}

/// Encodes a pair as lm-evaluation-harness does; `most` tokens are kept.
pub(crate) fn encode(encoder: &Encoder, pair: &Pair, most: usize) -> Result<Tokens, OpenAiError> {
    let context = trimmed(&pair.context);
    let encode = |text: &str| encoder.encode(text).map_err(OpenAiError::Text);
    let mut ids = encode(&format!("{}{}", pair.context, pair.continuation))?;
    let scored = if context.is_empty() {
        let scored = ids.len();
        ids.insert(0, encoder.prefix());
        scored
    } else {
        ids.len().saturating_sub(encode(context)?.len())
    };
    if scored == 0 || scored >= most {
        let reason =
            format!("its continuation has {scored} tokens; 1 to {} fit (--max-length)", most.saturating_sub(1));
        return Err(OpenAiError::Text(reason));
    }
    let truncated = ids.len().saturating_sub(most);
    ids.drain(..truncated);
    Ok(Tokens { ids, scored, truncated })
}

/// The log-likelihood of a pair.
pub(crate) fn score_pair(
    client: &Client,
    encoder: Option<&Encoder>,
    pair: &Pair,
    max_length: usize,
) -> Result<LogLikelihood, OpenAiError> {
    match encoder {
        Some(encoder) => score_tokens(client, &encode(encoder, pair, most_tokens(max_length))?),
        None => {
            let text = format!("{}{}", pair.context, pair.continuation);
            if pair.continuation.is_empty() {
                return Err(OpenAiError::Text("its continuation is empty".to_owned()));
            }
            let place = Place::Text { text: &text, from: trimmed(&pair.context).len() };
            ask(client, &json!(text), text.len() / 4, place)
        }
    }
}

/// Tokens of a request, where the server also generates one.
pub(crate) fn most_tokens(max_length: usize) -> usize {
    max_length.saturating_sub(1)
}

/// The log-likelihood of the last tokens.
pub(crate) fn score_tokens(client: &Client, tokens: &Tokens) -> Result<LogLikelihood, OpenAiError> {
    let place = Place::Tokens { total: tokens.ids.len(), scored: tokens.scored };
    ask(client, &json!(tokens.ids), tokens.ids.len(), place)
}

fn ask(client: &Client, prompt: &Value, size: usize, place: Place<'_>) -> Result<LogLikelihood, OpenAiError> {
    refuse_chat(client)?;
    let body = json!({
        "model": client.settings().model,
        "prompt": prompt,
        "temperature": 0,
        "max_tokens": 1,
        "logprobs": 1,
        "echo": true,
    });
    let (response, raw) = client.post(&body, size + 1)?;
    let choice = response.choices.first().ok_or_else(|| client.nonsense("it has no choices", &raw))?;
    let Some(log_probs) = &choice.logprobs else {
        let reason = "gives no `logprobs`, so tasks that compare log-likelihoods can't be asked of it; \
                      use a server that has them (vLLM, or llama.cpp's through llama-cpp-python), or tasks that generate";
        return Err(OpenAiError::CannotDo {
            url: client.settings().endpoint.url().to_owned(),
            reason: reason.to_owned(),
        });
    };
    score(log_probs, place).map_err(|reason| client.nonsense(&reason, &raw))
}

fn refuse_chat(client: &Client) -> Result<(), OpenAiError> {
    match client.settings().endpoint.api() {
        Api::Completions => Ok(()),
        Api::Chat => Err(OpenAiError::CannotDo {
            url: client.settings().endpoint.url().to_owned(),
            reason: "is a chat endpoint, which gives no log-probabilities of a given text; \
                     use openai:URL with a server whose completions know `echo`, or tasks that generate"
                .to_owned(),
        }),
    }
}

/// A context without the white space that Python's `str.rstrip` takes off.
fn trimmed(context: &str) -> &str {
    context.trim_end_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}
