//! Listing, searching, comparing, removing: what `phi-bench runs` does.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, outcomes, run};
use phi_reports::{ReportError, RunFilter, Store};

/// Three runs: `first` and `second` of two arms, `third` of one.
fn store(folder: &tempfile::TempDir) -> Store {
    let mut store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    for (i, key) in ["first", "second", "third"].iter().enumerate() {
        let mut run = run(&SPECS[..if i < 2 { 2 } else { 1 }], 2, 12);
        run.key = (*key).to_owned();
        run.name = format!("tiling {i}");
        run.started_unix_s = 1_000 * (i as u64 + 1);
        store.save_run(&run).unwrap();
    }
    store
}

#[test]
fn runs_are_found_by_name_arm_task_date_and_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let keys = |filter: RunFilter| store.list(&filter).unwrap().into_iter().map(|r| r.key).collect::<Vec<_>>();
    let some = |s: &str| Some(s.to_owned());
    assert_eq!(keys(RunFilter::default()), ["third", "second", "first"]);
    assert_eq!(keys(RunFilter { name: some("TILING 1"), ..RunFilter::default() }), ["second"]);
    assert_eq!(keys(RunFilter { name: some("fir"), ..RunFilter::default() }), ["first"]);
    assert_eq!(keys(RunFilter { arm: some("reuse"), ..RunFilter::default() }), ["second", "first"]);
    assert_eq!(keys(RunFilter { task: some("code_"), ..RunFilter::default() }).len(), 3);
    assert_eq!(keys(RunFilter { task: some("arc"), ..RunFilter::default() }), [""; 0]);
    assert_eq!(
        keys(RunFilter { since_unix_s: Some(2_000), until_unix_s: Some(3_000), ..RunFilter::default() }),
        ["second"]
    );
    assert_eq!(keys(RunFilter { text: some("no model was TRAINED"), ..RunFilter::default() }).len(), 3);
    assert_eq!(keys(RunFilter { text: some("100%"), ..RunFilter::default() }), [""; 0]);
    let first = &store.list(&RunFilter::default()).unwrap()[2];
    assert_eq!(
        (first.arms.as_slice(), first.tasks.as_slice()),
        (&["scratch".to_owned(), "weight-reuse".to_owned()][..], &["code_exercises".to_owned()][..])
    );
    assert_eq!((first.n_arm_runs, first.n_samples), (4, 48));
    assert_eq!(store.find("sec").unwrap(), ["second"]);
    assert_eq!(store.find("tiling").unwrap(), [""; 0], "a part of a name selects nothing");
}

#[test]
fn a_diff_counts_the_questions_that_rose_and_fell_in_one_store_or_two() {
    let mut here = Store::in_memory().unwrap();
    let mut there = Store::in_memory().unwrap();
    let mut before = outcomes(&[("piqa", "acc", vec![1.0, 0.0, 1.0, 0.0]), ("boolq", "acc", vec![1.0])]);
    before.key = "before".to_owned();
    let mut after = outcomes(&[("piqa", "acc", vec![0.0, 1.0, 1.0, 1.0])]);
    after.key = "after".to_owned();
    after.environment[1].1 = "another".to_owned();
    after.recipe = after.recipe.replace("seeds = 3", "seeds = 4");
    here.save_run(&before).unwrap();
    here.save_run(&after).unwrap();
    // The same questions in another order, and one more: found by their keys.
    after.arms[0].samples.reverse();
    let mut more = after.arms[0].samples[0].clone();
    more.key = "piqa/new".to_owned();
    after.arms[0].samples.push(more);
    there.save_run(&after).unwrap();

    for other in [&here, &there] {
        let diff = here.diff("before", other, "after", 2).unwrap();
        assert_eq!(diff.facts, [("processor".to_owned(), Some("none".to_owned()), Some("another".to_owned()))]);
        assert_eq!(
            (diff.recipe_before, diff.recipe_after),
            (vec!["seeds = 3".to_owned()], vec!["seeds = 4".to_owned()])
        );
        let piqa = diff.scores.iter().find(|s| s.task == "piqa").unwrap();
        assert_eq!((piqa.n_common, piqa.n_rose, piqa.n_fell), (4, 2, 1));
        assert_eq!((piqa.before, piqa.after), (Some(0.5), Some(0.75)));
        let boolq = diff.scores.iter().find(|s| s.task == "boolq").unwrap();
        assert_eq!((boolq.n_common, boolq.after), (0, None));
        assert_eq!(diff.changed.len(), 2);
        assert_eq!((diff.changed[0].key.as_str(), diff.changed[0].before), ("piqa/00000", 1.0));
    }
    assert!(matches!(here.diff("before", &there, "before", 0), Err(ReportError::NoSuchRun { .. })));
}

