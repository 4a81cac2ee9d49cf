//! A question to a teacher.

use phi_openai::{ChatMessage, Generate};

use super::ledger::Tokens;

/// A conversation, and how it is continued.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What is said so far.
    pub messages: Vec<ChatMessage>,
    /// How it goes on.
    pub how: Generate,
}

/// Bytes of a token: English has four and more, code three and more, in the tokenizers of present models.
const BYTES_PER_TOKEN: u64 = 3;
/// Tokens of a template around a message.
const AROUND_A_MESSAGE: u64 = 8;
/// Bytes of a bad answer that are shown to the model again.
const MOST_OF_A_BAD_ANSWER: usize = 2000;

impl Question {
    /// A system's and a user's message.
    #[must_use]
    pub fn new(system: &str, user: String, how: Generate) -> Question {
        Question { messages: vec![message("system", system.to_owned()), message("user", user)], how }
    }

    /// The question after an answer that was of no use: the model sees what was wrong, and is less sure of its words.
    pub(super) fn again(&self, attempt: u32, bad_answer: &str, reason: &str) -> Question {
        let mut messages = self.messages.clone();
        let end = bad_answer.floor_char_boundary(MOST_OF_A_BAD_ANSWER);
        messages.push(message("assistant", bad_answer[..end].to_owned()));
        messages.push(message("user", format!("That can't be used: {reason}. Answer again, exactly as asked.")));
        let how = Generate {
            temperature: self.how.temperature.max(0.5),
            seed: Some(self.how.seed.unwrap_or(0).wrapping_add(u64::from(attempt) << 1)),
            ..self.how.clone()
        };
        Question { messages, how }
    }

    /// Tokens of its prompt as reckoned from bytes, and of its answer at most.
    pub(super) fn reckoned(&self) -> Tokens {
        let prompt = self.messages.iter().map(|it| tokens(&it.content) + AROUND_A_MESSAGE).sum();
        Tokens { prompt, answer: self.how.max_tokens as u64 }
    }

    /// What its answer is found by: the model, everything that is said, and how it goes on. The address of the server isn't
    /// part of it.
    pub(super) fn key(&self, model: &str) -> String {
        let text = serde_json::to_string(&(model, &self.messages, &self.how)).expect("a question is plain JSON");
        blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
    }
}

/// Tokens of a text, reckoned from its bytes.
pub(super) fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(BYTES_PER_TOKEN)
}

fn message(role: &str, content: String) -> ChatMessage {
    ChatMessage { role: role.to_owned(), content }
}
