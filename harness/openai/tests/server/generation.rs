//! Texts that a server writes.

use crate::fake::write;
use crate::{characters, chat, completions, settings};
use phi_loopback::{Reply, Server};
use phi_openai::{ChatMessage, Client, Endpoint, Finish, Generate};
use phi_suites::{LanguageModel, Prompt, Sampling, StopReason};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

fn prompt(text: &str, stop: &[&str], max_tokens: usize) -> Prompt {
    let stop = stop.iter().map(|stop| (*stop).to_owned()).collect();
    Prompt { text: text.to_owned(), stop, max_tokens, sampling: Sampling::Greedy }
}

fn message(role: &str, content: &str) -> ChatMessage {
    ChatMessage { role: role.to_owned(), content: content.to_owned() }
}

#[test]
fn a_prompt_is_completed_up_to_its_stop_string_or_its_limit() {
    let server = Server::start(write);
    let prompts = [prompt("say hi", &[], 3), prompt("say hi", &["i h"], 64), prompt("say hi", &[], 64)];
    let answers = completions(&server).generate(&prompts).unwrap();
    assert_eq!(
        (answers[0].text.as_str(), answers[0].stop_reason, answers[0].num_tokens),
        (" hi hi hi", StopReason::Length, 3)
    );
    assert_eq!((answers[1].text.as_str(), answers[1].stop_reason), (" h", StopReason::StopString));
    assert_eq!((answers[2].text.as_str(), answers[2].stop_reason), (" hi hi hi hi", StopReason::EndOfText));
}

#[test]
fn seeds_temperature_and_four_stop_strings_are_sent_and_the_rest_is_cut_here() {
    let server = Server::start(write);
    let sampled = Prompt {
        sampling: Sampling::Nucleus { temperature: 0.7, top_p: 0.9, seed: 42 },
        ..prompt("word", &["", "1", "2", "3", "4", "d w"], 8)
    };
    let answer = &completions(&server).generate(&[sampled]).unwrap()[0];
    assert_eq!((answer.text.as_str(), answer.stop_reason), (" wor", StopReason::StopString));
    let body = server.requests()[0].json();
    assert_eq!(body["stop"], json!(["1", "2", "3", "4"]));
    assert_eq!((&body["temperature"], &body["top_p"], &body["seed"]), (&json!(0.7), &json!(0.9), &json!(21)));
    assert_eq!(body["model"], "fake-model");
}

#[test]
fn a_conversation_goes_as_messages_and_a_text_as_the_user_s_words() {
    let server = Server::start(write);
    let model = chat(&server);
    let messages = [message("system", "Be brief."), message("user", "say \"hi\"")];
    let text = model.apply_chat_template(&messages).unwrap();
    model.generate(&[prompt(&text, &[], 2), prompt("[1] plain text", &[], 2)]).unwrap();
    let sent: Vec<_> = server.requests().iter().map(|request| request.json()["messages"].clone()).collect();
    assert_eq!(sent[0], json!(messages));
    assert_eq!(sent[1], json!([{"role": "user", "content": "[1] plain text"}]));
    let error = completions(&server).apply_chat_template(&messages).unwrap_err().to_string();
    assert!(error.contains("openai-chat:"), "{error}");
}

#[test]
fn with_the_tokenizer_a_long_prompt_is_cut_on_the_left() {
    let server = Server::start(write);
    let model = completions(&server).with_encoder(characters()).with_max_length(10);
    let answer = &model.generate(&[prompt("0123456789 ab", &[], 4)]).unwrap()[0];
    assert_eq!(answer.truncated_tokens, 7);
    assert_eq!(server.requests()[0].json()["prompt"].as_array().unwrap().len(), 6);
}

