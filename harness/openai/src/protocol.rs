//! What is said on the wire: OpenAI's API reference, "Completions" and "Chat", as far as it is used here.

use phi_suites::StopReason;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a text is continued.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generate {
    /// Tokens at most.
    pub max_tokens: usize,
    /// 0 is greedy.
    pub temperature: f64,
    /// Nucleus; 1 is everything.
    pub top_p: f64,
    /// Seed, which servers follow as well as they can.
    pub seed: Option<u64>,
    /// The text ends before the first of these.
    pub stop: Vec<String>,
    /// What the text must be, for `chat/completions` ("Structured outputs").
    pub schema: Option<JsonSchema>,
}

/// A JSON schema under a name, as `response_format` takes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JsonSchema {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// The schema.
    pub schema: Value,
}

impl Default for Generate {
    fn default() -> Self {
        Self { max_tokens: 256, temperature: 0.0, top_p: 1.0, seed: None, stop: Vec::new(), schema: None }
    }
}

/// Stop strings that servers take at most; the others are looked for on this side.
const MOST_STOP_STRINGS: usize = 4;

impl Generate {
    /// The fields of a request.
    pub(crate) fn fields(&self, limit_name: &str) -> Vec<(&'static str, Value)> {
        let limit = if limit_name == "max_tokens" { "max_tokens" } else { "max_completion_tokens" };
        let mut fields = vec![(limit, Value::from(self.max_tokens)), ("temperature", Value::from(self.temperature))];
        if self.top_p < 1.0 {
            fields.push(("top_p", Value::from(self.top_p)));
        }
        if let Some(seed) = self.seed {
            // Some servers read a signed number.
            fields.push(("seed", Value::from(seed >> 1)));
        }
        let stop: Vec<&String> = self.stop.iter().filter(|stop| !stop.is_empty()).take(MOST_STOP_STRINGS).collect();
        if !stop.is_empty() {
            fields.push(("stop", serde_json::json!(stop)));
        }
        if let Some(JsonSchema { name, schema }) = &self.schema {
            let schema = serde_json::json!({ "name": name, "strict": true, "schema": schema });
            fields.push(("response_format", serde_json::json!({ "type": "json_schema", "json_schema": schema })));
        }
        fields
    }

    /// Cuts a text before the first stop string.
    pub(crate) fn cut(&self, text: &mut String) -> bool {
        let first = self.stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop.as_str())).min();
        if let Some(at) = first {
            text.truncate(at);
        }
        first.is_some()
    }
}

/// Why a generated text ended, as far as the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finish {
    /// At a stop string.
    StopString,
    /// At the end of text; or at a stop string, where the server doesn't tell the two apart.
    Stop,
    /// The limit of tokens.
    Length,
}

impl From<Finish> for StopReason {
    fn from(finish: Finish) -> Self {
        match finish {
            Finish::StopString => Self::StopString,
            Finish::Stop => Self::EndOfText,
            Finish::Length => Self::Length,
        }
    }
}

/// A generated text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The text, without the stop string.
    pub text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the prompt, where the server says.
    pub prompt_tokens: Option<usize>,
    /// Tokens that were generated, where the server says.
    pub tokens: Option<usize>,
}

/// An answer of either endpoint.
#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    pub choices: Vec<Choice>,
    #[serde(default)]
    pub usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Usage {
    #[serde(default)]
    pub prompt_tokens: Option<usize>,
    #[serde(default)]
    pub completion_tokens: Option<usize>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub message: Option<Message>,
    /// A piece of a message, in a stream.
    #[serde(default)]
    pub delta: Option<Message>,
    #[serde(default)]
    pub logprobs: Option<LogProbs>,
    #[serde(default)]
    pub finish_reason: Option<String>,
    /// vLLM: the stop string, where it was one.
    #[serde(default)]
    pub stop_reason: Option<Value>,
}

impl Choice {
    pub fn finish(&self) -> Finish {
        match self.finish_reason.as_deref() {
            Some("length") => Finish::Length,
            _ if self.stop_reason.as_ref().is_some_and(Value::is_string) => Finish::StopString,
            _ => Finish::Stop,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    #[serde(default)]
    pub content: Option<String>,
}

/// `logprobs` of `completions`: lists of equal length, one entry a token.
#[derive(Debug, Deserialize)]
pub(crate) struct LogProbs {
    #[serde(default)]
    pub tokens: Vec<String>,
    #[serde(default)]
    pub token_logprobs: Vec<Option<f64>>,
    #[serde(default)]
    pub top_logprobs: Option<Vec<Option<serde_json::Map<String, Value>>>>,
    /// In characters.
    #[serde(default)]
    pub text_offset: Option<Vec<usize>>,
}
