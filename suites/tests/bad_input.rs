//! Task files and data that can't be taken as they are: each a message that names the place.

#![allow(clippy::unwrap_used)]

use phi_suites::{DataRoot, SuiteError, Task};
use std::io::Write;

const TASK: &str = include_str!("../tasks/gsm8k.yaml");

fn message(yaml: &str) -> String {
    Task::from_yaml("mine.yaml", yaml).unwrap_err().to_string()
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let text = message(&TASK.replace("num_fewshot:", "num_few_shot:"));
    assert!(text.contains("mine.yaml") && text.contains("num_few_shot") && text.contains("line"), "{text}");
    let text = message(&TASK.replace("      - function: take_first", "      - function: take_second"));
    assert!(text.contains("take_second"), "{text}");
    let text = message(&TASK.replace("  do_sample: false", "  do_simple: false"));
    assert!(text.contains("do_simple"), "{text}");
    let text = message(&TASK.replace("metric: exact_match\n", "metric: bleu\n"));
    assert!(text.contains("bleu"), "{text}");
}

#[test]
fn a_pattern_that_does_not_compile_is_named() {
    let text = message(&TASK.replace(r"'#### (\-?[0-9\.\,]+)'", "'#### ('"));
    assert!(text.contains("strict-match") && text.contains("#### ("), "{text}");
}

#[test]
fn an_unknown_task_gives_the_list() {
    let text = Task::builtin("arc_eazy").unwrap_err().to_string();
    assert!(text.contains("arc_easy") && text.contains("humaneval"), "{text}");
}

#[test]
fn missing_data_say_how_to_get_them() {
    let error = Task::builtin("arc_easy").unwrap().load(&DataRoot::default()).unwrap_err();
    let left_out = error.left_out().unwrap();
    assert_eq!(left_out.task, "arc_easy");
    assert!(
        left_out.remedy.contains("PHI_BENCH_DATA") && left_out.remedy.contains("ARC-Easy-Test.jsonl.gz"),
        "{error}"
    );
    let empty = tempfile::tempdir().unwrap();
    let error = Task::builtin("gsm8k").unwrap().load(&DataRoot::new(Some(empty.path().to_owned()))).unwrap_err();
    assert!(error.left_out().unwrap().reason.contains("test.jsonl.gz"), "{error}");
    let error = Task::builtin("code_exercises").unwrap().load(&DataRoot::default()).unwrap_err();
    assert!(error.left_out().is_some(), "{error}");
}

#[test]
fn a_record_without_a_field_is_named_by_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.jsonl");
    let task = Task::builtin("gsm8k").unwrap();
    for (second, named) in [
        ("{\"question\": \"q\"}", "answer"),
        ("{\"question\": \"q\", \"answer\": null}", "answer"),
        ("{\"question\": \"q\", ", "not JSON"),
        ("[1]", "not a JSON object"),
    ] {
        std::fs::write(&path, format!("{{\"question\": \"q\", \"answer\": \"a\"}}\n{second}\n")).unwrap();
        let text = task.load_file(&path).unwrap_err().to_string();
        assert!(text.contains("data.jsonl") && text.contains("line 2") && text.contains(named), "{text}");
    }
}

#[test]
fn a_truncated_file_is_an_error_and_not_a_smaller_data_set() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.jsonl.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for i in 0..2000 {
        writeln!(encoder, "{{\"question\": \"{i}\", \"answer\": \"{}\"}}", i * 7919).unwrap();
    }
    let bytes = encoder.finish().unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = Task::builtin("gsm8k").unwrap().load_file(&path).unwrap_err();
    assert!(matches!(error, SuiteError::Read { .. }), "{error}");
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(Task::builtin("gsm8k").unwrap().load_file(&path).unwrap().len(), 2000);
}

#[test]
fn an_answer_that_is_no_choice_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arc.jsonl");
    let record =
        r#"{"id": "x", "question": {"stem": "s", "choices": [{"text": "a", "label": "A"}]}, "answerKey": "E"}"#;
    std::fs::write(&path, record).unwrap();
    let text =
        Task::builtin("arc_easy").unwrap().load_file(&path).unwrap().questions(None, None).unwrap_err().to_string();
    assert!(text.contains("doc_to_target") && text.contains("document 0") && text.contains('E'), "{text}");
}

#[test]
fn more_shots_than_there_are_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gsm8k.jsonl");
    std::fs::write(&path, "{\"question\": \"q\", \"answer\": \"a\"}").unwrap();
    let error = Task::builtin("gsm8k").unwrap().load_file(&path).unwrap().requests(Some(5), None).unwrap_err();
    assert!(matches!(error, SuiteError::Shots { wanted: 5, .. }), "{error}");
}

#[test]
fn a_json_array_is_read_element_by_element_and_its_faults_have_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.json");
    let task = Task::builtin("gsm8k").unwrap();
    let record = r#"{"question": "[q, ]", "answer": "a #### 1"}"#;
    let load = |text: String| {
        std::fs::write(&path, text).unwrap();
        task.load_file(&path).map(|task| task.len()).map_err(|error| error.to_string())
    };
    assert_eq!(load(format!(" [\n{record}\n,\n{record}]\n")), Ok(2));
    for (text, line, named) in [
        (format!("[{record},\n{record}\n"), 3, "closing bracket"),
        (format!("[{record},\n\n{{\"question\": 1,\n \"answer\": }}]"), 4, "expected value"),
        (format!("[{record}\n{record}]"), 2, "','"),
        (format!("[{record},\n]"), 2, "not a JSON object"),
        (format!("[{record},\n7]"), 2, "not a JSON object"),
        (format!("[{record}]\n{record}"), 2, "behind its end"),
    ] {
        let message = load(text.clone()).unwrap_err();
        assert!(message.contains(&format!("line {line}")) && message.contains(named), "{text}: {message}");
    }
}
