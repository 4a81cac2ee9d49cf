//! A server as a language model of the suites.

use crate::fan_out::fan_out;
use crate::generate::{complete, conversation};
use crate::scoring::{Tokens, encode, most_tokens, score_pair, score_tokens};
use crate::{Api, ChatMessage, Client, Encoder, OpenAiError};
use phi_suites::{Completion, LanguageModel, LogLikelihood, ModelError, Pair, Prompt};

/// A model behind a server.
///
/// Answers are as the server gives them: another server, another batch on it, or another day may give others in the last
/// digits. So it has no content hash.
#[derive(Debug)]
pub struct ServedModel {
    client: Client,
    encoder: Option<Encoder>,
    max_length: usize,
}

/// lm-evaluation-harness's assumption about a server.
const DEFAULT_MAX_LENGTH: usize = 2048;

impl ServedModel {
    /// A model of a context of 2048 tokens, whose tokenizer isn't known here.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, encoder: None, max_length: DEFAULT_MAX_LENGTH }
    }

    /// With the model's own tokenizer.
    #[must_use]
    pub fn with_encoder(mut self, encoder: Encoder) -> Self {
        self.encoder = Some(encoder);
        self
    }

    /// With another context. Longer requests are cut on the left, if the tokenizer is known.
    #[must_use]
    pub fn with_max_length(mut self, tokens: usize) -> Self {
        self.max_length = tokens.max(2);
        self
    }

    /// Runs jobs on the server and hands on each answer as it comes.
    fn each<T: Send>(
        &self,
        count: usize,
        job: impl Fn(usize) -> Result<T, OpenAiError> + Sync,
        answered: &mut dyn FnMut(usize, T),
    ) -> Result<(), ModelError> {
        let numbered = |index| job(index).map_err(|error| model_error(index, error));
        fan_out(count, self.client.settings().num_concurrent, numbered, answered)
    }

    /// The windows of a text: disjoint in what they score; the last one reaches back for a full context.
    fn windows(&self, index: usize, text: &str) -> Result<Vec<Tokens>, ModelError> {
        let encoder = self.encoder.as_ref().ok_or_else(|| {
            let reason = "the log-likelihood of whole texts needs --tokenizer, to cut them into windows";
            ModelError::Model(reason.to_owned())
        })?;
        let mut ids = vec![encoder.prefix()];
        ids.extend(encoder.encode(text).map_err(|reason| ModelError::Request { index, reason })?);
        let window = most_tokens(self.max_length).saturating_sub(1).max(1);
        let (mut windows, mut done) = (Vec::new(), 1);
        while done < ids.len() {
            let end = (done + window).min(ids.len());
            let begin = end.saturating_sub(window + 1);
            windows.push(Tokens { ids: ids[begin..end].to_vec(), scored: end - done, truncated: 0 });
            done = end;
        }
        Ok(windows)
    }
}

impl LanguageModel for ServedModel {
    fn name(&self) -> &str {
        &self.client.settings().model
    }

    fn max_length(&self) -> usize {
        self.max_length
    }

    /// Address, kind of endpoint, name and context. A server that answers with another model under the same name isn't
    /// noticed: no server says what its weights are.
    fn self_description(&self) -> Option<String> {
        let settings = self.client.settings();
        let encoded = if self.encoder.is_some() { ", its own tokenizer" } else { "" };
        Some(format!("{} {}, context {}{encoded}", settings.endpoint, settings.model, self.max_length))
    }

    /// For a chat endpoint the conversation itself, as JSON, which [`LanguageModel::generate`] sends as messages. A
    /// `completions` endpoint has no template to apply.
    fn apply_chat_template(&self, messages: &[ChatMessage]) -> Result<String, ModelError> {
        match self.client.settings().endpoint.api() {
            Api::Chat => Ok(conversation(messages)),
            Api::Completions => Err(ModelError::Model(format!(
                "{} continues texts and applies no chat template; use openai-chat:URL",
                self.client.settings().endpoint
            ))),
        }
    }

    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        collect(pairs.len(), |answered| self.loglikelihood_each(pairs, answered))
    }

    fn loglikelihood_each(
        &self,
        pairs: &[Pair],
        answered: &mut dyn FnMut(usize, LogLikelihood),
    ) -> Result<(), ModelError> {
        let job = |index: usize| score_pair(&self.client, self.encoder.as_ref(), &pairs[index], self.max_length);
        self.each(pairs.len(), job, answered)
    }

    fn overflow(&self, pairs: &[Pair]) -> Option<Vec<usize>> {
        let encoder = self.encoder.as_ref()?;
        let most = most_tokens(self.max_length);
        pairs.iter().map(|pair| encode(encoder, pair, most).ok().map(|tokens| tokens.truncated)).collect()
    }

    fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        let mut windows = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            windows.extend(self.windows(index, text)?.into_iter().map(|tokens| (index, tokens)));
        }
        let job = |at: usize| score_tokens(&self.client, &windows[at].1);
        let scores = collect(windows.len(), |answered| self.each(windows.len(), job, answered))?;
        let mut sums = vec![0.0; texts.len()];
        for ((index, _), score) in windows.iter().zip(scores) {
            sums[*index] += score.sum;
        }
        Ok(sums)
    }

    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        collect(prompts.len(), |answered| self.generate_each(prompts, answered))
    }

    fn generate_each(&self, prompts: &[Prompt], answered: &mut dyn FnMut(usize, Completion)) -> Result<(), ModelError> {
        let job = |index: usize| complete(&self.client, self.encoder.as_ref(), &prompts[index], self.max_length);
        self.each(prompts.len(), job, answered)
    }
}

/// Puts answers that come in any order into theirs.
fn collect<T>(
    count: usize,
    ask: impl FnOnce(&mut dyn FnMut(usize, T)) -> Result<(), ModelError>,
) -> Result<Vec<T>, ModelError> {
    let mut answers: Vec<Option<T>> = (0..count).map(|_| None).collect();
    ask(&mut |index, answer| answers[index] = Some(answer))?;
    Ok(answers.into_iter().map(|answer| answer.expect("without an error every request is answered")).collect())
}

fn model_error(index: usize, error: OpenAiError) -> ModelError {
    match error {
        OpenAiError::Interrupted => ModelError::Interrupted,
        OpenAiError::Text(reason) => ModelError::Request { index, reason },
        OpenAiError::CannotDo { .. } | OpenAiError::Address { .. } => ModelError::Model(error.to_string()),
        error => ModelError::Unavailable(error.to_string()),
    }
}
