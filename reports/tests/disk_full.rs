//! A full disk is told, and costs nothing that was kept before.
//!
//! Needs a small file system: `PHI_BENCH_TEST_SMALL_DISK=DIR` names one of 300 KiB or so
//! (`mount -t tmpfs -o size=300k tmpfs DIR`); without it the test has nothing to fill.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use phi_reports::{ReportError, Store};

#[test]
fn a_full_disk_is_told_and_the_earlier_run_stays() {
    let Some(folder) = std::env::var_os("PHI_BENCH_TEST_SMALL_DISK") else { return };
    let mut store = Store::open(std::path::Path::new(&folder).join("runs.sqlite")).unwrap();
    let small = common::run(&common::SPECS[..1], 1, 5);
    store.save_run(&small).unwrap();
    let mut large = common::run(&common::SPECS, 3, 400);
    large.key = small.key.clone();
    let error = store.save_run(&large).unwrap_err();
    assert!(matches!(error, ReportError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("free some space"));
    assert_eq!(store.load_run(&small.key).unwrap(), small);
}
