//! Raw code: embedded, from folders, from JSON lines.

use phi_corpus::{CorpusError, Document, load_corpus, read_jsonl, sample_documents, stdlib_sources, write_jsonl};

#[test]
fn the_standard_library_is_embedded() {
    let documents = stdlib_sources().unwrap();
    assert!(documents.len() > 300, "{}", documents.len());
    let json = documents.iter().find(|d| d.id == "stdlib/json/decoder.py").unwrap();
    assert!(json.text.contains("class JSONDecoder"));
    assert!(documents.iter().all(|d| !d.id.contains("/test/")));
    assert!(documents.is_sorted_by(|a, b| a.id < b.id) || documents.len() > 300);
}

#[test]
fn a_sample_is_bounded_and_seeded() {
    let documents = stdlib_sources().unwrap();
    let sample = sample_documents(documents.clone(), 500_000, 1);
    let bytes: usize = sample.iter().map(|d| d.text.len()).sum();
    assert!(bytes <= 500_000 && bytes > 400_000, "{bytes}");
    assert_eq!(sample, sample_documents(documents.clone(), 500_000, 1));
    assert_ne!(sample, sample_documents(documents, 500_000, 2));
}

#[test]
fn a_folder_gives_its_python_files_and_counts_what_it_skips() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    std::fs::write(folder.path().join("inner/b.py"), "x = 1\n").unwrap();
    std::fs::write(folder.path().join("a.py"), "y = 2\n").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no code").unwrap();
    std::fs::write(folder.path().join("latin.py"), b"# \xe9\n").unwrap();
    std::fs::write(folder.path().join("empty.py"), "").unwrap();
    std::fs::write(folder.path().join("huge.py"), vec![b'#'; 2 << 20]).unwrap();
    let loaded = load_corpus(folder.path()).unwrap();
    let ids: Vec<&str> = loaded.documents.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids, ["a.py", "inner/b.py"]);
    assert_eq!((loaded.skipped.not_utf8, loaded.skipped.empty, loaded.skipped.too_large), (1, 1, 1));
}

#[test]
fn a_folder_without_python_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no code").unwrap();
    let error = load_corpus(folder.path()).unwrap_err();
    assert!(matches!(error, CorpusError::NoPython { .. }));
    let message = error.to_string();
    assert!(message.contains("no Python files below") && message.contains(".py"), "{message}");
    assert!(matches!(load_corpus(&folder.path().join("missing")), Err(CorpusError::Io { .. })));
}

#[test]
fn json_lines_need_text_or_content_and_errors_name_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl");
    std::fs::write(&path, "{\"text\": \"a = 1\"}\n\n{\"content\": \"b = 2\", \"id\": 7}\n").unwrap();
    let loaded = load_corpus(&path).unwrap();
    assert_eq!(loaded.documents.iter().map(|d| d.text.as_str()).collect::<Vec<_>>(), ["a = 1", "b = 2"]);
    assert_eq!(loaded.documents[1].id, "7");

    std::fs::write(&path, "{\"text\": \"a = 1\"}\n{\"code\": \"b\"}\n").unwrap();
    assert!(matches!(load_corpus(&path), Err(CorpusError::NoText { line: 2, .. })));
    std::fs::write(&path, "{\"text\": \"a = 1\"}\n{\"text\": \n").unwrap();
    assert!(matches!(load_corpus(&path), Err(CorpusError::Line { line: 2, .. })));
}

#[test]
fn documents_survive_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.jsonl");
    let documents = phi_corpus::generate_textbooks(0, 5);
    write_jsonl(&path, &documents).unwrap();
    let read: Vec<Document> = read_jsonl(&path).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, documents);
}
