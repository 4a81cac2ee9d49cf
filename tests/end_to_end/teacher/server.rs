//! A model server that is told how to misbehave, and counts what it gave for which prompt.

use phi_loopback::{Reply, Request, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What a server was asked and gave, by the last word of the user.
#[derive(Clone, Default)]
pub struct Count(Arc<Mutex<Counted>>);

#[derive(Default)]
struct Counted {
    requests: BTreeMap<String, usize>,
    /// Whole answers with status 200, which a server takes money for.
    paid: BTreeMap<String, usize>,
    tokens: u64,
}

impl Count {
    /// Requests in all.
    pub fn requests(&self) -> usize {
        self.0.lock().unwrap().requests.values().sum()
    }

    /// The largest number of paid answers to one prompt.
    pub fn most_paid(&self) -> usize {
        self.0.lock().unwrap().paid.values().copied().max().unwrap_or(0)
    }

    /// Prompts that were answered, and answers in all.
    pub fn paid(&self) -> (usize, usize) {
        let counted = self.0.lock().unwrap();
        (counted.paid.len(), counted.paid.values().sum())
    }

    /// Tokens that were charged.
    pub fn tokens(&self) -> u64 {
        self.0.lock().unwrap().tokens
    }
}

/// What the server does with a request.
pub enum Does {
    /// Gives this text, which is paid for.
    Says(String),
    /// Answers like this; nothing is paid.
    Fails(Reply),
}

/// A server that does what `model` says: it is told the whole conversation as text, how often the same conversation came
/// before, and the request.
pub fn serve(count: &Count, model: impl Fn(&str, usize, &Value) -> Does + Send + Sync + 'static) -> Server {
    let count = count.clone();
    Server::start(move |request: &Request| {
        assert!(request.path.ends_with("/v1/chat/completions"), "{}", request.path);
        let body = request.json();
        assert_eq!(body["model"], "fake-llm");
        let said: Vec<&str> =
            body["messages"].as_array().unwrap().iter().map(|it| it["content"].as_str().unwrap()).collect();
        let said = said.join("\n");
        let before = {
            let mut counted = count.0.lock().unwrap();
            let requests = counted.requests.entry(said.clone()).or_default();
            *requests += 1;
            *requests - 1
        };
        match model(&said, before, &body) {
            Does::Fails(reply) => reply,
            Does::Says(text) => {
                // Four bytes a token, as English has.
                let (prompt, answer) = (said.len() / 4, text.len() / 4);
                let mut counted = count.0.lock().unwrap();
                *counted.paid.entry(said).or_default() += 1;
                counted.tokens += (prompt + answer) as u64;
                let whole = completion(&text, prompt, answer);
                if body["stream"] == true { Reply::new(200, events(&whole)) } else { Reply::json(&whole) }
            }
        }
    })
}

/// The body of an answer.
pub fn completion(text: &str, prompt: usize, answer: usize) -> Value {
    json!({
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": prompt, "completion_tokens": answer },
    })
}

/// An answer as it comes piece by piece.
pub fn events(completion: &Value) -> String {
    let text = completion["choices"][0]["message"]["content"].as_str().unwrap();
    let (first, rest) = text.split_at(text.len() / 2);
    let pieces = [first, rest].map(|text| json!({ "choices": [{ "delta": { "content": text } }] }));
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
    let usage = json!({ "choices": [], "usage": completion["usage"] });
    let data = pieces.iter().chain([&end, &usage]).map(|event| format!("data: {event}\n\n"));
    data.collect::<String>() + "data: [DONE]\n\n"
}

/// The number behind a word.
pub fn number_behind(text: &str, word: &str) -> usize {
    let (_, rest) = text.split_once(word).unwrap_or_else(|| panic!("{word} is not in {text}"));
    rest.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// The score that a document says it deserves, as a good model gives it.
pub fn score(said: &str) -> String {
    json!({ "reason": "it says so", "score": number_behind(said, "deserves") }).to_string()
}
