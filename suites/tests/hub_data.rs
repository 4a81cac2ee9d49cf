//! Tasks whose data come from the hub, on loopback.

#![allow(clippy::unwrap_used)]

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use phi_hub::{Hub, HubSettings};
use phi_loopback::{FakeHub, Server};
use phi_suites::{DataRoot, LoadedTask, Request, SuiteError, Task};
use std::path::Path;
use std::sync::Arc;

/// A hub for a server and a cache, with little patience.
fn hub(server: &Server, cache: &Path) -> Hub {
    let mut settings = HubSettings::new(cache.to_owned());
    server.url().clone_into(&mut settings.endpoint);
    settings.backoff = phi_http::Backoff { attempts: 2, first_ms: 1, most_ms: 5 };
    Hub::new(settings).unwrap()
}

/// A task with data from a hub of these repositories.
fn load(task: &str, repos: FakeHub) -> Result<LoadedTask, SuiteError> {
    let cache = tempfile::tempdir().unwrap();
    let server = repos.start(|_| None);
    Task::builtin(task).unwrap().load(&DataRoot::default().with_hub(hub(&server, cache.path())))
}

/// A parquet file of two columns: texts, and numbers.
fn parquet_file(names: [&str; 2], rows: &[(&str, i64)]) -> Vec<u8> {
    let schema = format!("message m {{ REQUIRED BYTE_ARRAY {} (UTF8); REQUIRED INT64 {}; }}", names[0], names[1]);
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_compression(parquet::basic::Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts: Vec<ByteArray> = rows.iter().map(|(text, _)| ByteArray::from(*text)).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
    column.close().unwrap();
    let numbers: Vec<i64> = rows.iter().map(|(_, number)| *number).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&numbers, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

fn contexts(task: &LoadedTask, shots: usize) -> Vec<String> {
    let context = |request: Request| match request {
        Request::LogLikelihood(pair) => pair.context,
        Request::Generate { prompt, .. } => prompt,
        other => panic!("{other:?}"),
    };
    task.requests(Some(shots), None).unwrap().into_iter().map(context).collect()
}

#[test]
fn a_task_is_read_from_the_hub_s_own_columns() {
    let line = r#"{"id": "q1", "question": "Why?", "choices": {"text": ["yes", "no"], "label": ["A", "B"]}, "answerKey": "B"}"#;
    let card =
        "---\nconfigs:\n- config_name: ARC-Easy\n  data_files:\n  - split: test\n    path: ARC-Easy/test.jsonl\n---\n";
    let repos = FakeHub::default().with("datasets/allenai/ai2_arc", "README.md", card).with(
        "datasets/allenai/ai2_arc",
        "ARC-Easy/test.jsonl",
        line,
    );
    let questions = load("arc_easy", repos).unwrap().questions(None, None).unwrap();
    assert_eq!((questions[0].key.as_str(), questions[0].gold), ("q1", 1));
    assert_eq!(questions[0].prompt, "Question: Why?\nAnswer:");
}

#[test]
fn parquet_shards_are_read_in_order_with_shots_from_another_split() {
    let set = "datasets/baber/piqa";
    let shard = |rows: &[(&str, i64)]| parquet_file(["goal", "label"], rows);
    let repos = FakeHub::default()
        .with(set, "data/validation-00000-of-00002.parquet", shard(&[("one", 0), ("two", 1)]))
        .with(set, "data/validation-00001-of-00002.parquet", shard(&[("dréi", 1)]))
        .with(set, "data/train-00000-of-00001.parquet", shard(&[("shot", 0)]));
    // The file has two of the four columns: what the templates don't name isn't missed until they do.
    let task = load("piqa", repos).unwrap();
    assert_eq!(task.len(), 3);
    assert_eq!(task.document(2)["goal"], "dréi");
    assert_eq!(task.document(1)["label"], 1);
    let error = task.questions(Some(0), None).unwrap_err().to_string();
    assert!(error.contains("piqa") && error.contains("document 0"), "{error}");
}

#[test]
fn columns_that_the_task_makes_are_made_of_the_hub_s() {
    let line = r#"{"ind": 1, "activity_label": "Cooking", "ctx_a": "A man stirs.", "ctx_b": "he", "ctx": "A man stirs. he", "endings": [" eats [title] it.", "b", "c", "d"], "label": "0"}"#;
    let repos = FakeHub::default().with("datasets/Rowan/hellaswag", "data/validation.jsonl", line);
    let task = load("hellaswag", repos).unwrap();
    assert_eq!(contexts(&task, 0)[0], "Cooking: A man stirs. He");
}

#[test]
fn splits_that_have_another_name_there_are_found() {
    let set = "datasets/google-research-datasets/mbpp";
    let record = |id: u32| {
        format!(
            "{{\"task_id\": {id}, \"text\": \"t{id}\", \"code\": \"c\", \"test_list\": [\"a\", \"b\", \"c\"], \"test_setup_code\": \"\", \"challenge_test_list\": []}}\n"
        )
    };
    let prompts: String = (1..=4).map(record).collect();
    let card = "---\nconfigs:\n- config_name: full\n  data_files:\n  - split: prompt\n    path: full/prompt.jsonl\n  - split: test\n    path: full/test.jsonl\n---\n";
    let repos = FakeHub::default().with(set, "README.md", card).with(set, "full/prompt.jsonl", prompts).with(
        set,
        "full/test.jsonl",
        record(11),
    );
    let cache = tempfile::tempdir().unwrap();
    let server = repos.start(|_| None);
    let root = DataRoot::default().with_hub(hub(&server, cache.path()));
    let task = Task::builtin("mbpp").unwrap().load(&root).unwrap();
    let prompt = &contexts(&task, 3)[0];
    assert!(["t2", "t3", "t4", "t11"].iter().all(|text| prompt.contains(text)) && !prompt.contains("t1 "), "{prompt}");
}

#[test]
fn a_set_without_ids_there_is_numbered() {
    let line = r#"{"sentence": "The _ fits.", "option1": "box", "option2": "car", "answer": "2"}"#;
    let card =
        "---\nconfigs:\n- config_name: winogrande_xl\n  data_files:\n  - split: validation\n    path: v.jsonl\n---\n";
    let set = "datasets/allenai/winogrande";
    let repos = FakeHub::default().with(set, "README.md", card).with(set, "v.jsonl", line);
    assert_eq!(load("winogrande", repos).unwrap().questions(None, None).unwrap()[0].key, "winogrande/0");
}

#[test]
fn what_is_on_this_disk_goes_before_the_hub() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("gsm8k")).unwrap();
    std::fs::write(folder.path().join("gsm8k/test.jsonl.gz"), "{\"question\": \"here\", \"answer\": \"#### 1\"}")
        .unwrap();
    let cache = tempfile::tempdir().unwrap();
    let train = r#"{"question": "shot", "answer": "so #### 2"}"#;
    let card = "---\nconfigs:\n- config_name: main\n  data_files:\n  - split: train\n    path: main/train.jsonl\n---\n";
    let set = "datasets/openai/gsm8k";
    let server = FakeHub::default().with(set, "README.md", card).with(set, "main/train.jsonl", train).start(|_| None);
    let root = DataRoot::new(Some(folder.path().to_owned())).with_hub(hub(&server, cache.path()));
    let task = Task::builtin("gsm8k").unwrap().load(&root).unwrap();
    assert!(server.requests().is_empty(), "shots are fetched when they are asked for");
    let prompt = &contexts(&task, 1)[0];
    assert_eq!(prompt, "Question: shot\nAnswer: so #### 2\n\nQuestion: here\nAnswer:");
}

