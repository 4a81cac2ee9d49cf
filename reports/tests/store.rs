//! The store gives back what it was given, and says clearly why it can't.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use phi_reports::{ReportError, RunFilter, Store};

fn small() -> phi_reports::Run {
    common::run(&common::SPECS[..2], 2, 12)
}

#[test]
fn a_run_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = small();
    run.arms[0].seed = u64::MAX;
    run.arms[0].curve[1].train_loss = Some(0.1 + 0.2);
    run.arms[0].samples[0].responses[0].log_likelihood = Some(-1.0 / 3.0);
    run.arms[0].samples[0].responses[0].is_greedy = Some(true);
    run.arms[0].samples[0].metrics.insert("loss".to_owned(), std::f64::consts::PI * 1e-17);
    let mut store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    store.save_run(&run).unwrap();
    assert_eq!(store.load_run(&run.key).unwrap(), run);
    let reopened = Store::open(folder.path().join("runs.sqlite")).unwrap();
    assert_eq!(reopened.latest().unwrap(), Some(run));
}

#[test]
fn saving_a_key_again_replaces_the_run_and_leaves_no_rows_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let mut store = Store::open(&path).unwrap();
    let mut run = small();
    store.save_run(&run).unwrap();
    let mut other = small();
    other.key = "other".to_owned();
    store.save_run(&other).unwrap();
    run.arms.truncate(1);
    store.save_run(&run).unwrap();
    let list = store.list(&RunFilter::default()).unwrap();
    let keys: Vec<&str> = list.iter().map(|r| r.key.as_str()).collect();
    assert_eq!(keys, ["synthetic-0001", "other"], "the one saved last comes first");
    assert_eq!((list[0].arms.len(), list[0].n_arm_runs, list[0].n_samples), (1, 1, 12));
    assert_eq!(store.load_run(&run.key).unwrap(), run);
    let db = rusqlite::Connection::open(&path).unwrap();
    for table in ["samples", "responses", "sample_values", "scores", "curve_points"] {
        let stray: i64 = db
            .query_row(&format!("SELECT count(*) FROM {table} WHERE arm_id NOT IN (SELECT id FROM arms)"), [], |r| {
                r.get(0)
            })
            .unwrap();
        assert_eq!(stray, 0, "{table}");
    }
    let texts: i64 =
        db.query_row("SELECT count(*) FROM texts WHERE run_id NOT IN (SELECT id FROM runs)", [], |r| r.get(0)).unwrap();
    assert_eq!(texts, 0);
    let answers: i64 = db.query_row("SELECT count(*) FROM answers WHERE run = 'other'", [], |r| r.get(0)).unwrap();
    assert_eq!(answers, 4 * 12 * 4, "the view for people has every answer");
}

#[test]
fn a_loss_that_is_not_a_number_is_kept_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    let mut run = small();
    run.arms[0].curve[3].val_loss = Some(f64::NAN);
    run.arms[0].scores[0].stderr = f64::NAN;
    store.save_run(&run).unwrap();
    let back = store.load_run(&run.key).unwrap();
    assert_eq!(back.arms[0].curve[3].val_loss, None);
    assert!(back.arms[0].scores[0].stderr.is_nan());
}

#[test]
fn an_empty_store_has_no_latest_run_and_an_unknown_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    assert_eq!(store.latest().unwrap(), None);
    assert_eq!(store.list(&RunFilter::default()).unwrap(), []);
    let error = store.load_run("nope").unwrap_err();
    assert!(matches!(&error, ReportError::NoSuchRun { key, .. } if key == "nope"), "{error}");
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let text = "this is a letter, not a database\n".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, ReportError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("runs.sqlite"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    let foreign = folder.path().join("foreign.sqlite");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
    assert!(matches!(Store::open(&foreign).unwrap_err(), ReportError::Corrupt { .. }));
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    drop(Store::open(&path).unwrap());
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("INSERT INTO schema_migrations VALUES (99, 'tomorrow')", [])
        .unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, ReportError::NewerSchema { found: 99, .. }), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = Store::open("/nowhere/at/all/runs.sqlite").unwrap_err();
    assert!(matches!(error, ReportError::CannotOpen { .. }), "{error}");
    assert!(error.to_string().contains("/nowhere/at/all/runs.sqlite"));
}

#[test]
fn a_second_writer_sees_the_old_run_until_the_new_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let mut writer = Store::open(&path).unwrap();
    let run = small();
    writer.save_run(&run).unwrap();
    let reader = Store::open(&path).unwrap();
    let mut changed = run.clone();
    changed.question = "Another question?".to_owned();
    let seen = reader.load_run(&run.key).unwrap();
    writer.save_run(&changed).unwrap();
    assert_eq!(seen, run);
    assert_eq!(reader.load_run(&run.key).unwrap(), changed);
}
