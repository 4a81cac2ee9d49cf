//! A store of an older program opens with everything that it held.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use phi_reports::Store;

/// A store as schema version 1 left it, with one run that grew.
fn version_1(path: &std::path::Path) {
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(include_str!("../src/store/v1.sql")).unwrap();
    db.execute_batch(
        "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;
         INSERT INTO schema_migrations VALUES (1, '2026-01-01T00:00:00Z');
         PRAGMA application_id = 1885890914;
         INSERT INTO runs VALUES (1, 'key', 'old', 'Does it open?', '', 'phi-bench', 7, 1.5, 'scratch', 'arc_easy', 'acc');
         INSERT INTO arms VALUES (1, 1, 0, 'tiling', 'grown', 3, 100, 1.0, 2.0, 0.0, 9.5, 0, 'tiling', 50, 100, 2.5, 3.5, 1.0, NULL);",
    )
    .unwrap();
}

#[test]
fn a_store_of_schema_1_opens_and_its_new_fields_are_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    version_1(&path);
    let mut store = Store::open(&path).unwrap();
    let mut run = store.load_run("key").unwrap();
    assert_eq!((run.name.as_str(), run.comparisons.len()), ("old", 0));
    let arm = &run.arms[0];
    assert_eq!((arm.seed, arm.train_s, arm.peak_memory_bytes, arm.latency_ms_per_token), (3, 9.5, None, None));
    assert!(arm.score_curve.is_empty());
    let growth = arm.growth.as_ref().unwrap();
    assert_eq!((growth.params, growth.ranks.len(), &growth.dead_width), ((50, 100), 0, &None));
    run.arms[0].peak_memory_bytes = Some(u64::MAX);
    store.save_run(&run).unwrap();
    assert_eq!(store.load_run("key").unwrap(), run);
}

#[test]
fn a_run_written_as_json_by_an_older_program_is_read() {
    let run = r#"{"key":"k","name":"n","question":"q","recipe":"","command":"","started_unix_s":0,"compute_s":0.0,
        "environment":[],"corpus":[],"baseline":"a","primary":["t","m"],"left_out":[],"arms":[{"arm":"a","description":"",
        "seed":0,"params":1,"inherited_flops":0.0,"pretrain_flops":0.0,"align_flops":0.0,"train_s":0.0,"curve":[],
        "scores":[],"samples":[],"growth":null,"is_control":false}]}"#;
    let run: phi_reports::Run = serde_json::from_str(run).unwrap();
    assert!(run.comparisons.is_empty() && run.arms[0].score_curve.is_empty());
}
