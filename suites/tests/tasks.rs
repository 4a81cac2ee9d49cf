//! What single tasks ask, with records of their own: choices as contexts, columns that are computed, labels and rows apart.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Stub, data_root};

use phi_suites::{
    DataRoot, EvalOptions, LoadedTask, Pair, Prompt, Question, Request, Score, SuiteError, Task, TaskGroup, evaluate,
    request_digest,
};
use std::path::Path;

fn load(task: &str, file: &str, text: &str) -> (tempfile::TempDir, LoadedTask) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), text).unwrap();
    let loaded = Task::builtin(task).unwrap().load_file(&folder.path().join(file)).unwrap();
    (folder, loaded)
}

fn question(task: &LoadedTask) -> Question {
    task.questions(None, None).unwrap().remove(0)
}

fn pairs(question: &Question) -> Vec<(&str, &str)> {
    let pair = |request| match request {
        &Request::LogLikelihood(Pair { ref context, ref continuation }) => (context.as_str(), continuation.as_str()),
        Request::Generate { .. } | Request::Rolling { .. } => panic!("a log-likelihood"),
    };
    question.requests.iter().map(pair).collect()
}

fn likelihoods(likelihood: impl Fn(&Pair) -> f64) -> impl phi_suites::LanguageModel {
    Stub { max_length: 1024, likelihood, completion: |_: &Prompt| String::new() }
}

