//! Completions of prompts.

use crate::{Api, ChatMessage, Client, Encoder, Generate, OpenAiError};
use phi_suites::{Completion, Prompt, Sampling};
use serde_json::json;

/// Completes a prompt.
pub(crate) fn complete(
    client: &Client,
    encoder: Option<&Encoder>,
    prompt: &Prompt,
    max_length: usize,
) -> Result<Completion, OpenAiError> {
    let how = how(prompt);
    let mut truncated_tokens = 0;
    let generated = match (client.settings().endpoint.api(), encoder) {
        (Api::Chat, _) => client.chat(&messages(&prompt.text), &how)?,
        (Api::Completions, None) => client.complete(&prompt.text, &how)?,
        (Api::Completions, Some(encoder)) => {
            let mut ids = encoder.encode(&prompt.text).map_err(OpenAiError::Text)?;
            if ids.is_empty() {
                ids.push(encoder.prefix());
            }
            truncated_tokens = ids.len().saturating_sub(max_length.saturating_sub(prompt.max_tokens).max(1));
            ids.drain(..truncated_tokens);
            client.complete_prompt(&json!(ids), ids.len(), &how)?
        }
    };
    // Where the server doesn't count, its text is counted here; or not at all.
    let counted = || encoder.and_then(|encoder| encoder.encode(&generated.text).ok()).map(|ids| ids.len());
    Ok(Completion {
        num_tokens: generated.tokens.or_else(counted).unwrap_or(0),
        stop_reason: generated.finish.into(),
        text: generated.text,
        truncated_tokens,
    })
}

fn how(prompt: &Prompt) -> Generate {
    let (temperature, top_p, seed) = match prompt.sampling {
        Sampling::Greedy => (0.0, 1.0, None),
        Sampling::Nucleus { temperature, top_p, seed } => (temperature, top_p, Some(seed)),
    };
    Generate { max_tokens: prompt.max_tokens, temperature, top_p, seed, stop: prompt.stop.clone(), schema: None }
}

/// A conversation as the text that goes through the suites, which know texts only: JSON, as lm-evaluation-harness has it.
pub(crate) fn conversation(messages: &[ChatMessage]) -> String {
    json!(messages).to_string()
}

/// The conversation that a prompt is; any other text is what a user says.
fn messages(text: &str) -> Vec<ChatMessage> {
    let conversation = text.starts_with("[{\"role\":").then(|| serde_json::from_str(text).ok()).flatten();
    conversation.unwrap_or_else(|| vec![ChatMessage { role: "user".to_owned(), content: text.to_owned() }])
}
