//! The served model's tokenizer on this side, where the caller has it.

use std::fmt;

type Encode = dyn Fn(&str) -> Result<Vec<u32>, String> + Send + Sync;

/// The served model's tokenizer. With it, prompts go as token ids, so that the boundary between context and continuation is
/// exact, long contexts are cut here, and an empty context has a token to begin from.
pub struct Encoder {
    encode: Box<Encode>,
    prefix: u32,
}

impl Encoder {
    /// A function from text to token ids, and the id that stands for an empty context (beginning or end of text).
    pub fn new(prefix: u32, encode: impl Fn(&str) -> Result<Vec<u32>, String> + Send + Sync + 'static) -> Self {
        Self { encode: Box::new(encode), prefix }
    }

    pub(crate) fn prefix(&self) -> u32 {
        self.prefix
    }

    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        (self.encode)(text)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
