//! Documents in and out: every format, streamed, and what hostile files do.

use std::io::Write;
use std::path::Path;

use phi_corpus::documents::scores::{Score, ScoreWriter, Scores, beside};
use phi_corpus::documents::{Format, Input, Read, ReadOptions, Reader, Record, SkipLog, Writer, for_each};
use phi_corpus::{CorpusError, Document, Kind, generate_textbooks};
use proptest::prelude::*;

fn reader(path: &Path) -> Reader {
    Reader::open(&Input::Path(path.to_path_buf()), ReadOptions::default()).unwrap()
}

/// The documents, and the names of the reasons why others were passed over.
fn read(path: &Path) -> Result<(Vec<Document>, Vec<&'static str>), CorpusError> {
    let (mut documents, mut skipped) = (vec![], vec![]);
    for read in Reader::open(&Input::Path(path.to_path_buf()), ReadOptions::default())? {
        match read? {
            Read::Record(record) => documents.push(record.document),
            Read::Skipped(skip) => skipped.push(skip.reason.name()),
        }
    }
    Ok((documents, skipped))
}

fn write(path: &Path, documents: &[Document]) {
    let mut writer = Writer::create(path).unwrap();
    for document in documents {
        writer.write(&Record { document: document.clone(), line: None }).unwrap();
    }
    writer.finish().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn documents_survive_every_format(
        texts in prop::collection::vec("\\PC*[a-z\n\"\\\\é✓]{1,20}\\PC*", 1..20),
        ending in prop::sample::select(vec!["jsonl", "jsonl.gz", "jsonl.zst", "parquet"]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("d.{ending}"));
        let documents: Vec<Document> = texts
            .into_iter()
            .enumerate()
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(i, text)| Document { id: format!("d/{i}"), kind: Kind::Textbook, text, source: format!("made:{i}") })
            .collect();
        prop_assume!(!documents.is_empty());
        write(&path, &documents);
        prop_assert_eq!(read(&path).unwrap(), (documents, vec![]));
    }
}

#[test]
fn json_lines_keep_fields_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl.gz"));
    let line = r#"{"text": "x = 1", "stars": 7, "licence": "MIT"}"#;
    std::fs::write(&from, format!("{line}\n")).unwrap();
    let mut writer = Writer::create(&to).unwrap();
    for read in reader(&from) {
        if let Read::Record(record) = read.unwrap() {
            writer.write(&record).unwrap();
        }
    }
    writer.finish().unwrap();
    let mut text = String::new();
    let file = flate2::read::GzDecoder::new(std::fs::File::open(&to).unwrap());
    std::io::Read::read_to_string(&mut std::io::BufReader::new(file), &mut text).unwrap();
    assert_eq!(text, format!("{line}\n"));
}

#[test]
fn bad_lines_are_passed_over_one_by_one_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.jsonl");
    let mut bytes =
        b"{\"text\": \"a = 1\"}\n{\"text\": \"\xff\xfe\"}\n{\"text\": \n{\"code\": 1}\n{\"text\": \"  \"}\n".to_vec();
    bytes.extend(format!("{{\"text\": \"{}\"}}\n", "x".repeat(2 << 20)).into_bytes());
    bytes.extend(b"[1, 2]\n{\"prompt\": \"def f():\\n\", \"canonical_solution\": \"    return 1\\n\"}\n");
    std::fs::write(&path, bytes).unwrap();
    let (documents, skipped) = read(&path).unwrap();
    assert_eq!(documents.len(), 2);
    assert_eq!((documents[1].kind, documents[1].text.as_str()), (Kind::Exercise, "def f():\n    return 1\n\n"));
    assert_eq!(skipped, ["not_utf8", "not_json", "no_text", "empty", "too_long", "not_json"]);

    let mut log = SkipLog::beside(&path);
    for_each(reader(&path), |_| (), |it| it.map_or_else(|skip| log.add(&skip), |_| Ok(()))).unwrap();
    let listed = std::fs::read_to_string(log.path().unwrap()).unwrap();
    assert_eq!(listed.lines().count(), 6);
    assert!(listed.contains("d.jsonl:2") && listed.contains("UTF-8"), "{listed}");
}

#[test]
fn a_line_of_200_mb_is_passed_over_without_being_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.jsonl.gz");
    let mut out = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::fast());
    out.write_all(b"{\"text\": \"").unwrap();
    let piece = vec![b'x'; 1 << 20];
    (0..200).for_each(|_| out.write_all(&piece).unwrap());
    out.write_all(b"\"}\n{\"text\": \"y = 2\"}\n").unwrap();
    out.finish().unwrap();
    let (documents, skipped) = read(&path).unwrap();
    assert_eq!((documents.len(), documents[0].text.as_str(), skipped), (1, "y = 2", vec!["too_long"]));
}

