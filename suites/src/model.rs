//! The one door between models and suites.

use serde::{Deserialize, Serialize};

/// A context and a continuation whose log-probability given that context is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// What the model is given. May be empty: the model then starts from its prefix token.
    pub context: String,
    /// What is scored.
    pub continuation: String,
}

/// The answer to one [`Pair`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogLikelihood {
    /// Sum of the natural-log probabilities of the continuation's tokens.
    pub sum: f64,
    /// Whether every token of the continuation is the arg-max of the model.
    pub is_greedy: bool,
}

/// How the next token is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum Sampling {
    /// The arg-max; the first of equals.
    Greedy,
    /// Nucleus sampling. The same seed gives the same text.
    Nucleus {
        /// Divides the logits; above 0.
        temperature: f64,
        /// Smallest set of tokens whose probabilities reach this share; in (0, 1].
        top_p: f64,
        /// Seed of this one completion.
        seed: u64,
    },
}

/// A text to be completed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// What the model is given. Cut on the left where it is longer than the model's context leaves room for.
    pub text: String,
    /// The completion ends before the first of these strings.
    pub stop: Vec<String>,
    /// Tokens at most.
    pub max_tokens: usize,
    /// How tokens are chosen.
    pub sampling: Sampling,
}

/// Why a completion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// One of the prompt's stop strings came up.
    StopString,
    /// The model said its end-of-text token.
    EndOfText,
    /// The prompt's `max_tokens` or the model's context was used up.
    Length,
}

/// The answer to one [`Prompt`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The text, without the stop string.
    pub text: String,
    /// Tokens that were generated.
    pub num_tokens: usize,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Tokens of the prompt that were cut on the left to make room.
    pub truncated_tokens: usize,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// Why a model gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// A request that this model can't answer (an empty continuation, a continuation longer than its context).
    #[error("the model can't answer request {index}: {reason}")]
    Request {
        /// Position of the request in the batch.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The model itself failed.
    #[error("the model failed: {0}")]
    Model(String),
    /// What the model depends on failed: a server, the network.
    #[error("{0}")]
    Unavailable(String),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// What a model tells of itself for result files; none for what it can't tell, as a server can't.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Numbers that were learned; shared ones count once.
    pub num_parameters: Option<usize>,
    /// The number format of its weights.
    pub dtype: Option<String>,
    /// Begins a text.
    pub bos_token: Option<SpecialToken>,
    /// Ends a text.
    pub eos_token: Option<SpecialToken>,
    /// Fills a batch up.
    pub pad_token: Option<SpecialToken>,
    /// The source of its chat template.
    pub chat_template: Option<String>,
}

/// A special token of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialToken {
    /// How it is written.
    pub text: String,
    /// Its number.
    pub id: u32,
}

/// A language model as the suites see it. Answers come in the order of the requests, and don't depend on that order.
pub trait LanguageModel {
    /// A name for tables and logs.
    fn name(&self) -> &str;
    /// Tokens that fit into the model's context.
    fn max_length(&self) -> usize;
    /// A hash of everything that decides the answers: weights, configuration, tokenizer, number format. None where that
    /// can't be known, as with a server. Stored answers are found by it, never by a name.
    fn content_hash(&self) -> Option<String> {
        None
    }
    /// For a model without a content hash, as a server is: all that it says of itself (address, name, version), by which
    /// answers are stored where the user asks for that. None where nothing tells it from others.
    fn self_description(&self) -> Option<String> {
        None
    }
    /// What it tells of itself for result files.
    fn facts(&self) -> ModelFacts {
        ModelFacts::default()
    }
    /// A conversation as the text that the model was trained to continue. Where the last message is the assistant's, the text
    /// ends inside that turn; otherwise at the beginning of one.
    ///
    /// # Errors
    /// [`ModelError::Model`] where the model has no chat template, or where it fails.
    fn apply_chat_template(&self, _messages: &[ChatMessage]) -> Result<String, ModelError> {
        Err(ModelError::Model(format!("{} has no chat template", self.name())))
    }
    /// The log-probability of each continuation given its context.
    ///
    /// # Errors
    /// [`ModelError`] when a request can't be answered.
    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError>;
    /// As [`LanguageModel::loglikelihood`], but each answer is handed on with its pair's position as soon as it is there, in
    /// any order, so that those before a fault aren't lost. By default all come at the end.
    ///
    /// # Errors
    /// [`ModelError`] when a request can't be answered.
    fn loglikelihood_each(
        &self,
        pairs: &[Pair],
        answered: &mut dyn FnMut(usize, LogLikelihood),
    ) -> Result<(), ModelError> {
        self.loglikelihood(pairs)?.into_iter().enumerate().for_each(|(index, answer)| answered(index, answer));
        Ok(())
    }
    /// How many tokens on the left of each pair's context [`LanguageModel::loglikelihood`] cuts because the pair doesn't
    /// fit; none where the model can't tell, as a server can't.
    fn overflow(&self, _pairs: &[Pair]) -> Option<Vec<usize>> {
        None
    }
    /// The log-probability of whole texts, longer than the context if need be (disjoint windows), for perplexity.
    ///
    /// # Errors
    /// [`ModelError`] when a request can't be answered.
    fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError>;
    /// A completion of each prompt.
    ///
    /// # Errors
    /// [`ModelError`] when a request can't be answered.
    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError>;
    /// As [`LanguageModel::generate`], but each answer is handed on with its prompt's position as soon as it is there, in any
    /// order, so that those before a fault aren't lost. By default all come at the end.
    ///
    /// # Errors
    /// [`ModelError`] when a request can't be answered.
    fn generate_each(&self, prompts: &[Prompt], answered: &mut dyn FnMut(usize, Completion)) -> Result<(), ModelError> {
        self.generate(prompts)?.into_iter().enumerate().for_each(|(index, answer)| answered(index, answer));
        Ok(())
    }
}
