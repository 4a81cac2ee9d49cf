//! A user's own task files: they ask as lm-evaluation-harness asks, and what isn't supported is refused by file, line and key.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Stub, writer};
use phi_suites::{
    ChatMessage, Completion, EvalOptions, FunctionHost, LanguageModel, LogLikelihood, ModelError, Pair, Prompt,
    PromptOptions, Request, SuiteError, TaskLibrary, evaluate, request_digest,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/tasks")
}

fn host() -> FunctionHost {
    FunctionHost::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("phi-suites-sandbox"))
}

fn library() -> TaskLibrary {
    TaskLibrary::new(&[fixtures()], host()).unwrap()
}

/// The chat template of `tests/peers/user_tasks.py`.
struct Templated;

impl LanguageModel for Templated {
    fn name(&self) -> &str {
        "templated"
    }
    fn max_length(&self) -> usize {
        2048
    }
    fn apply_chat_template(&self, messages: &[ChatMessage]) -> Result<String, ModelError> {
        let said = |m: &ChatMessage| format!("<{}>{}</{}>", m.role, m.content, m.role);
        let text: String = messages.iter().map(said).collect();
        let begun = messages.last().is_some_and(|message| message.role == "assistant");
        Ok(if begun { text.strip_suffix("</assistant>").unwrap().to_owned() } else { text + "<assistant>" })
    }
    fn loglikelihood(&self, _: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        Err(ModelError::Interrupted)
    }
    fn loglikelihood_rolling(&self, _: &[String]) -> Result<Vec<f64>, ModelError> {
        Err(ModelError::Interrupted)
    }
    fn generate(&self, _: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        Err(ModelError::Interrupted)
    }
}

/// The digests were recorded from lm-evaluation-harness 0.4.13 by `tests/peers/user_tasks.py`.
#[test]
fn own_tasks_ask_as_the_harness_does() {
    let recorded = std::fs::read_to_string(fixtures().join("harness_requests.json")).unwrap();
    let recorded: serde_json::Map<String, Value> = serde_json::from_str(&recorded).unwrap();
    assert!(recorded.len() >= 30);
    let library = library();
    for (setting, expected) in recorded {
        let (setting_name, variant) = setting.split_once("shot").unwrap();
        let (task, shots) = setting_name.split_once('.').unwrap();
        let options = PromptOptions {
            num_fewshot: Some(shots.parse().unwrap()),
            chat: (!variant.is_empty()).then_some(&Templated),
            fewshot_as_multiturn: variant == ".chat",
            system_instruction: (variant == ".chat.single").then_some("Be brief."),
            ..PromptOptions::default()
        };
        let loaded = library.task(task).unwrap().load(&Default::default()).unwrap();
        let questions = loaded.questions_as(&options).unwrap();
        let requests: Vec<Request> = questions.into_iter().flat_map(|question| question.requests).collect();
        assert_eq!(requests[0].to_json(), expected["first"], "{setting}");
        assert_eq!(requests.len() as u64, expected["requests"].as_u64().unwrap(), "{setting}");
        assert_eq!(request_digest(&requests), expected["sha256"].as_str().unwrap(), "{setting}");
    }
}

#[test]
fn groups_and_tags_stand_for_their_tasks() {
    let library = library();
    assert_eq!(library.members("zoo"), ["animals", "zoo::animals_shouted"]);
    assert_eq!(library.members("biology"), ["animals", "animals_shouted"]);
    assert_eq!(library.members("arc_easy"), ["arc_easy"]);
    assert_eq!(library.task("zoo::animals_shouted").unwrap().shots(Some(5)), 0);
    let likely = Stub { max_length: 100, likelihood: |_: &Pair| -1.0, completion: |_: &Prompt| String::new() };
    let scores: Vec<_> = library
        .members("zoo")
        .iter()
        .flat_map(|name| {
            let loaded = library.task(name).unwrap().load(&Default::default()).unwrap();
            evaluate(&loaded, &likely, None, &EvalOptions::default(), &|_, _| {}).unwrap().scores
        })
        .collect();
    let of_group = library.group("zoo").unwrap().scores(&library.members("zoo"), &scores);
    // The first choice wins every tie; it is the right one in 2 of 6 questions.
    assert_eq!(of_group.len(), 1);
    assert!((of_group[0].value - 2.0 / 6.0).abs() < 1e-12 && of_group[0].n == 12, "{of_group:?}");
}