#[test]
fn damaged_and_foreign_files_are_told_from_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for ending in ["jsonl.gz", "jsonl.zst", "parquet"] {
        let path = at(&format!("d.{ending}"));
        write(&path, &generate_textbooks(0, 300));
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, CorpusError::Damaged { .. } | CorpusError::Parquet { .. }), "{ending}: {error}");
        // Every byte turned over in turn must not bring the reader down.
        for flip in (0..whole.len()).step_by(whole.len() / 40 + 1) {
            let mut bytes = whole.clone();
            bytes[flip] ^= 0xff;
            std::fs::write(&path, bytes).unwrap();
            let _ = read(&path);
        }
    }
    std::fs::write(at("empty.jsonl"), "\n\n").unwrap();
    assert!(matches!(read(&at("empty.jsonl")), Err(CorpusError::NoDocuments { .. })));
    std::fs::write(at("notes.txt"), "text").unwrap();
    assert!(matches!(read(&at("notes.txt")), Err(CorpusError::UnknownFormat { .. })));
    assert!(matches!(read(&at("missing.jsonl")), Err(CorpusError::Io { .. })));
}

#[test]
fn a_parquet_file_of_another_schema_names_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.parquet");
    write(&path, &generate_textbooks(0, 3));
    let options = ReadOptions { text_field: Some("body".into()), ..ReadOptions::default() };
    let error = Reader::open(&Input::Path(path.clone()), options).unwrap().next().unwrap().unwrap_err().to_string();
    assert!(error.contains("`body`") && error.contains("id, kind, source, text"), "{error}");
    let options = ReadOptions { text_field: Some("source".into()), ..ReadOptions::default() };
    let Read::Record(record) = Reader::open(&Input::Path(path), options).unwrap().next().unwrap().unwrap() else {
        panic!("no document")
    };
    assert!(record.document.text.starts_with("grammar/"), "{}", record.document.text);
}

#[test]
fn a_folder_of_shards_is_read_in_order_and_sidecars_are_not_documents() {
    let folder = tempfile::tempdir().unwrap();
    let books = generate_textbooks(0, 4);
    write(&folder.path().join("b.parquet"), &books[2..]);
    write(&folder.path().join("a.jsonl.zst"), &books[..2]);
    std::fs::write(folder.path().join("a.jsonl.zst.scores.jsonl"), "{}\n").unwrap();
    std::fs::write(folder.path().join("c.py"), "x = 1\n").unwrap();
    let (documents, skipped) = read(folder.path()).unwrap();
    let ids: Vec<&str> = documents.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(
        ids,
        ["a.jsonl.zst/textbook/0", "a.jsonl.zst/textbook/1", "b.parquet/textbook/2", "b.parquet/textbook/3", "c.py"]
    );
    assert!(skipped.is_empty());
    assert_eq!(Format::of(Path::new("x.JSONL.GZ")), Format::of(Path::new("x.jsonl.gz")));
}

#[test]
fn results_come_in_the_order_of_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.jsonl");
    let documents = generate_textbooks(0, 3000);
    write(&path, &documents);
    let mut lengths = vec![];
    for_each(
        reader(&path),
        |record| record.document.text.len(),
        |it| {
            lengths.extend(it.map(|(_, length)| length).ok());
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(lengths, documents.iter().map(|it| it.text.len()).collect::<Vec<_>>());
}

#[test]
fn scores_belong_to_a_text_and_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("d.jsonl");
    let path = beside(&corpus, "scores.jsonl");
    assert_eq!(path, folder.path().join("d.jsonl.scores.jsonl"));
    let books = generate_textbooks(0, 3);
    let score = |book: &Document| Score {
        id: book.id.clone(),
        hash: book.content_hash(),
        labeller: "somebody".into(),
        score: 4.0,
        reason: "why".into(),
    };
    let mut writer = ScoreWriter::open(&path, "somebody").unwrap();
    writer.write(&score(&books[0])).unwrap();
    writer.flush().unwrap();
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"id\": \"cut sh").unwrap();
    let mut writer = ScoreWriter::open(&path, "somebody").unwrap();
    assert_eq!(writer.earlier_scores().len(), 1);
    writer.write(&score(&books[1])).unwrap();
    writer.flush().unwrap();
    let scores = Scores::load(&path).unwrap();
    assert_eq!((scores.of(&books[0]), scores.of(&books[1]), scores.of(&books[2])), (Some(4.0), Some(4.0), None));
    let changed = Document { text: "changed".into(), ..books[0].clone() };
    assert_eq!(scores.of(&changed), None);
    assert!(matches!(ScoreWriter::open(&path, "another"), Err(CorpusError::OtherLabeller { .. })));
}