#[test]
fn what_a_removed_run_took_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    let mut large = run(&SPECS, 3, 200);
    large.key = "large".to_owned();
    store.save_run(&large).unwrap();
    let small = run(&SPECS[..1], 1, 5);
    store.save_run(&small).unwrap();
    store.remove_run("large").unwrap();
    assert!(matches!(store.remove_run("large"), Err(ReportError::NoSuchRun { .. })));
    let collected = store.collect_garbage().unwrap();
    assert_eq!(collected.n_question_sets, 1, "the large run's questions");
    assert!(collected.bytes_after * 4 < collected.bytes_before, "{collected:?}");
    assert_eq!(store.load_run(&small.key).unwrap(), small);
    assert_eq!(store.collect_garbage().unwrap().n_question_sets, 0);
}

#[test]
fn samples_that_come_one_by_one_are_those_of_a_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    let mut whole = run(&SPECS[..2], 2, 30);
    // A metric that only some samples have.
    whole.arms[0].samples[7].metrics.insert("extra".to_owned(), 0.25);
    let mut writer = store.begin_run(&whole).unwrap();
    for arm in &whole.arms {
        let mut bare = arm.clone();
        let samples = std::mem::take(&mut bare.samples);
        writer.arm(&bare).unwrap();
        samples.iter().for_each(|sample| writer.sample(sample).unwrap());
    }
    writer.commit().unwrap();
    assert_eq!(store.load_run(&whole.key).unwrap(), whole);
    let bare = store.load_without_samples(&whole.key).unwrap();
    assert!(bare.arms.iter().all(|arm| arm.samples.is_empty() && arm.scores.len() == 3 && arm.curve.len() > 10));

    // Dropped on the way, it leaves the store as it was.
    let mut writer = store.begin_run(&whole).unwrap();
    writer.arm(&whole.arms[0]).unwrap();
    drop(writer);
    assert_eq!(store.load_run(&whole.key).unwrap(), whole);
}

/// A twentieth of the million whose times `examples/store_numbers.rs` measures.
#[test]
fn two_runs_of_many_samples_are_written_one_by_one_listed_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("runs.sqlite")).unwrap();
    for key in ["before", "after"] {
        let mut bare = run(&SPECS[..1], 1, 1);
        bare.key = key.to_owned();
        let mut arm = bare.arms.pop().unwrap();
        let samples = std::mem::take(&mut arm.samples);
        let mut writer = store.begin_run(&bare).unwrap();
        writer.arm(&arm).unwrap();
        for q in 0..25_000 {
            let mut sample = common::sample(q, [q % 2 == 0; 4]);
            sample.responses.truncate(1);
            sample.prompt.clone_from(&samples[0].prompt);
            writer.sample(&sample).unwrap();
        }
        writer.commit().unwrap();
    }
    assert_eq!(store.list(&RunFilter::default()).unwrap()[0].n_samples, 25_000);
    let diff = store.diff("before", &store, "after", 0).unwrap();
    assert_eq!((diff.scores[0].n_common, diff.scores[0].n_rose), (25_000, 0));
}
