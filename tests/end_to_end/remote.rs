//! Models and data from elsewhere: a hub and a model server, both on loopback.

use crate::support::{phi_bench, refuses, run};
use assert_cmd::Command;
use phi_loopback::{FakeHub, Reply, Request, Server};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Two questions of ARC; the right answer is the shorter one.
fn questions(folder: &Path) -> PathBuf {
    let question = |id: &str, key: &str| {
        let choices = json!([{"text": "short", "label": "A"}, {"text": "very much longer", "label": "B"}]);
        json!({"id": id, "question": {"stem": "Why?", "choices": choices}, "answerKey": key}).to_string()
    };
    let path = folder.join("arc.jsonl");
    std::fs::write(&path, format!("{}\n{}\n", question("q1", "A"), question("q2", "B"))).unwrap();
    path
}

/// A server that echoes: each letter is a token, and all are equally likely.
fn echo(request: &Request) -> Reply {
    let tokens: Vec<String> = request.json()["prompt"].as_str().unwrap().chars().map(String::from).collect();
    let log_probs: Vec<f64> = tokens.iter().map(|_| -1.0).collect();
    let tops: Vec<Value> = tokens.iter().map(|token| json!({ token.as_str(): -1.0 })).collect();
    let log_probs = json!({"tokens": tokens, "token_logprobs": log_probs, "top_logprobs": tops});
    Reply::json(&json!({"choices": [{"text": "", "logprobs": log_probs}]}))
}

/// `eval` of a model on the two questions.
fn eval(model: &str, folder: &Path) -> Command {
    let mut command = phi_bench();
    command.args(["eval", "--model", model, "--tasks", "arc_easy", "--data"]).arg(questions(folder));
    command.env("PHI_BENCH_HOME", folder);
    command
}

#[test]
fn a_model_behind_a_server_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(echo);
    let mut command = eval(&format!("openai:{}", server.url()), folder.path());
    command.args(["--model-name", "m", "--num-concurrent", "3", "--json"]).env("OPENAI_API_KEY", "sk-secret");
    let (out, err, code) = run(&mut command);
    assert_eq!(code, 0, "{err}");
    // The short answer is the likelier one: right for the first question, wrong for the second.
    assert!(out.contains("\"acc\"") && out.contains("0.5"), "{out}");
    assert_eq!(server.requests().len(), 4);
    assert!(server.requests().iter().all(|request| request.header("authorization") == Some("Bearer sk-secret")));
}

#[test]
fn a_server_that_can_not_do_it_or_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_| Reply::new(500, "out of memory"));
    let mut command = eval(&format!("openai:{}", server.url()), folder.path());
    command.args(["--model-name", "m", "--max-retries", "1"]);
    refuses(&mut command, 4, &[server.url(), "status 500", "out of memory"]);
    let mut command = eval(&format!("openai-chat:{}", server.url()), folder.path());
    refuses(command.args(["--model-name", "m"]), 3, &["chat endpoint", "openai:URL"]);
    let mut command = eval(&format!("openai:{}", server.url()), folder.path());
    refuses(&mut command, 2, &["--model-name"]);
    let mut command = eval("openai:localhost", folder.path());
    refuses(command.args(["--model-name", "m"]), 3, &["openai:localhost", "http://"]);
}

#[test]
fn a_wrong_path_and_a_wrong_name_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["./no/such/folder", "no-such-folder", "no/such/folder", "org/model.gguf"] {
        refuses(&mut eval(path, folder.path()), 3, &[path, "no such file or folder", "ORGANISATION/NAME"]);
    }
    let file = questions(folder.path());
    refuses(&mut eval(&file.display().to_string(), folder.path()), 3, &["neither a folder nor a .gguf file"]);
    let hub = FakeHub::default().with("org/weightless", "config.json", "{}").start(|_| None);
    let mut command = eval("org/typo", folder.path());
    command.env("HF_ENDPOINT", hub.url()).env_remove("HF_HUB_OFFLINE");
    refuses(&mut command, 3, &["no such folder here", "model org/typo", "404"]);
    let mut command = eval("org/weightless", folder.path());
    command.env("HF_ENDPOINT", hub.url()).env_remove("HF_HUB_OFFLINE");
    refuses(&mut command, 3, &["org/weightless", "tokenizer.json"]);
    refuses(&mut eval("org/typo", folder.path()), 3, &["org/typo", "HF_HUB_OFFLINE"]);
    let here = folder.path().display().to_string();
    refuses(eval(&here, folder.path()).args(["--num-concurrent", "2"]), 2, &["--num-concurrent", "openai:URL"]);
    refuses(eval(&here, folder.path()).args(["--revision", "v2"]), 2, &["--revision", "hub"]);
}

#[test]
fn a_task_s_data_come_from_the_hub_and_then_from_its_cache() {
    let home = tempfile::tempdir().unwrap();
    let card = "---\nconfigs:\n- config_name: main\n  data_files:\n  - split: test\n    path: main/test.jsonl\n---\n";
    let set = "datasets/openai/gsm8k";
    let record = r##"{"question": "2 + 2?", "answer": "so #### 4"}"##;
    let hub = FakeHub::default().with(set, "README.md", card).with(set, "main/test.jsonl", record).start(|_| None);
    let requests = || {
        let mut command = phi_bench();
        command.args(["tasks", "requests", "gsm8k", "--num-fewshot", "0"]).env("HF_HOME", home.path());
        command
    };
    refuses(&mut requests(), 3, &["gsm8k", "HF_HUB_OFFLINE", "PHI_BENCH_DATA"]);
    let (online, err, code) = run(requests().env("HF_ENDPOINT", hub.url()).env_remove("HF_HUB_OFFLINE"));
    assert_eq!(code, 0, "{err}");
    assert!(online.contains("Question: 2 + 2?"), "{online}");
    drop(hub);
    assert_eq!(run(&mut requests()), (online, String::new(), 0));
    refuses(requests().env("HF_ENDPOINT", "hub.example"), 3, &["HF_ENDPOINT", "http://"]);
}
