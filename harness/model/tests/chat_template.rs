//! Chat templates, against what `transformers` renders (tests/peers/chat_templates.py).
#![allow(clippy::unwrap_used)]

use phi_model::{ChatTemplate, Engine};
use phi_suites::{ChatMessage, LanguageModel};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn load(files: &[(&str, &str)]) -> Result<Option<ChatTemplate>, String> {
    ChatTemplate::load(folder(files).path(), UNIX_EPOCH).map_err(|error| error.to_string())
}

fn user(text: &str) -> Vec<ChatMessage> {
    vec![ChatMessage { role: "user".to_owned(), content: text.to_owned() }]
}

#[test]
fn templates_of_many_families_are_rendered_as_transformers_renders_them() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat_templates");
    let mut count = 0;
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jinja") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let expected: Value = serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
        let config = expected["tokens"].to_string();
        let template = load(&[("chat_template.jinja", &source), ("tokenizer_config.json", &config)]).unwrap().unwrap();
        for case in expected["cases"].as_array().unwrap() {
            let messages: Vec<ChatMessage> = serde_json::from_value(case["messages"].clone()).unwrap();
            let got = template.render(&messages);
            match case["text"].as_str() {
                Some(text) => assert_eq!(got.unwrap(), text, "{name}: {messages:?}"),
                None => assert!(got.is_err(), "{name}: transformers refuses {messages:?}"),
            }
            count += 1;
        }
    }
    assert!(count >= 64, "{count}");
}

#[test]
fn a_template_stands_in_a_file_or_in_the_tokenizer_s_configuration() {
    let text = |files: &[(&str, &str)]| load(files).unwrap().map(|template| template.render(&user("u")).unwrap());
    let string = json!({"chat_template": "{{ eos_token }}config", "eos_token": {"content": "</s>"}}).to_string();
    assert_eq!(text(&[("tokenizer_config.json", &string)]).as_deref(), Some("</s>config"));
    let both = [("tokenizer_config.json", string.as_str()), ("chat_template.jinja", "file{{ eos_token }}")];
    assert_eq!(text(&both).as_deref(), Some("file</s>"));
    let named = json!({"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]});
    assert_eq!(text(&[("tokenizer_config.json", &named.to_string())]).as_deref(), Some("d"));
    let map = [
        ("special_tokens_map.json", "{\"bos_token\": \"<b>\"}"),
        ("chat_template.jinja", "{{ bos_token }}|{{ pad_token }}"),
    ];
    assert_eq!(text(&map).as_deref(), Some("<b>|"));
    assert_eq!(text(&[("tokenizer_config.json", "{}")]), None);
    assert_eq!(text(&[]), None);
}

#[test]
fn a_template_that_can_not_be_used_is_named_with_its_line() {
    for (files, words) in [
        (("chat_template.jinja", "a\n{% if %}\n"), ["chat_template.jinja", "line 2"]),
        (("tokenizer_config.json", "{\"chat_template\": 7}"), ["tokenizer_config.json", "neither a text"]),
        (
            ("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"x\"}]}"),
            ["tokenizer_config.json", "named default"],
        ),
        (("tokenizer_config.json", "{\"chat"), ["tokenizer_config.json", "JSON"]),
    ] {
        let error = load(&[files]).unwrap_err();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    for (source, word) in [
        ("{{ raise_exception('no system role') }}", "refuses it: no system role"),
        ("\n{{ messages[0].content.nonsense() }}", "line 2"),
        ("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "fuel"),
    ] {
        let error =
            load(&[("chat_template.jinja", source)]).unwrap().unwrap().render(&user("u")).unwrap_err().to_string();
        assert!(error.contains(word), "\"{word}\" is not in: {error}");
    }
}

#[test]
fn the_date_is_the_one_that_is_passed_in() {
    // 2024-02-29 13:05:09 UTC, a Thursday.
    let leap_day = UNIX_EPOCH + Duration::from_secs(1_709_211_909);
    let source = "{{ strftime_now('%d %b %Y|%B %-d, %y|%A %a|%F %H:%M:%S|%e%%') }}";
    let folder = folder(&[("chat_template.jinja", source)]);
    let template = ChatTemplate::load(folder.path(), leap_day).unwrap().unwrap();
    let text = template.render(&user("u")).unwrap();
    assert_eq!(text, "29 Feb 2024|February 29, 24|Thursday Thu|2024-02-29 13:05:09|29%");
    for (days, date) in [(0, "1970-01-01"), (10_957, "2000-01-01"), (11_016, "2000-02-29"), (47_482, "2100-01-01")] {
        let day = UNIX_EPOCH + Duration::from_secs(days * 86_400);
        let folder = self::folder(&[("chat_template.jinja", "{{ strftime_now('%Y-%m-%d') }}")]);
        let template = ChatTemplate::load(folder.path(), day).unwrap().unwrap();
        assert_eq!(template.render(&user("u")).unwrap(), date);
    }
    let error = load(&[("chat_template.jinja", "{{ strftime_now('%Q') }}")]).unwrap().unwrap().render(&user("u"));
    assert!(error.unwrap_err().to_string().contains("%Q"));
}

#[test]
fn the_template_inside_a_gguf_file_is_used_where_none_lies_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("llama.gguf");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/llama.gguf"), &path).unwrap();
    let ask = || Engine::load(&path, 1).unwrap().apply_chat_template(&user("hi")).unwrap();
    assert_eq!(ask(), "<|end|><user>hi<|end|>");
    std::fs::write(dir.path().join("chat_template.jinja"), "beside").unwrap();
    assert_eq!(ask(), "beside");
}