#[test]
fn winogrande_fills_the_blank_and_scores_what_follows() {
    let record =
        r#"{"qID": "q", "sentence": "Ann thanked Bo_ for _ help. ", "option1": "x", "option2": "y", "answer": "2"}"#;
    let (_folder, task) = load("winogrande", "dev.jsonl", record);
    let question = question(&task);
    assert_eq!(pairs(&question), [("Ann thanked Box", " for _ help."), ("Ann thanked Boy", " for _ help.")]);
    assert_eq!((question.gold, question.prompt.as_str()), (1, "Ann thanked Box"));
    let model = likelihoods(|pair| if pair.context.ends_with('y') { -1.0 } else { -2.0 });
    let evaluation = evaluate(&task, &model, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    assert_eq!(evaluation.scores[0].value, 1.0);
}

/// The expected texts are those of lm-evaluation-harness 0.4.13's own `process_docs` for this record.
#[test]
fn hellaswag_takes_out_the_marks_as_the_harness_does() {
    let record = r#"{"activity_label": "Removing ice", "ctx_a": "[header] How to clear a windshield [title] Start early.", "ctx_b": "the McCoy scraper [step] helps  you", "endings": [" [step] go on.", "[substeps] \u00c9a   b.", "c [title] D", "d. [x] e"], "label": 2}"#;
    let (_folder, task) = load("hellaswag", "hellaswag_val.jsonl", record);
    let question = question(&task);
    assert_eq!(question.prompt, "Removing ice: How to clear a windshield. Start early. The mccoy scraper helps you");
    assert_eq!(question.choices, [" go on.", " \u{c9}a  b.", "c. D", "d. e"]);
    assert_eq!((pairs(&question)[0].1, question.gold), ("  go on.", 2));
}

/// The digest is that of lm-evaluation-harness 0.4.13's own `doc_to_text` and `doc_to_choice` over the validation split.
#[test]
fn copa_asks_as_the_harness_does() {
    let Some(root) = data_root("copa_asks_as_the_harness_does") else { return };
    let requests = Task::builtin("copa").unwrap().load(&root).unwrap().requests(None, None).unwrap();
    assert_eq!(request_digest(&requests), "854caff24626c0253e5a526627fab1b37203f5d8e5f3c8c3c246dc3ece629754");
}

#[test]
fn several_right_choices_score_by_their_probability_together() {
    let record = r#"[{"question": "q?", "mc1_targets": {"b": 1}, "mc2_targets": {"b": 1, "a": 1, "c": 0}}]"#;
    let (_folder, task) = load("truthfulqa_mc2", "mc_task.json", record);
    assert_eq!(question(&task).choices, ["b", "a", "c"], "in the file's order");
    // Far below what `exp` can hold.
    let model = likelihoods(|pair| -5000.0 - if pair.continuation == " c" { 2f64.ln() } else { 0.0 });
    let evaluation = evaluate(&task, &model, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    assert!((evaluation.scores[0].value - 0.8).abs() < 1e-12);
}

#[test]
fn a_last_word_gives_perplexity_and_accuracy() {
    let text: String = ["a b c", "a b d"].map(|text| serde_json::json!({ "text": text }).to_string() + "\n").concat();
    let (_folder, task) = load("lambada_openai", "test.jsonl", &text);
    assert_eq!(pairs(&question(&task)), [("a b", " c")]);
    let model = likelihoods(|pair| if pair.continuation == " c" { -(2f64.ln()) } else { -(8f64.ln()) });
    let evaluation = evaluate(&task, &model, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    let [acc, perplexity] = &evaluation.scores[..] else { panic!("two metrics") };
    assert_eq!((acc.metric.as_str(), acc.value), ("acc", 0.0));
    assert!((perplexity.value - 4.0).abs() < 1e-12 && !perplexity.higher_is_better);
    assert!(perplexity.interval.0 <= 4.0 && 4.0 <= perplexity.interval.1);
}

#[test]
fn rows_of_csv_keep_line_ends_inside_cells() {
    let text = "question,choice0,choice1,choice2,choice3,answer\n\"a\r\nb\u{85}, \"\"c\"\"\",1,2,3,4,2\n";
    let (folder, task) = load("mmlu_anatomy", "anatomy_test.csv", text);
    let question = question(&task);
    assert!(question.prompt.contains("about anatomy.\n\na\r\nb\u{85}, \"c\"\nA. 1\n"), "{}", question.prompt);
    assert_eq!((question.gold, pairs(&question)[3].1), (2, " D"));
    std::fs::write(folder.path().join("anatomy_test.csv"), format!("{text}too,short\n")).unwrap();
    let error = Task::builtin("mmlu_anatomy").unwrap().load_file(&folder.path().join("anatomy_test.csv")).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("line 4") && text.contains("2 cells") && text.contains("header 6"), "{text}");
}

fn piqa(folder: &Path, labels: &str) -> Result<LoadedTask, SuiteError> {
    let record = r#"{"goal": "g", "sol1": "a", "sol2": "b"}"#;
    std::fs::create_dir_all(folder.join("piqa")).unwrap();
    std::fs::write(folder.join("piqa/valid.jsonl.gz"), format!("{record}\n{record}\n")).unwrap();
    std::fs::write(folder.join("piqa/valid-labels.lst.gz"), labels).unwrap();
    Task::builtin("piqa").unwrap().load(&DataRoot::new(Some(folder.to_owned())))
}

#[test]
fn labels_apart_go_with_their_records_and_must_be_as_many() {
    let folder = tempfile::tempdir().unwrap();
    let task = piqa(folder.path(), "1\n0\n").unwrap();
    let gold: Vec<usize> = task.questions(None, None).unwrap().iter().map(|question| question.gold).collect();
    assert_eq!(gold, [1, 0]);
    assert!(piqa(folder.path(), "1\n").unwrap_err().to_string().contains("labels ends before"));
    assert!(piqa(folder.path(), "1\n0\n1\n").unwrap_err().to_string().contains("more lines"));
    std::fs::remove_file(folder.path().join("piqa/valid-labels.lst.gz")).unwrap();
    let error = Task::builtin("piqa").unwrap().load(&DataRoot::new(Some(folder.path().to_owned()))).unwrap_err();
    assert!(error.left_out().unwrap().reason.contains("valid-labels.lst.gz"), "{error}");
}

#[test]
fn groups_name_tasks_that_there_are() {
    let names = Task::names();
    for group in TaskGroup::all() {
        assert!(group.task_names().iter().all(|task| names.contains(task)), "{}", group.group);
    }
    let mmlu = TaskGroup::builtin("mmlu").unwrap().task_names();
    assert_eq!(mmlu.iter().collect::<std::collections::BTreeSet<_>>().len(), 57);
    assert!(names.iter().filter(|name| name.starts_with("mmlu_")).all(|name| mmlu.contains(name)));
}

#[test]
fn a_group_weighs_questions_or_members_alike() {
    let score = |task: &str, value: f64, n: usize| Score {
        task: task.to_owned(),
        metric: "acc".to_owned(),
        value,
        stderr: 0.1,
        n,
        clusters: n,
        interval: (0.0, 1.0),
        interval_method: String::new(),
        higher_is_better: true,
    };
    let group = |weight_by_size| TaskGroup {
        weight_by_size,
        tasks: vec!["piqa".to_owned(), "boolq".to_owned()],
        ..TaskGroup::builtin("commonsense").unwrap()
    };
    let scores = [score("piqa", 1.0, 300), score("boolq", 0.0, 100)];
    assert!((group(true).score(&scores).unwrap().value - 0.75).abs() < 1e-12);
    let alike = group(false).score(&scores).unwrap();
    assert!((alike.value - 0.5).abs() < 1e-12 && (alike.stderr - 0.1 / 2f64.sqrt()).abs() < 1e-12);
    assert_eq!((alike.n, group(false).score(&scores[..1])), (400, None));
}
