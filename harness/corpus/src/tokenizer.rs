//! A byte-level BPE tokenizer in which every line break, and every indentation, is a token boundary.
//!
//! With GPT-2's pre-tokeniser a line break and the spaces after it become one token, so a prompt that ends in a line
//! break stands where the model has never been. Here a line break is always a pre-token of its own, a run of two or more
//! spaces is another, a single space goes with the word, digit or sign behind it, and digits stand alone. Encoding a
//! prompt and a body apart therefore gives the same tokens as encoding them together.

use std::path::Path;

use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, ModelWrapper, SplitDelimiterBehavior, Tokenizer};

use crate::error::CorpusError;

/// Ends a document.
pub const END_OF_TEXT: &str = "<|endoftext|>";
/// The id of [`END_OF_TEXT`].
pub const END_OF_TEXT_ID: u32 = 0;

/// Line break; indentation; words, digits and signs, each with the space before it; other white space.
const PATTERN: &str = r"\n|  +| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|[^\S\n ]+| ";

/// Trains a tokenizer with at most `vocab_size` tokens (257 at the least: the bytes and [`END_OF_TEXT`]). The same texts
/// give the same tokenizer.
///
/// # Errors
/// [`CorpusError::Tokenizer`] where `vocab_size` is too small.
pub fn train_tokenizer<S: AsRef<str> + Send>(
    texts: impl IntoIterator<Item = S, IntoIter: Send>,
    vocab_size: usize,
) -> Result<Tokenizer, CorpusError> {
    if vocab_size < 257 {
        return Err(CorpusError::Tokenizer(format!(
            "a vocabulary of {vocab_size} cannot hold the 256 bytes; ask for 257 or more"
        )));
    }
    let failed = |e: tokenizers::Error| CorpusError::Tokenizer(e.to_string());
    let split =
        Split::new(SplitPattern::Regex(PATTERN.into()), SplitDelimiterBehavior::Isolated, false).map_err(failed)?;
    let bytes = ByteLevel::new(false, false, false);
    let mut tokenizer = Tokenizer::new(ModelWrapper::BPE(BPE::default()));
    tokenizer
        .with_pre_tokenizer(Some(Sequence::new(vec![
            PreTokenizerWrapper::Split(split),
            PreTokenizerWrapper::ByteLevel(bytes),
        ])))
        .with_decoder(Some(bytes));
    let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    alphabet.sort_unstable();
    let trainer = BpeTrainer::builder()
        .vocab_size(vocab_size)
        .min_frequency(2)
        .show_progress(false)
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .initial_alphabet(alphabet.into_iter().collect())
        .build();
    let mut trainer = TrainerWrapper::BpeTrainer(trainer);
    tokenizer.train(&mut trainer, texts.into_iter()).map_err(failed)?;
    Ok(tokenizer)
}

/// The tokens of a text; nothing is added.
///
/// # Errors
/// [`CorpusError::Tokenizer`] where the tokenizer refuses the text.
pub fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>, CorpusError> {
    let encoding = tokenizer.encode_fast(text, false).map_err(|e| CorpusError::Tokenizer(e.to_string()))?;
    Ok(encoding.get_ids().to_vec())
}

/// Reads a `tokenizer.json`.
///
/// # Errors
/// [`CorpusError::Tokenizer`] names the file and what is wrong with it.
pub fn load_tokenizer(path: &Path) -> Result<Tokenizer, CorpusError> {
    Tokenizer::from_file(path).map_err(|e| CorpusError::Tokenizer(format!("{}: {e}", path.display())))
}

/// Writes a `tokenizer.json` that Hugging Face's libraries load.
///
/// # Errors
/// The file cannot be written.
pub fn save_tokenizer(tokenizer: &Tokenizer, path: &Path) -> Result<(), CorpusError> {
    let text = tokenizer.to_string(true).map_err(|e| CorpusError::Tokenizer(e.to_string()))?;
    std::fs::write(path, text).map_err(|source| CorpusError::io("write", path, source))
}
