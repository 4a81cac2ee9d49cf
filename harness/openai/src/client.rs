//! One request and its answer.

use crate::pace::Pace;
use crate::protocol::{Choice, Response};
use crate::stream::{Events, Streamed};
use crate::{Api, ChatMessage, Finish, Generate, Generated, OpenAiError, ServerSettings};
use phi_http::{Again, Answer, Fault, FaultKind, Http, HttpSettings, excerpt, with_retries};
use serde_json::{Map, Value, json};
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A client of one model of one server; several threads may use it at once.
pub struct Client {
    settings: ServerSettings,
    http: Http,
    requests: Option<Pace>,
    tokens: Option<Pace>,
    interrupt: Arc<AtomicBool>,
}

/// Bytes of an answer at most.
const MOST_BYTES: u64 = 256 << 20;
/// Tries where there is no connection at all.
const MOST_TRIES_OF_NOBODY: u32 = 3;

/// Why one try failed.
enum Tried {
    Passing { error: OpenAiError, wait: Option<Duration> },
    NobodyThere(OpenAiError),
    Lasting(OpenAiError),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// [`OpenAiError::Address`] where the file of certificates can't be used.
    pub fn new(settings: ServerSettings) -> Result<Self, OpenAiError> {
        let http = HttpSettings {
            first_byte: settings.timeout,
            stall: settings.timeout,
            certificates: settings.certificates.clone(),
            ..HttpSettings::default()
        };
        let url = settings.endpoint.url().to_owned();
        let http = Http::new(&http).map_err(|fault| OpenAiError::Address { url, reason: fault.reason })?;
        let pace = |rate: Option<u32>| rate.map(Pace::per_minute);
        let (requests, tokens) = (pace(settings.requests_per_minute), pace(settings.tokens_per_minute));
        Ok(Self { settings, http, requests, tokens, interrupt: Arc::default() })
    }

    /// Stops with [`OpenAiError::Interrupted`] soon after the flag is set; what is under way is waited for.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Arc<AtomicBool>) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// What it goes by.
    #[must_use]
    pub fn settings(&self) -> &ServerSettings {
        &self.settings
    }

    pub(crate) fn url(&self) -> &str {
        self.settings.endpoint.url()
    }

    pub(crate) fn interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// Continues a text, by `completions`.
    ///
    /// # Errors
    /// The server gives no answer that can be used.
    pub fn complete(&self, text: &str, how: &Generate) -> Result<Generated, OpenAiError> {
        self.complete_prompt(&json!(text), text.len() / 4, how)
    }

    /// Continues a prompt of text or token ids, with about so many tokens.
    pub(crate) fn complete_prompt(
        &self,
        prompt: &Value,
        size: usize,
        how: &Generate,
    ) -> Result<Generated, OpenAiError> {
        let mut body = self.body(how);
        body.insert("prompt".to_owned(), prompt.clone());
        let (response, raw) = self.post(&Value::Object(body), size + how.max_tokens)?;
        self.generated(response, &raw, how, |choice| choice.text.take())
    }

    /// Continues a conversation, by `chat/completions`: in one piece, or as a stream where the settings say so. A stream that
    /// breaks off is asked for anew.
    ///
    /// # Errors
    /// The server gives no answer that can be used.
    pub fn chat(&self, messages: &[ChatMessage], how: &Generate) -> Result<Generated, OpenAiError> {
        let mut body = self.body(how);
        body.insert("messages".to_owned(), json!(messages));
        let tokens = size_of(messages) + how.max_tokens;
        if !self.settings.stream {
            let (response, raw) = self.post(&Value::Object(body), tokens)?;
            return self.generated(response, &raw, how, |choice| choice.message.take()?.content);
        }
        body.insert("stream".to_owned(), json!(true));
        body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
        let body = Value::Object(body);
        let mut whole = self.patiently(|| self.read_stream(self.try_once(&body, tokens)?))?;
        if how.cut(&mut whole.text) {
            whole.finish = Finish::StopString;
        }
        Ok(whole)
    }

    /// Reads an answer that comes piece by piece, up to its end; it isn't cut at stop strings yet.
    fn read_stream(&self, answer: Answer) -> Result<Generated, Tried> {
        let mut streamed = Streamed::default();
        let mut events = Events::new(answer.into_reader());
        for event in &mut events {
            if self.interrupted() {
                return Err(Tried::Lasting(OpenAiError::Interrupted));
            }
            let event = event.map_err(|fault| self.tried(fault))?;
            streamed.add(self.parse(event.as_bytes()).map_err(Tried::Lasting)?);
        }
        streamed.whole(events.is_done()).ok_or_else(|| self.tried(Fault::passing("the stream breaks off")))
    }

    fn broken(&self, fault: Fault) -> OpenAiError {
        OpenAiError::Unreachable { url: self.url().to_owned(), reason: fault.reason, attempts: 1 }
    }

    fn body(&self, how: &Generate) -> Map<String, Value> {
        let is_chat = self.settings.endpoint.api() == Api::Chat;
        let limit = if is_chat && self.settings.endpoint.is_openai() { "max_completion_tokens" } else { "max_tokens" };
        let mut body = Map::from_iter([("model".to_owned(), json!(self.settings.model))]);
        body.extend(how.fields(limit).into_iter().map(|(name, value)| (name.to_owned(), value)));
        body
    }