#[test]
fn functions_make_metrics_in_the_sandbox() {
    let loaded = library().task("sums_judged").unwrap().load(&Default::default()).unwrap();
    let model = writer(|prompt| {
        match prompt.text.as_str() {
            text if text.contains("2 + 2") => "4, of course",
            text if text.contains("10 - 3") => "8",
            text if text.contains("6 * 7") => "none",
            _ => "0",
        }
        .to_owned()
    });
    let evaluation = evaluate(&loaded, &model, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    let score = |name: &str| evaluation.scores.iter().find(|score| score.metric == name).unwrap();
    assert!((score("exact").value - 0.2).abs() < 1e-12);
    // One answer has no number, so four count: 0, 1, 21 and 25 off.
    let off = score("off_by");
    assert_eq!((off.n, off.value, off.higher_is_better), (4, 11.75, false));
    assert!(off.interval.1 > 1.0, "a metric that isn't a share isn't held within 0 and 1");
}

#[test]
fn several_answers_are_put_to_the_vote() {
    let loaded = library().task("sums_voted").unwrap().load(&Default::default()).unwrap();
    let turn = std::cell::Cell::new(0);
    let model = writer(|_| {
        turn.set(turn.get() + 1);
        ["it is 4", "5", "4!"][(turn.get() - 1) % 3].to_owned()
    });
    let evaluation = evaluate(&loaded, &model, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    assert_eq!((turn.get(), evaluation.samples[0].responses.len()), (15, 3));
    assert_eq!(evaluation.scores[0].metric, "exact_match,vote");
    assert!((evaluation.scores[0].value - 0.2).abs() < 1e-12, "4 is right once in five");
}

#[test]
fn whole_texts_give_bits_per_byte() {
    struct PerByte;
    impl LanguageModel for PerByte {
        fn name(&self) -> &str {
            "per byte"
        }
        fn max_length(&self) -> usize {
            100
        }
        fn loglikelihood(&self, _: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
            Err(ModelError::Interrupted)
        }
        fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
            Ok(texts.iter().map(|text| -(text.len() as f64) * 3.0 * std::f64::consts::LN_2).collect())
        }
        fn generate(&self, _: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
            Err(ModelError::Interrupted)
        }
    }
    let loaded = library().task("texts").unwrap().load(&Default::default()).unwrap();
    let evaluation = evaluate(&loaded, &PerByte, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    let [bits, bytes, words] = &evaluation.scores[..] else { panic!("three metrics") };
    assert!((bits.value - 3.0).abs() < 1e-12 && (bytes.value - 8.0).abs() < 1e-9, "{bits:?} {bytes:?}");
    // Python: len(re.split(r"\s+", text)) gives 3, 5 and 6 words; 58 bytes of 3 bits each.
    let expected = (58.0 * 3.0 * std::f64::consts::LN_2 / 14.0f64).exp();
    assert!((words.value / expected - 1.0).abs() < 1e-9, "{words:?}, not {expected}");
}

/// A folder with one task file, and the message about it.
fn refused(files: &[(&str, &str)], task: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let load = || -> Result<(), SuiteError> {
        let library = TaskLibrary::new(&[folder.path().to_owned()], host())?;
        library.task(task)?.load(&Default::default())?.questions(Some(0), None)?;
        Ok(())
    };
    load().unwrap_err().to_string()
}

const PLAIN: &str = "task: mine\ndataset_path: json\ndataset_kwargs:\n  data_files:\n    test: mine.jsonl\n\
                     test_split: test\ndoc_to_text: \"{{q}}\"\ndoc_to_target: \"{{a}}\"\n";

#[test]
fn what_is_not_supported_is_refused_by_file_line_and_key() {
    for (added, words) in [
        ("doc_to_image: picture\n", vec!["mine.yaml", "line 9", "doc_to_image"]),
        ("metric_list:\n  - metric: exact_match\n  - metric: bleu\n", vec!["line 11", "metric_list.1.metric", "bleu"]),
        ("metric_list:\n  - metric: acc\n", vec!["line 10", "acc", "output_type"]),
        ("metric_list:\n  - metric: !function utils.f\n", vec!["line 10", "!function utils.f", "process_results"]),
        (
            "filter_list:\n  - name: x\n    filter:\n      - function: custom\n        filter_fn: f\n",
            vec!["mine.yaml", "filter_list.0.filter.0", "custom", "take_first"],
        ),
        ("generation_kwargs:\n  until: [\".\"]\n  top_k: 5\n", vec!["line 9", "generation_kwargs", "top_k"]),
        ("process_docs: !function utils.process\n", vec!["line 9", "process_docs", "utils.process", "no such module"]),
        ("output_type: multiple_choice\n", vec!["line 9", "output_type", "doc_to_choice"]),
        ("fewshot_config:\n  sampler: balanced\n", vec!["fewshot_config.sampler", "balanced", "first_n"]),
        ("description: \"{{ 1 + }}\"\n", vec!["line 9", "description", "template"]),
        ("custom_dataset: !secret x\n", vec!["mine.yaml", "!secret"]),
        ("num_fewshot: many\n", vec!["line 9", "num_fewshot", "many"]),
    ] {
        let text = refused(
            &[("mine.yaml", &format!("{PLAIN}{added}")), ("mine.jsonl", "{\"q\": \"1\", \"a\": \"2\"}")],
            "mine",
        );
        for word in words {
            assert!(text.contains(word), "{word:?} isn't in: {text}");
        }
    }
}

#[test]
fn what_fails_on_a_document_or_in_python_is_told_with_its_place() {
    let data = ("mine.jsonl", "{\"q\": \"1\", \"a\": \"2\"}");
    let text = refused(&[("mine.yaml", &PLAIN.replace("{{q}}", "{{question}}")), data], "mine");
    assert!(text.contains("document 0") && text.contains("doc_to_text") && text.contains("undefined"), "{text}");
    let text = refused(&[("mine.yaml", PLAIN)], "mine");
    assert!(text.contains("mine.jsonl") && text.contains("data_files"), "{text}");
    let task = format!("{PLAIN}process_docs: !function utils.process\n");
    for (module, words) in [
        ("def process(dataset):\n    return dataset.map(lambda doc: doc['b'])\n", vec!["KeyError", "'b'", "line 2"]),
        ("import torch\n", vec!["torch", "standard library"]),
        ("def other():\n    pass\n", vec!["process"]),
        ("def process(dataset):\n    return open('/etc/passwd').read()\n", vec!["utils.process"]),
        ("def process(dataset):\n    return dataset.shuffle(seed=1)\n", vec!["Dataset.shuffle", "isn't supported"]),
        ("def process(dataset):\n    while True: pass\n    return (\n", vec!["syntax", "utils.py"]),
    ] {
        let text = refused(&[("mine.yaml", &task), data, ("utils.py", module)], "mine");
        for word in ["mine", "utils.process"].into_iter().chain(words) {
            assert!(text.to_lowercase().contains(&word.to_lowercase()), "{word:?} isn't in: {text}");
        }
    }
}

#[test]
fn includes_are_followed_and_circles_are_told() {
    let text = refused(&[("mine.yaml", "include: other.yaml\ntask: mine\n")], "mine");
    assert!(text.contains("mine.yaml") && text.contains("line 1") && text.contains("other.yaml"), "{text}");
    let text =
        refused(&[("mine.yaml", "include: other.yaml\ntask: mine\n"), ("other.yaml", "include: mine.yaml\n")], "mine");
    assert!(text.contains("includes itself"), "{text}");
    let base = PLAIN.replace("task: mine\n", "num_fewshots: 3\n");
    let text = refused(&[("mine.yaml", "include: base\ntask: mine\n"), ("base", &base)], "mine");
    assert!(text.contains("base") && text.contains("line 1") && text.contains("num_fewshots"), "{text}");
}