#[test]
fn what_was_answered_before_a_fault_is_handed_on() {
    let server =
        Server::start(|request| if request.json()["prompt"] == "bad" { Reply::new(400, "no") } else { write(request) });
    let prompts: Vec<Prompt> = ["a", "b", "bad", "c"].iter().map(|text| prompt(text, &[], 1)).collect();
    let mut answered = Vec::new();
    let error = completions(&server).generate_each(&prompts, &mut |i, answer| answered.push((i, answer.text)));
    assert!(error.unwrap_err().to_string().contains("status 400"));
    assert_eq!(answered, [(0, " a".to_owned()), (1, " b".to_owned())]);
}

/// What is made of an answer in pieces, and how often it was asked for; the server gives the last body again and again.
fn stream(bodies: &'static [&'static str]) -> (Result<phi_openai::Generated, phi_openai::OpenAiError>, usize) {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let body = request.json();
        assert_eq!((&body["stream"], &body["stream_options"]["include_usage"]), (&true.into(), &true.into()));
        let number = asked.fetch_add(1, Ordering::Relaxed).min(bodies.len() - 1);
        Reply::new(200, bodies[number]).header("content-type", "text/event-stream")
    });
    let mut settings = settings(Endpoint::chat(server.url()).unwrap());
    settings.stream = true;
    let how = Generate { stop: vec!["END".to_owned()], ..Generate::default() };
    let whole = Client::new(settings).unwrap().chat(&[message("user", "x")], &how);
    (whole, server.requests().len())
}

/// Pieces without an end.
const BROKEN: &str = "data: {\"choices\": [{\"delta\": {\"content\": \"Hel\"}}]}\n\n";

#[test]
fn an_answer_in_pieces_is_put_together_and_asked_for_again_where_it_breaks_off() {
    const WHOLE: &str = concat!(
        ": a comment\r\n\r\n",
        "data: {\"choices\": [{\"delta\": {\"role\": \"assistant\"}}]}\n\n",
        "event: message\ndata: {\"choices\": [{\"delta\": {\"content\": \"Hel\"}}]}\n\n",
        "data: {\"choices\":\ndata: [{\"delta\": {\"content\": \"lo\"}}]}\n\n",
        "data: {\"choices\": [{\"delta\": {}, \"finish_reason\": \"length\"}]}\n\n",
        "data: {\"choices\": [], \"usage\": {\"prompt_tokens\": 1, \"completion_tokens\": 2}}\n\n",
        "data: [DONE]\n\n",
    );
    for (bodies, requests) in [(&[WHOLE][..], 1), (&[BROKEN, BROKEN, WHOLE], 3)] {
        let (whole, asked) = stream(bodies);
        let whole = whole.unwrap();
        assert_eq!((whole.text.as_str(), whole.finish, whole.prompt_tokens), ("Hello", Finish::Length, Some(1)));
        assert_eq!((whole.tokens, asked), (Some(2), requests));
    }
    let (whole, _) = stream(&["data: {\"choices\": [{\"delta\": {\"content\": \"ab END c\"}}]}\n\ndata: [DONE]\n\n"]);
    let whole = whole.unwrap();
    assert_eq!((whole.text.as_str(), whole.finish), ("ab ", Finish::StopString));
}

#[test]
fn a_stream_that_never_ends_or_talks_nonsense_is_an_error() {
    let (whole, asked) = stream(&[BROKEN]);
    assert!(whole.unwrap_err().to_string().contains("breaks off"));
    assert!(asked > 1);
    let (whole, asked) = stream(&["data: {\"choices\": [{\"del\n\n"]);
    assert!(whole.unwrap_err().to_string().contains("isn't JSON"));
    assert_eq!(asked, 1);
}

#[test]
fn a_server_is_told_from_others_by_its_address_and_from_its_own_other_endpoint() {
    let (one, other) = (Server::start(write), Server::start(write));
    let said = |model: &dyn LanguageModel| (model.content_hash(), model.self_description().unwrap());
    let completed = said(&completions(&one));
    assert_eq!(completed.0, None, "nothing tells what its weights are");
    assert_eq!(completed, said(&completions(&one)));
    assert_ne!(completed, said(&completions(&other)));
    assert_ne!(completed, said(&chat(&one)));
    assert_ne!(completed, said(&completions(&one).with_max_length(64)));
}