    fn generated(
        &self,
        mut response: Response,
        raw: &[u8],
        how: &Generate,
        text: impl Fn(&mut Choice) -> Option<String>,
    ) -> Result<Generated, OpenAiError> {
        let choice = response.choices.first_mut().ok_or_else(|| self.nonsense("it has no choices", raw))?;
        let mut finish = choice.finish();
        let mut text = text(choice).ok_or_else(|| self.nonsense("its choice has no text", raw))?;
        if how.cut(&mut text) {
            finish = Finish::StopString;
        }
        let usage = response.usage;
        let count = |of: fn(&crate::protocol::Usage) -> Option<usize>| usage.as_ref().and_then(of);
        Ok(Generated {
            text,
            finish,
            prompt_tokens: count(|usage| usage.prompt_tokens),
            tokens: count(|usage| usage.completion_tokens),
        })
    }

    /// Sends a request; the answer parsed, and as it came.
    pub(crate) fn post(&self, body: &Value, tokens: usize) -> Result<(Response, Vec<u8>), OpenAiError> {
        let raw = self.patiently(|| {
            let answer = self.try_once(body, tokens)?;
            answer.read(MOST_BYTES).map_err(|fault| self.tried(fault))
        })?;
        Ok((self.parse(&raw)?, raw))
    }

    fn patiently<T>(&self, mut attempt: impl FnMut() -> Result<T, Tried>) -> Result<T, OpenAiError> {
        let tries = Cell::new(0);
        let judge = |tried: &Tried| match tried {
            Tried::Passing { wait, .. } => Again::After(*wait),
            Tried::NobodyThere(_) if tries.get() < MOST_TRIES_OF_NOBODY => Again::After(None),
            Tried::NobodyThere(_) | Tried::Lasting(_) => Again::Never,
        };
        let result = with_retries(&self.settings.backoff, &self.interrupt, judge, || {
            tries.set(tries.get() + 1);
            attempt()
        });
        result.map_err(|tried| match tried {
            _ if self.interrupted() => OpenAiError::Interrupted,
            Tried::Passing { error, .. } | Tried::NobodyThere(error) | Tried::Lasting(error) => match error {
                OpenAiError::Unreachable { url, reason, .. } => {
                    OpenAiError::Unreachable { url, reason, attempts: tries.get() }
                }
                error => error,
            },
        })
    }

    fn try_once(&self, body: &Value, tokens: usize) -> Result<Answer, Tried> {
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        let turn = |pace: &Option<Pace>, units| pace.as_ref().is_none_or(|pace| pace.take(units, &self.interrupt));
        if !turn(&self.requests, 1) || !turn(&self.tokens, tokens) || self.interrupted() {
            return Err(Tried::Lasting(OpenAiError::Interrupted));
        }
        let authorisation = self.settings.api_key.as_ref().map(|key| key.header());
        let headers: Vec<_> = authorisation.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = self.http.post_json(self.url(), &headers, body).map_err(|fault| self.tried(fault))?;
        if answer.status() == 200 { Ok(answer) } else { Err(self.refusal(answer)) }
    }

    fn tried(&self, fault: Fault) -> Tried {
        let error = self.broken(fault.clone());
        match fault.kind {
            FaultKind::NoConnection => Tried::NobodyThere(error),
            FaultKind::Passing => Tried::Passing { error, wait: None },
            FaultKind::Lasting => Tried::Lasting(error),
        }
    }

    fn refusal(&self, answer: Answer) -> Tried {
        let (status, wait) = (answer.status(), answer.retry_after());
        let body = answer.read(1 << 20).unwrap_or_default();
        let advice = match status {
            401 | 403 => "; set OPENAI_API_KEY to a key that may use this model",
            404 => "; check the address and --model-name",
            400 | 413 | 422 if self.settings.endpoint.api() == Api::Completions => {
                "; the server may not take `echo` with `logprobs`, or the text may be too long for it (--max-length)"
            }
            429 => "; lower --num-concurrent, or set --requests-per-minute",
            300..400 => "; it sends requests elsewhere: give the address that it names",
            _ => "",
        };
        let error = OpenAiError::Status { url: self.url().to_owned(), status, excerpt: self.excerpt(&body), advice };
        // An empty account stays empty.
        let is_quota = body.windows(18).any(|window| window == b"insufficient_quota");
        if matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504) && !is_quota {
            Tried::Passing { error, wait }
        } else {
            Tried::Lasting(error)
        }
    }

    fn parse(&self, raw: &[u8]) -> Result<Response, OpenAiError> {
        serde_json::from_slice(raw).map_err(|error| {
            // Some servers report errors with status 200.
            let reason = match serde_json::from_slice::<Value>(raw) {
                Ok(value) if value.get("error").is_some() => "it reports an error with status 200".to_owned(),
                Ok(_) => format!("a field is missing or of another type ({error})"),
                Err(_) => format!("it isn't JSON ({error})"),
            };
            self.nonsense(&reason, raw)
        })
    }

    pub(crate) fn nonsense(&self, reason: &str, raw: &[u8]) -> OpenAiError {
        OpenAiError::Nonsense { url: self.url().to_owned(), reason: reason.to_owned(), excerpt: self.excerpt(raw) }
    }

    fn excerpt(&self, raw: &[u8]) -> String {
        let text = excerpt(raw);
        self.settings.api_key.as_ref().map_or_else(|| text.clone(), |key| key.redact(&text))
    }
}

/// Tokens of a conversation, at four characters each.
fn size_of(messages: &[ChatMessage]) -> usize {
    messages.iter().map(|message| message.content.len() / 4 + 4).sum()
}
