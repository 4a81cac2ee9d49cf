//! Putting a prompt together: system text, shots and question, as plain text or as a conversation.
//!
//! Source: lm-evaluation-harness 0.4.13, `lm_eval/api/task.py` (`fewshot_context`, `build_qa_turn`,
//! `multiple_input_context`) and `lm_eval/api/utils.py`.

use crate::{ChatMessage, LanguageModel, ModelError};

/// How prompts are put together, beyond what the task says.
#[derive(Clone, Copy, Default)]
pub struct PromptOptions<'a> {
    /// Shots; the task's own number for none.
    pub num_fewshot: Option<usize>,
    /// The first so many documents only.
    pub limit: Option<usize>,
    /// Said before everything else, as the system.
    pub system_instruction: Option<&'a str>,
    /// How the model's answer begins, instead of what the task says.
    pub gen_prefix: Option<&'a str>,
    /// The model whose chat template is applied; plain text without one.
    pub chat: Option<&'a dyn LanguageModel>,
    /// In a conversation: whether each shot is a turn of its own. Otherwise all are one message of the user.
    pub fewshot_as_multiturn: bool,
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    System,
    User,
    Assistant,
}

/// A piece of a prompt.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub role: Role,
    pub content: String,
    /// Comes after it in plain text, and between what becomes one message of a conversation.
    pub delimiter: String,
}

impl Message {
    fn new(role: Role, content: impl Into<String>, delimiter: &str) -> Self {
        Self { role, content: content.into(), delimiter: delimiter.to_owned() }
    }
}

/// What the system says before all else, if anything.
pub(super) fn system(instruction: Option<&str>, description: &str, delimiter: &str) -> Option<Message> {
    let text = join(instruction.unwrap_or(""), description, delimiter);
    (!text.is_empty()).then(|| Message::new(Role::System, text, ""))
}

/// A question, with its answer where it is a shot, and how the answer begins where that is given.
pub(super) fn turn(
    question: &str,
    answer: Option<&str>,
    prefix: Option<&str>,
    target_delimiter: &str,
    fewshot_delimiter: &str,
) -> Vec<Message> {
    let prefix = prefix.filter(|prefix| !prefix.is_empty());
    let answer = answer.filter(|answer| !answer.is_empty());
    let delimited = match prefix {
        None => answer.is_some(),
        Some(prefix) => !question.is_empty() && !touches_space(question, prefix),
    };
    let mut messages = vec![Message::new(Role::User, question, if delimited { target_delimiter } else { "" })];
    match (answer, prefix) {
        (Some(answer), prefix) => {
            messages.push(Message::new(Role::Assistant, join(prefix.unwrap_or(""), answer, " "), fewshot_delimiter));
        }
        (None, Some(prefix)) => messages.push(Message::new(Role::Assistant, prefix, "")),
        (None, None) => {}
    }
    messages
}

/// The messages as a model is given them.
///
/// # Errors
/// The model has no chat template, or it fails.
pub(super) fn text(messages: Vec<Message>, options: &PromptOptions<'_>) -> Result<String, ModelError> {
    let Some(model) = options.chat else { return Ok(plain(&messages)) };
    let messages = if options.fewshot_as_multiturn { messages } else { single_turn(messages) };
    let said = |message: Message| ChatMessage {
        role: match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
        .to_owned(),
        content: message.content,
    };
    model.apply_chat_template(&messages.into_iter().map(said).collect::<Vec<_>>())
}

fn plain(messages: &[Message]) -> String {
    messages.iter().flat_map(|message| [message.content.as_str(), message.delimiter.as_str()]).collect()
}

/// All shots and the question as one message of the user; the beginning of an answer stays the assistant's.
fn single_turn(mut messages: Vec<Message>) -> Vec<Message> {
    let mut out = Vec::new();
    if messages.first().is_some_and(|message| message.role == Role::System) {
        out.push(messages.remove(0));
    }
    let begun = messages.pop_if(|message| message.role == Role::Assistant);
    if let Some(last) = messages.last_mut() {
        last.delimiter.clear();
    }
    out.push(Message::new(Role::User, plain(&messages), ""));
    out.extend(begun);
    out
}

/// Both, with the delimiter between them unless a side is empty or has white space at the seam.
fn join(left: &str, right: &str, delimiter: &str) -> String {
    let delimiter = if left.is_empty() || right.is_empty() || touches_space(left, right) { "" } else { delimiter };
    format!("{left}{delimiter}{right}")
}

fn touches_space(left: &str, right: &str) -> bool {
    left.ends_with(char::is_whitespace) || right.starts_with(char::is_whitespace)
}
