//! Log-likelihoods by echo.

use crate::fake::{echo, is_top, log_probability, tokens};
use crate::{characters, completions};
use phi_loopback::{Reply, Server};
use phi_suites::{LanguageModel, LogLikelihood, Pair};
use proptest::prelude::*;
use serde_json::{Value, json};

fn pair(context: &str, continuation: &str) -> Pair {
    Pair { context: context.to_owned(), continuation: continuation.to_owned() }
}

/// By hand: the sum over the tokens that lie behind the context.
fn expected(tokens: &[String]) -> LogLikelihood {
    LogLikelihood {
        sum: tokens.iter().map(|token| log_probability(token)).sum(),
        is_greedy: tokens.iter().all(|token| is_top(token)),
    }
}

#[test]
fn a_continuation_s_tokens_are_those_behind_the_context() {
    let server = Server::start(echo);
    let model = completions(&server);
    let pairs = [pair("one two", " three four"), pair("one two ", "three fizz"), pair("Frage: wie groß?", " groß ü")];
    let scores = model.loglikelihood(&pairs).unwrap();
    let words = |text: &[&str]| expected(&text.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    assert_eq!(scores[0], words(&[" three", " four"]));
    assert_eq!(scores[1], words(&[" three", " fizz"]), "the space belongs to the continuation");
    assert_eq!(scores[2], words(&[" groß", " ü"]));
    assert!(!scores[1].is_greedy);
}

#[test]
fn with_the_tokenizer_ids_are_sent_and_an_empty_context_has_the_prefix_token() {
    let server = Server::start(echo);
    let model = completions(&server).with_encoder(characters()).with_max_length(8);
    let scores = model.loglikelihood(&[pair("", "abz"), pair("0123456789", "xy")]).unwrap();
    assert_eq!(scores[0], LogLikelihood { sum: -0.75, is_greedy: false });
    assert_eq!(scores[1], LogLikelihood { sum: -0.5, is_greedy: true });
    let sent: Vec<Value> = server.requests().iter().map(|request| request.json()["prompt"].clone()).collect();
    assert_eq!(sent[0], json!([0, 'a' as u32, 'b' as u32, 'z' as u32]));
    assert_eq!(sent[1].as_array().unwrap().len(), 7, "one token less than fit, since the server generates one");
    assert_eq!(model.overflow(&[pair("0123456789", "xy"), pair("0", "x")]), Some(vec![5, 0]));
    let error = model.loglikelihood(&[pair("a", "01234567")]).unwrap_err().to_string();
    assert!(error.contains("request 0") && error.contains("8 tokens") && error.contains("--max-length"), "{error}");
}

#[test]
fn whole_texts_are_scored_in_disjoint_windows() {
    let server = Server::start(echo);
    let model = completions(&server).with_encoder(characters()).with_max_length(8);
    let text = "abcdefghijklmnopqrs";
    let sums = model.loglikelihood_rolling(&[text.to_owned(), "ab".to_owned()]).unwrap();
    assert_eq!(sums, [-0.25 * text.len() as f64, -0.5]);
    let error = completions(&server).loglikelihood_rolling(&[text.to_owned()]).unwrap_err().to_string();
    assert!(error.contains("--tokenizer"), "{error}");
}

#[test]
fn tokens_that_do_not_spell_the_text_are_placed_by_their_offsets() {
    let bytes = json!({
        "tokens": ["Wie", " gro", "bytes:\\xc3\\x9f", "?", " ja", "!"], "text_offset": [0, 3, 7, 8, 9, 12],
        "token_logprobs": [null, -1.0, -2.0, -4.0, -8.0, -16.0],
        "top_logprobs": [null, {"a": -1.0}, {"a": -2.0}, {"a": -4.0}, {"a": -8.0}, {"a": -16.0}],
    });
    let server = Server::start(move |_| Reply::json(&json!({"choices": [{"text": "", "logprobs": bytes}]})));
    let scores = completions(&server).loglikelihood(&[pair("Wie groß?", " ja")]).unwrap();
    assert_eq!(scores[0], LogLikelihood { sum: -8.0, is_greedy: true });
}

#[test]
fn a_server_s_own_first_token_does_not_shift_the_boundary() {
    let with_bos = json!({
        "tokens": ["<s>", "one", " two"], "text_offset": [0, 3, 6],
        "token_logprobs": [null, -1.0, -2.0], "top_logprobs": [null, {"one": -1.0}, {" too": -1.5, " two": -2.0}],
    });
    let server = Server::start(move |_| Reply::json(&json!({"choices": [{"text": "", "logprobs": with_bos}]})));
    let model = completions(&server);
    let scores = model.loglikelihood(&[pair("one", " two"), pair("", "one two")]).unwrap();
    assert_eq!(scores[0], LogLikelihood { sum: -2.0, is_greedy: false });
    assert_eq!(scores[1], LogLikelihood { sum: -3.0, is_greedy: false }, "the first word has a log-probability then");
}

#[test]
fn answers_keep_their_order_however_many_are_under_way() {
    let server = Server::start(|request| {
        let wait = request.json()["prompt"].as_str().unwrap().len() as u64 % 7;
        echo(request).after(std::time::Duration::from_millis(wait * 3))
    });
    let pairs: Vec<Pair> = (0..40).map(|i| pair("context", &format!(" {}", "x".repeat(i % 13 + 1)))).collect();
    let one = completions(&server).loglikelihood(&pairs).unwrap();
    let mut settings = crate::settings(phi_openai::Endpoint::completions(server.url()).unwrap());
    settings.num_concurrent = 8;
    let many = phi_openai::ServedModel::new(phi_openai::Client::new(settings).unwrap());
    assert_eq!(many.loglikelihood(&pairs).unwrap(), one);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_sum_is_that_of_the_words_behind_the_boundary(
        context in proptest::collection::vec("[a-zé]{1,5}", 1..6),
        continuation in proptest::collection::vec("[a-zé]{1,5}", 1..6),
    ) {
        let server = Server::start(echo);
        let (context, continuation) = (context.join(" "), format!(" {}", continuation.join(" ")));
        let got = completions(&server).loglikelihood(&[pair(&context, &continuation)]).unwrap();
        prop_assert_eq!(got[0], expected(&tokens(&json!(continuation))));
    }
}
