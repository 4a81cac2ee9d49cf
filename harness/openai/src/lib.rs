//! OpenAI-compatible servers: `completions` and `chat/completions`, as vLLM, llama.cpp, Ollama, SGLang and others have them.
//!
//! - [`Client`]: one request and its answer, whole or as a stream; with retries, rate limits and a time limit.
//! - [`ServedModel`]: a server as a [`phi_suites::LanguageModel`]. Log-probabilities come from `completions` with `logprobs`
//!   and `echo`; generation from either. Many requests are under way at once, and each answer is handed on as it comes.
//!
//! ```no_run
//! use phi_openai::{ChatMessage, Client, Endpoint, Generate, ServerSettings};
//!
//! # fn main() -> Result<(), phi_openai::OpenAiError> {
//! let endpoint = Endpoint::chat("http://localhost:8000/v1")?;
//! let client = Client::new(ServerSettings::new(endpoint, "my-model"))?;
//! let messages = [ChatMessage { role: "user".to_owned(), content: "Write a haiku.".to_owned() }];
//! let answer = client.chat(&messages, &Generate { max_tokens: 64, ..Generate::default() })?;
//! println!("{}", answer.text);
//! # Ok(())
//! # }
//! ```

mod client;
mod encoder;
mod endpoint;
mod error;
mod fan_out;
mod generate;
mod log_probs;
mod pace;
mod protocol;
mod scoring;
mod served;
mod settings;
mod stream;

pub use client::Client;
pub use encoder::Encoder;
pub use endpoint::{Api, Endpoint};
pub use error::OpenAiError;
pub use phi_suites::ChatMessage;
pub use protocol::{Finish, Generate, Generated, JsonSchema};
pub use served::ServedModel;
pub use settings::{ApiKey, ServerSettings};
