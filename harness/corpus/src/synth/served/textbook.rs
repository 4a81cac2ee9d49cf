//! A textbook passage as a model is asked for it, and as it is read.

use phi_openai::{Finish, Generate, Generated};

use super::Brief;
use crate::document::{Document, Kind};
use crate::python::parse;
use crate::teacher::Question;

const MOST_TOKENS: usize = 2500;
/// Bytes of a passage at least; less explains nothing.
const LEAST_BYTES: usize = 500;

const SYSTEM: &str = "\
You write passages of a textbook on programming in Python, as clear as the best books: a concept is explained in plain words, a \
complete example in a ```python block shows it and is explained line by line, a common mistake is named, and at the end there is a \
question for the reader with its answer. Everything is correct and self-contained. Begin with a heading. Don't speak of yourself, \
and don't greet.";

/// What is asked for a brief.
pub fn textbook_question(brief: &Brief) -> Question {
    let Brief { topic, audience, words: [one, two, three], .. } = brief;
    let piece = brief.inspiration();
    let user = format!(
        "Write a passage of 300 to 600 words on {topic} for {audience}. Let the example have to do with: {one}, {two}, {three}.{piece}"
    );
    let how =
        Generate { max_tokens: MOST_TOKENS, temperature: 1.0, seed: Some(brief.number << 1), ..Generate::default() };
    Question::new(SYSTEM, user, how)
}

/// The passage of a reply, written by a model.
///
/// # Errors
/// What is wrong with it.
pub fn textbook_of(brief: &Brief, model: &str, reply: &Generated) -> Result<Document, String> {
    let text = reply.text.trim();
    if reply.finish == Finish::Length {
        return Err("it is too long, and breaks off".to_owned());
    }
    if text.len() < LEAST_BYTES {
        return Err(format!("it has only {} letters; write at least 300 words", text.len()));
    }
    let examples = python_blocks(text);
    if examples.is_empty() {
        return Err("it shows no example in a ```python block".to_owned());
    }
    if !examples.iter().any(|example| parse(example).is_some_and(|tree| !tree.root_node().has_error())) {
        return Err("its examples aren't Python without syntax errors".to_owned());
    }
    Ok(Document {
        id: format!("textbook/{}", brief.number),
        kind: Kind::Textbook,
        text: format!("{text}\n"),
        source: format!("{model}: {}", brief.topic),
    })
}

fn python_blocks(text: &str) -> Vec<&str> {
    let blocks = text.split("```python").skip(1);
    blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect()
}
