//! Exercises in bulk.

use std::sync::atomic::AtomicBool;

use phi_corpus::dedup::DedupOptions;
use phi_corpus::synth::{SynthOptions, SynthReport, synth_exercises};
use phi_corpus::{CorpusError, Exercise, Judge, Judgement};

/// Passes solutions of even length; the strict run and the plain one agree.
struct EvenLength;

impl Judge for EvenLength {
    fn judge(&self, solution: &str, _: &str) -> Judgement {
        if solution.len().is_multiple_of(2) { Judgement::Passed } else { Judgement::Failed("odd".into()) }
    }
}

fn synth(verdicts: &std::path::Path, n: usize) -> (SynthReport, Vec<Exercise>) {
    let options = SynthOptions { seed: 5, exercises: n, threads: 2, near: DedupOptions::default() };
    let mut made = vec![];
    let mut take = |exercise: &Exercise| {
        made.push(exercise.clone());
        Ok(())
    };
    let report =
        synth_exercises(options, &EvenLength, verdicts, &AtomicBool::new(false), &|_, _| {}, &mut take).unwrap();
    (report, made)
}

#[test]
fn there_are_as_many_as_wanted_none_nearly_twice_and_rejects_are_counted_by_reason() {
    let folder = tempfile::tempdir().unwrap();
    let verdicts = folder.path().join("verdicts.txt");
    let (report, made) = synth(&verdicts, 1500);
    assert_eq!((report.kept, made.len()), (1500, 1500));
    assert!(made.iter().all(|exercise| exercise.solution().len().is_multiple_of(2)));
    assert!(report.rejected.bad_solution > 100, "{report:?}");
    assert!(report.diversity.near_duplicate_share < 0.01, "{report:?}");
    assert!(report.diversity.topics.0 > 150, "{report:?}");

    let (again, same) = synth(&verdicts, 1500);
    assert_eq!(made, same);
    assert!(again.verdicts_reused > 0 && report.verdicts_reused == 0);
    let (_, smaller) = synth(&folder.path().join("other.txt"), 300);
    assert_eq!(smaller, made[..300]);
}

#[test]
fn a_stopped_run_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = SynthOptions { seed: 5, exercises: 10, threads: 1, near: DedupOptions::default() };
    let stop = AtomicBool::new(true);
    let result = synth_exercises(options, &EvenLength, &folder.path().join("v"), &stop, &|_, _| {}, &mut |_| Ok(()));
    assert!(matches!(result, Err(CorpusError::Interrupted)));
}
