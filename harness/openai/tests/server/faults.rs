//! A server that misbehaves: each fault is one clear message that names the address, the status and what was said.

use crate::{characters, chat, completions, settings};
use phi_loopback::{Reply, Request, Server};
use phi_openai::{ApiKey, Client, Endpoint, ServedModel};
use phi_suites::{LanguageModel, ModelError, Pair};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn pairs() -> [Pair; 1] {
    [Pair { context: "one".to_owned(), continuation: " two".to_owned() }]
}

/// The message for a server that always answers so, and how often it was asked.
fn message(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (String, usize) {
    let server = Server::start(reply);
    let error = completions(&server).loglikelihood(&pairs()).unwrap_err().to_string();
    assert!(error.contains(server.url()), "the address is named: {error}");
    (error, server.requests().len())
}

fn with_log_probs(log_probs: &Value) -> Reply {
    Reply::json(&json!({"choices": [{"text": "one two!", "logprobs": log_probs}]}))
}

#[test]
fn a_status_is_told_with_what_the_server_said() {
    for (status, words, tries) in [
        (400, &["status 400: {\"error\": \"echo?\"}", "echo", "--max-length"][..], 1),
        (401, &["status 401", "OPENAI_API_KEY"], 1),
        (404, &["status 404", "--model-name"], 1),
        (429, &["status 429", "--num-concurrent"], 3),
        (500, &["status 500"], 3),
        (503, &["status 503"], 3),
        (307, &["status 307", "elsewhere"], 1),
    ] {
        let (error, asked) = message(move |_| Reply::new(status, "{\"error\": \"echo?\"}"));
        for word in words {
            assert!(error.contains(word), "\"{word}\" is not in: {error}");
        }
        assert_eq!(asked, tries, "{status}");
    }
    let quota = "{\"error\": {\"code\": \"insufficient_quota\"}}";
    assert_eq!(message(move |_| Reply::new(429, quota)).1, 1, "an empty account stays empty");
}

#[test]
fn what_is_not_the_protocol_is_told_with_an_excerpt() {
    for (body, words) in [
        ("<html>hello</html>", ["isn't JSON", "<html>hello"]),
        ("{\"choices\": [", ["isn't JSON", "{\"choices\": ["]),
        ("{\"choices\": 7}", ["another type", "{\"choices\": 7}"]),
        ("{\"choices\": []}", ["no choices", "{\"choices\": []}"]),
        ("{\"error\": {\"message\": \"overloaded\"}}", ["reports an error", "overloaded"]),
        ("", ["isn't JSON", "nothing"]),
    ] {
        let (error, _) = message(move |_| Reply::new(200, body));
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    let (error, _) = message(|_| Reply::raw("220 mail.example ESMTP\r\n"));
    assert!(error.contains("isn't HTTP"), "{error}");
}

#[test]
fn a_server_without_log_probabilities_is_refused_with_what_to_do() {
    let (error, _) = message(|_| Reply::json(&json!({"choices": [{"text": "x"}]})));
    assert!(error.contains("no `logprobs`") && error.contains("vLLM"), "{error}");
    let server = Server::start(|_| Reply::new(500, "never asked"));
    let error = chat(&server).loglikelihood(&pairs()).unwrap_err().to_string();
    assert!(error.contains("chat endpoint") && error.contains("openai:URL"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn fewer_log_probabilities_than_tokens_are_never_taken_for_a_score() {
    for (log_probs, word) in [
        (json!({"tokens": ["one", " two"], "token_logprobs": [null]}), "1 log-probabilities for 2 tokens"),
        (json!({"tokens": [" nine"], "token_logprobs": [-1.0]}), "don't spell the text"),
        (json!({"tokens": [], "token_logprobs": []}), "spell"),
        (json!({"tokens": ["one", " two"], "token_logprobs": [null, -1.0]}), "top_logprobs"),
        (json!({"tokens": ["one", " two"], "token_logprobs": [null, -1.0], "top_logprobs": [null]}), "top_logprobs"),
        (
            json!({"tokens": ["one", " two"], "token_logprobs": [null, null], "top_logprobs": [null, {"a": -1}]}),
            "entry 1",
        ),
        (
            json!({"tokens": ["one", " two"], "token_logprobs": [null, 0.5], "top_logprobs": [null, {"a": -1}]}),
            "entry 1",
        ),
        (json!({"tokens": ["one", " two"], "token_logprobs": [null, -1], "top_logprobs": [null, {}]}), "empty"),
        (json!({"tokens": ["?", "?"], "token_logprobs": [-1, -1], "text_offset": [4, 0]}), "backwards"),
        (json!({"tokens": ["?"], "token_logprobs": [-1], "text_offset": [7]}), "echo"),
    ] {
        let (error, _) = message(move |_| with_log_probs(&log_probs));
        assert!(error.contains(word), "\"{word}\" is not in: {error}");
    }
}

#[test]
fn with_the_tokenizer_the_numbers_of_tokens_must_agree() {
    for (given, word) in [(3, "gives 3 log-probabilities"), (9, "served model's own")] {
        let log_probs = json!({"token_logprobs": vec![-1.0; given], "top_logprobs": vec![json!({"a": -1.0}); given]});
        let server = Server::start(move |_| with_log_probs(&log_probs));
        let error = completions(&server).with_encoder(characters()).loglikelihood(&pairs()).unwrap_err().to_string();
        assert!(error.contains("7 tokens were sent") && error.contains(word), "{error}");
    }
}

#[test]
fn no_log_probability_of_a_first_token_says_what_to_do() {
    let server = Server::start(crate::fake::echo);
    let pair = Pair { context: String::new(), continuation: "one two".to_owned() };
    let error = completions(&server).loglikelihood(&[pair]).unwrap_err().to_string();
    assert!(error.contains("first token") && error.contains("--tokenizer"), "{error}");
}

#[test]
fn a_connection_that_is_cut_is_tried_again() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let reply = crate::fake::echo(request);
        if count.fetch_add(1, Ordering::SeqCst) < 2 { reply.cut_after(20) } else { reply }
    });
    completions(&server).loglikelihood(&pairs()).unwrap();
    assert_eq!(server.requests().len(), 3);
    let (error, asked) = message(|request| crate::fake::echo(request).cut_after(20));
    assert!(error.contains("closed in the middle") || error.contains("ends too early"), "{error}");
    assert!(error.contains("3 tries") && asked == 3, "{error}");
}

#[test]
fn silence_and_absence_are_told_apart() {
    let (error, _) = message(|_| Reply::new(200, "late").after(Duration::from_secs(2)));
    assert!(error.contains("no answer in time"), "{error}");
    let url = Server::start(|_| Reply::new(200, "")).url().to_owned();
    let gone = ServedModel::new(Client::new(settings(Endpoint::completions(&url).unwrap())).unwrap());
    let error = gone.loglikelihood(&pairs()).unwrap_err().to_string();
    assert!(error.contains("nothing listens there") && error.contains("check that the server runs"), "{error}");
}

#[test]
fn the_server_s_wish_to_wait_is_kept_to_and_an_interrupt_ends_it() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::new(429, "slow down").header("retry-after", "1"),
        _ => crate::fake::echo(request),
    });
    let mut patient = settings(Endpoint::completions(server.url()).unwrap());
    patient.backoff.most_ms = 60_000;
    let begun = Instant::now();
    ServedModel::new(Client::new(patient.clone()).unwrap()).loglikelihood(&pairs()).unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let busy = Server::start(|_| Reply::new(429, "slow down").header("retry-after", "50"));
    patient.endpoint = Endpoint::completions(busy.url()).unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let model = ServedModel::new(Client::new(patient).unwrap().with_interrupt(Arc::clone(&flag)));
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        flag.store(true, Ordering::Relaxed);
    });
    assert_eq!(model.loglikelihood(&pairs()), Err(ModelError::Interrupted));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn the_key_is_sent_and_taken_out_of_what_the_server_repeats() {
    let server =
        Server::start(|request| Reply::new(401, format!("bad key {}", request.header("authorization").unwrap())));
    let mut settings = settings(Endpoint::completions(server.url()).unwrap());
    settings.api_key = ApiKey::new("sk-secret");
    let error = ServedModel::new(Client::new(settings).unwrap()).loglikelihood(&pairs()).unwrap_err().to_string();
    assert!(error.contains("bad key Bearer ...") && !error.contains("sk-secret"), "{error}");
}
