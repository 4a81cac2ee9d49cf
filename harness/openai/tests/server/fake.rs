//! A model whose log-probabilities can be reckoned by hand, behind OpenAI's protocol.

use phi_loopback::{Reply, Request};
use serde_json::{Value, json};

/// Texts are split before each space; token ids are characters, 0 the beginning of a text.
pub fn tokens(prompt: &Value) -> Vec<String> {
    if let Some(ids) = prompt.as_array() {
        let letter = |id: &Value| match id.as_u64().unwrap() as u32 {
            0 => "<s>".to_owned(),
            id => char::from_u32(id).unwrap().to_string(),
        };
        return ids.iter().map(letter).collect();
    }
    prompt.as_str().unwrap().split_inclusive_before(' ')
}

trait SplitBefore {
    fn split_inclusive_before(&self, at: char) -> Vec<String>;
}

impl SplitBefore for str {
    fn split_inclusive_before(&self, at: char) -> Vec<String> {
        self.chars().fold(Vec::new(), |mut parts: Vec<String>, c| {
            match parts.last_mut() {
                Some(last) if c != at => last.push(c),
                _ => parts.push(c.to_string()),
            }
            parts
        })
    }
}

/// The log-probability of a token.
pub fn log_probability(token: &str) -> f64 {
    -0.25 * token.len() as f64
}

/// Whether it is the likeliest.
pub fn is_top(token: &str) -> bool {
    !token.contains('z')
}

/// An echoing server's answer.
pub fn echo(request: &Request) -> Reply {
    let body = request.json();
    assert_eq!((&body["echo"], &body["logprobs"], &body["max_tokens"]), (&json!(true), &json!(1), &json!(1)));
    let mut tokens = tokens(&body["prompt"]);
    tokens.push("!".to_owned());
    let length = |token: &String| token.chars().count();
    let offsets: Vec<usize> = (0..tokens.len()).map(|at| tokens[..at].iter().map(length).sum()).collect();
    let mut log_probs: Vec<Value> = tokens.iter().map(|token| json!(log_probability(token))).collect();
    log_probs[0] = Value::Null;
    let top = |token: &String| match is_top(token) {
        true => json!({ token.as_str(): log_probability(token) }),
        false => json!({ token.as_str(): log_probability(token), "better": log_probability(token) / 2.0 }),
    };
    let mut tops: Vec<Value> = tokens.iter().map(top).collect();
    tops[0] = Value::Null;
    let text = tokens.concat();
    let log_probs =
        json!({"tokens": tokens, "token_logprobs": log_probs, "top_logprobs": tops, "text_offset": offsets});
    Reply::json(&json!({"choices": [{"index": 0, "text": text, "logprobs": log_probs, "finish_reason": "length"}]}))
}

/// A writing server's answer: the last word of what it was given, again and again.
pub fn write(request: &Request) -> Reply {
    let body = request.json();
    let is_chat = request.path.ends_with("chat/completions");
    let prompt = if is_chat {
        body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned()
    } else {
        tokens(&body["prompt"]).concat()
    };
    let word = prompt.split_whitespace().last().unwrap_or("").to_owned();
    let count = body["max_tokens"].as_u64().unwrap().min(4);
    let text = format!(" {word}").repeat(count as usize);
    let mut choice = json!({"index": 0, "finish_reason": if count < 4 { "length" } else { "stop" }});
    match is_chat {
        true => choice["message"] = json!({"role": "assistant", "content": text}),
        false => choice["text"] = json!(text),
    }
    Reply::json(&json!({"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": count}}))
}
