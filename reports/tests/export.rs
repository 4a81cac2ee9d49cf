//! A run in other programs' formats. That the programs themselves read them is shown by `tests/peers/exports.py`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use phi_reports::{Format, ReportError, Run, Store, export};
use std::path::Path;

fn exported(format: Format, folder: &Path) -> Run {
    let mut store = Store::in_memory().unwrap();
    let mut whole = run(&SPECS[..2], 2, 20);
    // What CSV must quote, and values that are missing.
    whole.arms[0].samples[0].prompt = "a \"quoted\", line\nand another; ünïcode".to_owned();
    whole.arms[0].scores[0].stderr = f64::NAN;
    whole.arms[0].samples[0].responses[0].log_likelihood = Some(-0.1);
    whole.arms[0].samples[0].responses[0].is_greedy = Some(true);
    store.save_run(&whole).unwrap();
    export(&store, &whole.key, format, folder).unwrap();
    whole
}

#[test]
fn csv_tables_hold_every_value_and_quote_what_they_must() {
    let folder = tempfile::tempdir().unwrap();
    let whole = exported(Format::Csv, folder.path());
    let read = |table: &str| {
        let mut reader = csv::Reader::from_path(folder.path().join(format!("{table}.csv"))).unwrap();
        reader.records().map(Result::unwrap).collect::<Vec<_>>()
    };
    let scores = read("scores");
    assert_eq!(scores.len(), 4 * 3);
    assert_eq!(
        (&scores[0][2], &scores[0][3], &scores[0][5]),
        ("code_exercises", "pass@1", ""),
        "NaN is an empty field"
    );
    assert_eq!(scores[0][4].parse::<f64>().unwrap(), whole.arms[0].scores[0].value);
    assert_eq!(read("curves").len(), whole.arms.iter().map(|a| a.curve.len()).sum::<usize>());
    let in_training = read("score_curves");
    assert_eq!(in_training.len(), whole.arms.iter().map(|a| a.score_curve.len()).sum::<usize>());
    assert!(!in_training.is_empty() && in_training[0][8].parse::<f64>().unwrap() == whole.arms[0].score_curve[0].value);
    assert_eq!(read("values").len(), 4 * 20 * 3);
    let answers = read("answers");
    assert_eq!(answers.len(), 4 * 20 * 4);
    assert_eq!(&answers[0][4], whole.arms[0].samples[0].prompt);
    assert_eq!((&answers[0][8], &answers[0][9], &answers[1][8], &answers[1][9]), ("-0.1", "true", "", ""));
}

#[test]
fn parquet_tables_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let whole = exported(Format::Parquet, folder.path());
    let open = |table: &str| {
        SerializedFileReader::new(std::fs::File::open(folder.path().join(format!("{table}.parquet"))).unwrap()).unwrap()
    };
    let scores = open("scores");
    let rows: Vec<_> = scores.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4 * 3);
    assert_eq!(rows[0].get_string(0).unwrap(), "scratch");
    assert_eq!(rows[1].get_double(4).unwrap(), whole.arms[0].scores[1].value);
    assert!(rows[0].get_double(5).is_err() && rows[1].get_double(5).is_ok(), "NaN is missing");
    let answers = open("answers");
    let rows: Vec<_> = answers.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4 * 20 * 4);
    assert_eq!(rows[0].get_string(4).unwrap(), &whole.arms[0].samples[0].prompt);
    assert!(rows[0].get_bool(9).unwrap() && rows[1].get_bool(9).is_err());
    assert_eq!(open("values").metadata().file_metadata().num_rows(), 4 * 20 * 3);
}

/// The records' lengths and checksums, by a second reading of the format.
#[test]
fn event_files_are_whole_records() {
    let folder = tempfile::tempdir().unwrap();
    let whole = exported(Format::TensorBoard, folder.path());
    let path =
        folder.path().join("scratch-seed0").join(format!("events.out.tfevents.{}.phi-bench", whole.started_unix_s));
    let bytes = std::fs::read(path).unwrap();
    let (mut rest, mut n_records) = (bytes.as_slice(), 0);
    while !rest.is_empty() {
        let number =
            |at: usize, n: usize| rest[at..at + n].iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let length = number(0, 8) as usize;
        let masked = |crc: u32| u64::from(crc.rotate_right(15).wrapping_add(0xa282_ead8));
        assert_eq!(number(8, 4), masked(crc32c::crc32c(&rest[..8])));
        assert_eq!(number(12 + length, 4), masked(crc32c::crc32c(&rest[12..12 + length])));
        rest = &rest[16 + length..];
        n_records += 1;
    }
    let arm = &whole.arms[0];
    let losses: usize = arm.curve.iter().map(|p| p.train_loss.iter().count() + p.val_loss.iter().count()).sum();
    assert_eq!(n_records, 1 + losses + arm.score_curve.len() + arm.scores.len());
}

#[test]
fn a_run_that_is_not_there_and_a_folder_that_cannot_be_made_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_memory().unwrap();
    let error = export(&store, "nope", Format::Csv, folder.path()).unwrap_err();
    assert!(matches!(error, ReportError::NoSuchRun { .. }), "{error}");
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = export(&store, "nope", Format::Csv, &folder.path().join("file/below")).unwrap_err();
    assert!(matches!(error, ReportError::Io { .. }) && error.to_string().contains("file/below"), "{error}");
}
