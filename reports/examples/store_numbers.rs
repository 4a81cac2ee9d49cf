//! What the store takes for a million samples: `cargo run --release -p phi-reports --example store_numbers [SAMPLES]`.
//!
//! Two runs of half as many samples each, with a prompt of some 300 bytes, two metrics and one response a sample. Prints
//! seconds and bytes for inserting, listing, searching and comparing, and the peak memory of the process (Linux).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example prints, and fails by panicking")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Dice, SPECS, run, sample};
use phi_reports::{Run, RunFilter, Store};
use std::time::Instant;

fn main() {
    let n: usize = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let mut store = Store::open(&path).unwrap();
    let mut dice = Dice(1);
    let start = Instant::now();
    for key in ["before", "after"] {
        insert(&mut store, key, n / 2, &mut dice);
    }
    println!(
        "inserting {n} samples: {:.1} s, {:.0} MB on disk, {} of memory at most",
        start.elapsed().as_secs_f64(),
        store.bytes_on_disk() as f64 / 1e6,
        peak_memory()
    );
    drop(store);
    let timed = |what: &str, work: &dyn Fn(&Store)| {
        let store = Store::open_existing(&path).unwrap();
        let start = Instant::now();
        work(&store);
        println!("{what}: {:.3} s", start.elapsed().as_secs_f64());
    };
    timed("listing", &|store| assert_eq!(store.list(&RunFilter::default()).unwrap().len(), 2));
    let text = Some("weights".to_owned());
    timed("searching", &|store| drop(store.list(&RunFilter { text: text.clone(), ..RunFilter::default() }).unwrap()));
    timed("comparing two runs", &|store| {
        let diff = store.diff("before", store, "after", 20).unwrap();
        assert_eq!(
            diff.scores.iter().filter(|s| s.metric == "pass@1").map(|s| s.n_common).sum::<usize>(),
            n / 2 / 5 * 5
        );
    });
}

/// A run of five arms that shares its questions with the other run.
fn insert(store: &mut Store, key: &str, n: usize, dice: &mut Dice) {
    let mut whole = run(&SPECS, 1, 1);
    whole.key = key.to_owned();
    let arms = std::mem::take(&mut whole.arms);
    let mut writer = store.begin_run(&Run { arms: Vec::new(), ..whole }).unwrap();
    for mut arm in arms {
        arm.samples.clear();
        writer.arm(&arm).unwrap();
        for q in 0..n / 5 {
            let mut sample = sample(q, [dice.unit() < 0.5; 4]);
            sample.prompt = sample.prompt.repeat(4);
            sample.responses.truncate(1);
            sample.metrics.remove("pass@4");
            writer.sample(&sample).unwrap();
        }
    }
    writer.commit().unwrap();
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmHWM:")).map_or("?".to_owned(), |l| l.trim().to_owned())
}
