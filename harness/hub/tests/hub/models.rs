//! Which files make up a model.

use crate::{hub, settings};
use phi_hub::Repo;
use phi_loopback::FakeHub;

fn model(files: &[(&str, &str)], gguf_file: Option<&str>) -> Result<(String, Vec<String>), String> {
    let cache = tempfile::tempdir().unwrap();
    let repo = files.iter().fold(FakeHub::default(), |hub, (file, text)| hub.with("org/m", file, *text));
    let server = repo.start(|_| None);
    let snapshot = hub(settings(&server, cache.path())).snapshot(&Repo::model("org/m").unwrap()).unwrap();
    let path = snapshot.model(gguf_file).map_err(|error| error.to_string())?;
    let is_here = |file: &&String| snapshot.folder().join(file).is_file();
    Ok((
        path.file_name().unwrap().to_string_lossy().into_owned(),
        snapshot.files().iter().filter(is_here).cloned().collect(),
    ))
}

#[test]
fn a_model_is_its_configuration_its_tokenizer_and_all_its_shards() {
    let index = r#"{"metadata": {}, "weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}"#;
    let files = [
        ("config.json", "{}"),
        ("tokenizer.json", "{}"),
        ("chat_template.jinja", "x"),
        ("model.safetensors.index.json", index),
        ("model-1.safetensors", "1"),
        ("model-2.safetensors", "2"),
        ("model-3.safetensors", "of another model"),
        ("pytorch_model.bin", "pickled"),
        ("README.md", "words"),
    ];
    let (folder, fetched) = model(&files, None).unwrap();
    assert_eq!(folder, FakeHub::COMMIT);
    let wanted = [
        "chat_template.jinja",
        "config.json",
        "model-1.safetensors",
        "model-2.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    ];
    assert_eq!(fetched, wanted);
}

#[test]
fn a_gguf_file_is_fetched_by_name_with_what_lies_beside_it() {
    let files = [("q4.gguf", "g"), ("q8.gguf", "g"), ("tokenizer.json", "{}")];
    let (file, fetched) = model(&files, Some("q8.gguf")).unwrap();
    assert_eq!((file.as_str(), fetched.len()), ("q8.gguf", 2));
    let error = model(&files, Some("q5.gguf")).unwrap_err();
    assert!(error.contains("no file q5.gguf; there are q4.gguf, q8.gguf"), "{error}");
    let error = model(&files, None).unwrap_err();
    assert!(error.contains("--gguf-file") && error.contains("q4.gguf"), "{error}");
}

#[test]
fn what_is_no_model_to_run_is_told_before_weights_are_fetched() {
    let error = model(&[("config.json", "{}"), ("model.safetensors", "w")], None).unwrap_err();
    assert!(error.contains("model org/m") && error.contains("tokenizer.json"), "{error}");
    let bin = [("config.json", "{}"), ("tokenizer.json", "{}"), ("pytorch_model.bin", "p")];
    assert!(model(&bin, None).unwrap_err().contains(".bin files only"));
    assert!(model(&[("README.md", "x")], None).unwrap_err().contains("isn't a model"));
    let index = [("config.json", "{}"), ("tokenizer.json", "{}"), ("model.safetensors.index.json", "[]")];
    assert!(model(&index, None).unwrap_err().contains("index.json"));
    let outside = [
        ("config.json", "{}"),
        ("tokenizer.json", "{}"),
        ("model.safetensors.index.json", r#"{"weight_map": {"a": "../../x"}}"#),
    ];
    assert!(model(&outside, None).unwrap_err().contains("../../x"));
}
