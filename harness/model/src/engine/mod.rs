//! The inference engine: a model and its tokenizer, answering the suites.
//!
//! Answers don't depend on the number of threads, the batch size, the order of requests, or whether beginnings are
//! shared: see [`crate::infer`]. A [`DeviceModel`], which may compute instead, promises less.

mod content;
mod conversation;
mod device;
mod generate;
mod gguf_tokenizer;
mod logits;
mod open;
mod options;
mod prefix_tree;
mod sampling;
mod score;
mod special_tokens;
mod standalone;
mod tokenizer;

pub use device::{DeviceDecoding, DeviceModel, Reading};
pub use options::{BatchSize, EngineOptions};
pub use standalone::StandaloneTokenizer;
pub use tokenizer::TextTokenizer;

use crate::architecture::{ConfigJson, describe};
use crate::infer::Network;
use crate::{Checkpoint, DtypeChoice};
use content::Content;
use conversation::Conversation;
use phi_suites::{
    ChatMessage, Completion, LanguageModel, LogLikelihood, ModelError, ModelFacts, Pair, Prompt, SpecialToken,
};
use special_tokens::SpecialTokens;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Tokens that are scored together, and those of a prompt that are read together: four groups of the products' rows. More
/// would take more memory for activations and be no faster; fewer would read the weights more often.
const CHUNK_TOKENS: usize = 384;

/// What a model says whose arithmetic broke down.
const NOT_A_NUMBER: &str =
    "its logits are not numbers (NaN): the weights hold NaN or infinity, or overflow on the way; check the checkpoint";

/// A model that answers requests.
#[derive(Debug)]
pub struct Engine {
    name: String,
    network: Network,
    tokenizer: TextTokenizer,
    special: SpecialTokens,
    options: EngineOptions,
    pool: rayon::ThreadPool,
    content: Content,
    hash: OnceLock<Option<String>>,
    conversation: Conversation,
    interrupt: Arc<AtomicBool>,
    /// What computes instead of `network`, where something does.
    device: Option<Box<dyn DeviceModel>>,
}

impl Engine {
    /// An engine for a Phi in memory; `threads` share the work.
    pub fn new(name: &str, checkpoint: &Checkpoint, tokenizer: TextTokenizer, threads: usize) -> Engine {
        let config = ConfigJson::of(checkpoint.config().to_hugging_face());
        let architecture = describe(&config).expect("a valid Phi is a valid model");
        let network =
            Network::build(architecture, checkpoint, DtypeChoice::Auto).expect("a checkpoint has its tensors");
        let special = SpecialTokens::one(checkpoint.config().eos_token_id, &tokenizer);
        let content = Content::Hash(format!("{} {}", checkpoint.content_hash(), tokenizer.to_json()));
        Engine::assemble(name.to_owned(), network, tokenizer, special, content, EngineOptions::with_threads(threads))
    }

    fn assemble(
        name: String,
        network: Network,
        tokenizer: TextTokenizer,
        special: SpecialTokens,
        content: Content,
        options: EngineOptions,
    ) -> Engine {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(options.threads.max(1))
            .thread_name(|i| format!("engine-{i}"))
            .build()
            .expect("the system lets a process start threads");
        Engine {
            name,
            network,
            tokenizer,
            special,
            options,
            pool,
            content,
            hash: OnceLock::new(),
            conversation: Conversation::none(),
            interrupt: Arc::default(),
            device: None,
        }
    }

    /// Makes the engine stop with [`ModelError::Interrupted`] soon after the flag is set.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Arc<AtomicBool>) -> Engine {
        self.interrupt = interrupt;
        self
    }

    /// Gives it another name for tables and logs than that of its folder.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Engine {
        name.clone_into(&mut self.name);
        self
    }

    /// The model's family, by the name that its file has for it (`phi`, `llama`, ...).
    pub fn model_type(&self) -> &str {
        &self.network.architecture().family
    }

    fn max_positions(&self) -> usize {
        self.network.architecture().max_positions
    }

    fn check_interrupt(&self) -> Result<(), ModelError> {
        if self.interrupt.load(Ordering::Relaxed) { Err(ModelError::Interrupted) } else { Ok(()) }
    }

    /// The ids of a text, with the special tokens that the tokenizer adds, unless the text begins with one already.
    fn encode(&self, index: usize, text: &str) -> Result<Vec<u32>, ModelError> {
        match &self.special.prefix_text {
            Some(prefix) if !prefix.is_empty() && text.starts_with(prefix.as_str()) => self.encode_plain(index, text),
            _ => self.checked(index, self.tokenizer.encode(text)),
        }
    }

    fn encode_plain(&self, index: usize, text: &str) -> Result<Vec<u32>, ModelError> {
        self.checked(index, self.tokenizer.encode_plain(text))
    }

    fn checked(&self, index: usize, ids: Result<Vec<u32>, String>) -> Result<Vec<u32>, ModelError> {
        ids.map_err(|reason| ModelError::Request { index, reason })
    }
}

impl LanguageModel for Engine {
    fn name(&self) -> &str {
        &self.name
    }

    fn max_length(&self) -> usize {
        self.max_positions()
    }

    fn content_hash(&self) -> Option<String> {
        let hash = self.hash.get_or_init(|| self.content.hash(self.options.dtype)).clone()?;
        match &self.device {
            None => Some(hash),
            // Another device gives other last bits.
            Some(device) => Some(blake3::hash(format!("{hash} {}", device.describe()).as_bytes()).to_hex().to_string()),
        }
    }

    fn facts(&self) -> ModelFacts {
        let token = |id: Option<u32>| {
            let id = id?;
            self.tokenizer.token_text(id).map(|text| SpecialToken { text, id })
        };
        let named = self.special.named;
        ModelFacts {
            num_parameters: Some(self.network.num_parameters()),
            dtype: Some(self.network.dtype().to_owned()),
            bos_token: token(named.bos),
            eos_token: token(named.eos),
            pad_token: token(named.pad),
            chat_template: self.conversation.source(),
        }
    }

    fn apply_chat_template(&self, messages: &[ChatMessage]) -> Result<String, ModelError> {
        self.conversation.text(&self.name, messages)
    }

    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        self.score_pairs(pairs)
    }

    fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        self.score_texts(texts)
    }

    fn overflow(&self, pairs: &[Pair]) -> Option<Vec<usize>> {
        self.overflowing(pairs)
    }

    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        self.complete(prompts)
    }
}