#[test]
fn what_the_hub_does_not_give_is_left_out_with_both_ways_to_get_it() {
    let error = load("gsm8k", FakeHub::default()).unwrap_err();
    let left_out = error.left_out().unwrap();
    assert!(left_out.reason.contains("data set openai/gsm8k") && left_out.reason.contains("404"), "{error}");
    assert!(left_out.remedy.contains("PHI_BENCH_DATA") && left_out.remedy.contains("openai/gsm8k"), "{error}");
    let error = load("humaneval_plus", FakeHub::default()).unwrap_err().to_string();
    assert!(
        error.contains("PHI_BENCH_DATA isn't set") && !error.contains("404"),
        "its set on the hub won't do: {error}"
    );
    let repos = FakeHub::default().with("datasets/openai/gsm8k", "train.jsonl", "{}");
    let error = load("gsm8k", repos).unwrap_err().to_string();
    assert!(error.contains("openai/gsm8k") && error.contains("no split test; there are train"), "{error}");
}

#[test]
fn a_damaged_file_is_named_by_row_and_never_panics() {
    let rows: Vec<(String, i64)> = (0..200).map(|i| (format!("goal number {i}"), i % 2)).collect();
    let rows: Vec<(&str, i64)> = rows.iter().map(|(text, number)| (text.as_str(), *number)).collect();
    let whole = parquet_file(["goal", "label"], &rows);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("piqa.parquet");
    let task = Task::builtin("piqa").unwrap();
    let mut random = 7u64;
    for i in 0..300usize {
        let mut bytes = whole.clone();
        if i < 100 {
            bytes.truncate(whole.len() * i / 100);
        } else {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (random >> 33) as usize % whole.len();
            bytes[at] ^= (random >> 25) as u8 | 1;
        }
        std::fs::write(&path, &bytes).unwrap();
        // A changed text is a changed text; everything else must be told.
        if let Err(error) = task.load_file(&path) {
            assert!(error.to_string().contains("piqa.parquet"), "{error}");
        }
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = task.load_file(&path).unwrap_err().to_string();
    assert!(error.contains("not a whole parquet file"), "{error}");
    std::fs::write(&path, &whole).unwrap();
    let error = task.load_file(&path).unwrap_err().to_string();
    assert!(error.contains("row 1") && error.contains("sol1"), "the first missing column is named: {error}");
}
