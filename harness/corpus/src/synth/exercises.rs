//! Exercises from the grammar until there are enough: distinct, not nearly the same, and sound.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::verdicts::{Verdict, Verdicts};
use super::{Diversity, DiversityMeter};
use crate::check::{Judge, check_all};
use crate::dedup::{DedupOptions, Deduplicator};
use crate::document::{Document, Kind};
use crate::error::CorpusError;
use crate::exercise::Exercise;
use crate::grammar::{Generator, Mix, concepts};

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SynthOptions {
    /// Seed of the grammar.
    pub seed: u64,
    /// Exercises wanted.
    pub exercises: usize,
    /// Programs at once in the sandbox.
    pub threads: usize,
    /// What counts as nearly the same.
    pub near: DedupOptions,
}

/// Exercises that were drawn and thrown away, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rejections {
    /// Nearly the same as an earlier one.
    pub near_duplicate: u64,
    /// The reference solution fails its tests.
    pub bad_solution: u64,
    /// A trivial wrong answer passes the tests.
    pub weak_tests: u64,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SynthReport {
    /// Exercises kept.
    pub kept: usize,
    /// Exercises drawn, all distinct.
    pub drawn: u64,
    /// What was thrown away.
    pub rejected: Rejections,
    /// Kept ones by difficulty.
    pub by_difficulty: BTreeMap<u8, u64>,
    /// Verdicts that an earlier run had got.
    pub verdicts_reused: u64,
    /// Of those kept, measured apart from what threw near-duplicates away.
    pub diversity: Diversity,
}

/// Drawn at a time; fixed, so that a larger set begins with the smaller one of the same seed.
const CHUNK: usize = 1000;
/// After this many chunks in a row without a new exercise, the grammar is used up.
const PATIENCE: usize = 10;

/// Draws exercises, and hands those that are sound and new to `take` until there are enough. Verdicts are kept in
/// `verdicts`, so that the same call after a kill goes on where it was. `progress` is told how many are kept.
///
/// # Errors
/// [`CorpusError::TooFewExercises`], [`CorpusError::Sandbox`], [`CorpusError::Interrupted`], and `take`'s.
pub fn synth_exercises(
    options: SynthOptions,
    judge: &dyn Judge,
    verdicts: &Path,
    stop: &AtomicBool,
    progress: &dyn Fn(usize, usize),
    take: &mut dyn FnMut(&Exercise) -> Result<(), CorpusError>,
) -> Result<SynthReport, CorpusError> {
    let mut verdicts = Verdicts::open(verdicts)?;
    let mut generator = Generator::new(options.seed);
    let mut near = Deduplicator::new(options.near);
    let mut meter = DiversityMeter::new(concepts().len());
    let (mut drawn, mut kept, mut reused, mut idle) = (0u64, 0usize, 0u64, 0usize);
    let mut rejected = Rejections::default();
    let mut by_difficulty = BTreeMap::new();
    while kept < options.exercises {
        if stop.load(Ordering::Relaxed) {
            return Err(CorpusError::Interrupted);
        }
        let chunk = generator.train(CHUNK, Mix::TRAIN);
        drawn += chunk.len() as u64;
        let (fresh, repeated): (Vec<Exercise>, Vec<Exercise>) = chunk.into_iter().partition(|exercise| {
            let document = as_document(exercise);
            let fingerprint = near.fingerprinter()(&document);
            near.add(&document.id, &fingerprint).is_none()
        });
        rejected.near_duplicate += repeated.len() as u64;
        idle = if fresh.is_empty() { idle + 1 } else { 0 };
        if idle == PATIENCE {
            let (wanted, found) = (options.exercises, kept);
            return Err(CorpusError::TooFewExercises { split: "training", wanted, found });
        }
        let unknown: Vec<Exercise> = fresh.iter().filter(|it| verdicts.of(it).is_none()).cloned().collect();
        reused += (fresh.len() - unknown.len()) as u64;
        let checked = check_all(&unknown, judge, options.threads, &|_| {})?;
        let pairs: Vec<(&Exercise, Verdict)> = unknown.iter().zip(checked.iter().map(Verdict::from)).collect();
        verdicts.add(&pairs)?;
        for exercise in &fresh {
            match verdicts.of(exercise) {
                Some(Verdict::Sound) if kept < options.exercises => {
                    kept += 1;
                    *by_difficulty.entry(exercise.difficulty).or_default() += 1;
                    meter.add(&as_document(exercise), &exercise.concept);
                    take(exercise)?;
                }
                Some(Verdict::BadSolution) => rejected.bad_solution += 1,
                Some(Verdict::WeakTests) => rejected.weak_tests += 1,
                _ => {}
            }
        }
        progress(kept, options.exercises);
    }
    let diversity = meter.measure();
    Ok(SynthReport { kept, drawn, rejected, by_difficulty, verdicts_reused: reused, diversity })
}

pub(super) fn as_document(exercise: &Exercise) -> Document {
    Document {
        id: exercise.task_id.clone(),
        kind: Kind::Exercise,
        text: exercise.training_text(),
        source: format!("grammar/{}", exercise.concept),
    }
}
