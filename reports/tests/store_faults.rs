//! What a store that can't be used says, and what it leaves as it was.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use phi_reports::{ReportError, RunFilter, Store};
use std::time::Duration;

#[test]
fn another_programs_database_stays_as_it_was_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cats.sqlite");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for error in [Store::open(&path).unwrap_err(), Store::open_existing(&path).unwrap_err()] {
        assert!(matches!(error, ReportError::Corrupt { .. }), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing beside it");
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_reading() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let error = Store::open_existing(&path).unwrap_err();
    assert!(matches!(error, ReportError::CannotOpen { .. }), "{error}");
    assert!(!path.exists());
}

#[test]
fn a_store_that_another_process_writes_to_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let mut store = Store::open(&path).unwrap();
    store.set_busy_timeout(Duration::from_millis(20)).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = run(&SPECS[..1], 1, 3);
    let error = store.save_run(&run).unwrap_err();
    assert!(matches!(error, ReportError::Busy { .. }), "{error}");
    assert!(error.to_string().contains("another process"), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    store.save_run(&run).unwrap();
}

/// A file system that is mounted read-only keeps root out too; needs the right to mount, and says so when left out.
#[test]
#[allow(clippy::print_stderr)]
fn a_store_on_a_read_only_disk_can_be_read_and_says_why_it_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let mount = |arguments: &[&str]| {
        let done = std::process::Command::new("mount").args(arguments).arg(folder.path()).output();
        done.is_ok_and(|output| output.status.success())
    };
    if !mount(&["-t", "tmpfs", "-o", "size=4m", "tmpfs"]) {
        eprintln!("left out: there is no right to mount");
        return;
    }
    let path = folder.path().join("runs.sqlite");
    let run = run(&SPECS[..1], 1, 3);
    Store::open(&path).unwrap().save_run(&run).unwrap();
    let read_only = mount(&["-o", "remount,ro"]);
    let read = Store::open_existing(&path).and_then(|store| store.load_run(&run.key));
    let written = Store::open_existing(&path).and_then(|mut store| store.save_run(&run));
    let opened = Store::open(&path).and_then(|mut store| store.save_run(&run));
    std::process::Command::new("umount").arg(folder.path()).output().unwrap();
    assert!(read_only);
    assert_eq!(read.unwrap(), run);
    for error in [written.unwrap_err(), opened.unwrap_err()] {
        assert!(matches!(error, ReportError::ReadOnly { .. }), "{error:?}");
    }
}

/// A store with the first version's tables.
#[test]
fn a_store_of_the_first_schema_is_brought_up_to_date_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../src/store/v1.sql")).unwrap();
    old.execute_batch(include_str!("fixtures/store-v1.sql")).unwrap();
    drop(old);
    let store = Store::open_existing(&path).unwrap();
    let run = store.load_run("v1").unwrap();
    assert_eq!((run.compute_s, run.environment[0].1.as_str(), run.left_out[0].task.as_str()), (12.5, "2", "humaneval"));
    let [scratch, tiling] = run.arms.as_slice() else { panic!("two arms: {run:?}") };
    assert_eq!((scratch.seed, tiling.seed, tiling.is_control), (7, u64::MAX, true));
    assert_eq!(scratch.curve[1].train_loss, Some(2.5));
    assert_eq!((scratch.scores[0].interval, scratch.scores[0].n), ((0.1, 0.9), 2));
    let growth = tiling.growth.as_ref().unwrap();
    assert_eq!((growth.params, growth.val_loss.0, growth.block_cosine), ((300, 1000), 1.9, Some(0.5)));
    assert!(growth.val_loss.1.is_nan());
    let [a, q, b] = scratch.samples.as_slice() else { panic!("three samples: {scratch:?}") };
    assert_eq!((a.prompt.as_str(), a.target.as_str(), a.responses[0].log_likelihood), ("Which?", "This", Some(-1.25)));
    assert_eq!((a.metrics["acc"], a.metrics["loss"], a.metrics.len()), (1.0, 0.1 + 0.2, 2));
    assert_eq!((q.cluster.as_str(), q.metrics["acc"], q.responses.len()), ("passage", 0.5, 0));
    assert_eq!((b.key.as_str(), b.metrics["acc"], b.metrics.len()), ("b", 0.0, 1));
    assert_eq!(store.list(&RunFilter::default()).unwrap()[0].n_samples, 3);
    // A second time there is nothing to do.
    assert_eq!(Store::open(&path).unwrap().load_run("v1").unwrap().arms[0], run.arms[0]);
}
