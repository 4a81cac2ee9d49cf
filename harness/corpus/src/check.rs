//! Runs every exercise: its solution must pass its tests, and trivial wrong answers must not.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use phi_sandbox::{Limits, Sandbox, Verdict};
use serde::{Deserialize, Serialize};

use crate::error::CorpusError;
use crate::exercise::Exercise;
use crate::grammar::{ExerciseSet, Generator, generate_exercises};
use crate::wrong_answers::{strict_test, wrong_answers};

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// The test ran to its end.
    Passed,
    /// It didn't; why.
    Failed(String),
    /// The judge itself failed, which says nothing about the program.
    Fault(String),
}

/// Runs Python: the sandbox, or a stand-in in tests.
pub trait Judge: Sync {
    /// Runs `solution`, then `test` in the same namespace.
    fn judge(&self, solution: &str, test: &str) -> Judgement;
}

/// Fuel for one run: about eighty times what a generated exercise uses, so that a solution which needs more is unfit, and
/// a wrong answer that never ends (Collatz steps with `4 * n + 1`, say) costs hundredths of a second and not seconds.
const FUEL: u64 = 300_000_000;

impl Judge for Sandbox {
    fn judge(&self, solution: &str, test: &str) -> Judgement {
        match self.grade(solution, test, &Limits { fuel: FUEL, ..Limits::default() }).verdict {
            verdict if verdict.passed() => Judgement::Passed,
            Verdict::Fault { reason } => Judgement::Fault(reason),
            verdict => Judgement::Failed(verdict.detail()),
        }
    }
}

/// How many exercises of one concept were kept and thrown away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConceptCount {
    /// Kept.
    pub kept: usize,
    /// Thrown away for either reason.
    pub rejected: usize,
}

/// What the check kept and threw away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Exercises whose solution passes and whose tests no trivial wrong answer passes.
    pub kept: usize,
    /// Thrown away since the solution fails its own tests.
    pub rejected_solution: usize,
    /// Thrown away since a trivial wrong answer passes the tests.
    pub rejected_weak_tests: usize,
    /// The counts by concept.
    pub by_concept: BTreeMap<String, ConceptCount>,
}

/// What became of one exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is sound.
    Kept,
    /// The solution fails; why.
    BadSolution(String),
    /// A trivial wrong answer passes; which.
    WeakTests(String),
}

impl CheckReport {
    fn add(&mut self, exercise: &Exercise, checked: &Checked) {
        let count = self.by_concept.entry(exercise.concept.clone()).or_default();
        match checked {
            Checked::Kept => {
                self.kept += 1;
                count.kept += 1;
                return;
            }
            Checked::BadSolution(_) => self.rejected_solution += 1,
            Checked::WeakTests(_) => self.rejected_weak_tests += 1,
        }
        count.rejected += 1;
    }
}

/// Checks one exercise. One run answers for the solution and all wrong answers together; only where that run fails, each
/// is run alone to find out why.
///
/// # Errors
/// [`CorpusError::Sandbox`] where the judge itself failed.
pub fn check_exercise(exercise: &Exercise, judge: &dyn Judge) -> Result<Checked, CorpusError> {
    let fault = |reason: String| CorpusError::Sandbox { task_id: exercise.task_id.clone(), reason };
    let solution = exercise.solution();
    match judge.judge(&solution, &strict_test(exercise)) {
        Judgement::Passed => return Ok(Checked::Kept),
        Judgement::Fault(reason) => return Err(fault(reason)),
        Judgement::Failed(_) => {}
    }
    let test = format!("{}\ncheck({})\n", exercise.test, exercise.entry_point);
    match judge.judge(&solution, &test) {
        Judgement::Passed => {}
        Judgement::Fault(reason) => return Err(fault(reason)),
        Judgement::Failed(reason) => return Ok(Checked::BadSolution(reason)),
    }
    for answer in wrong_answers(exercise) {
        let test = format!("{}\ncheck({})\n", exercise.test, answer.name);
        match judge.judge(&answer.program, &test) {
            Judgement::Passed => return Ok(Checked::WeakTests(answer.what)),
            Judgement::Fault(reason) => return Err(fault(reason)),
            Judgement::Failed(_) => {}
        }
    }
    Ok(Checked::Kept)
}

/// Checks exercises on `threads` threads and returns what became of each, in order. `progress` is told how many are done.
///
/// # Errors
/// The first [`CorpusError::Sandbox`] in order of the exercises.
pub fn check_all(
    exercises: &[Exercise],
    judge: &dyn Judge,
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Checked>, CorpusError> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, exercises.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(exercise) = exercises.get(i) else { break };
                    let checked = check_exercise(exercise, judge);
                    results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(i, checked);
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
}

/// Keeps the sound exercises of a set and counts the others.
///
/// # Errors
/// [`CorpusError::Sandbox`] where the judge itself failed.
pub fn check_exercises(
    set: &ExerciseSet,
    judge: &dyn Judge,
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(ExerciseSet, CheckReport), CorpusError> {
    let mut report = CheckReport::default();
    let mut keep = |exercises: &[Exercise], before: usize| -> Result<Vec<Exercise>, CorpusError> {
        let checked = check_all(exercises, judge, threads, &|done| progress(before + done))?;
        Ok(exercises
            .iter()
            .zip(&checked)
            .filter_map(|(exercise, checked)| {
                report.add(exercise, checked);
                (*checked == Checked::Kept).then(|| exercise.clone())
            })
            .collect())
    };
    let train = keep(&set.train, 0)?;
    let heldout = keep(&set.heldout, set.train.len())?;
    Ok((ExerciseSet { train, heldout }, report))
}

/// Generates splits of exactly the wanted sizes whose every exercise is sound; each one thrown away is replaced.
///
/// # Errors
/// [`CorpusError::Sandbox`], or [`CorpusError::TooFewExercises`] where the grammar holds too few.
pub fn generate_checked(
    seed: u64,
    n_train: usize,
    n_heldout: usize,
    judge: &dyn Judge,
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(ExerciseSet, CheckReport), CorpusError> {
    const ROUNDS: u64 = 8;
    let drawn = generate_exercises(seed, n_train, n_heldout);
    for (split, wanted, found) in
        [("training", n_train, drawn.train.len()), ("held-out", n_heldout, drawn.heldout.len())]
    {
        if found < wanted {
            return Err(CorpusError::TooFewExercises { split, wanted, found });
        }
    }
    let mut report = CheckReport::default();
    let mut all: Vec<Exercise> = drawn.train.into_iter().chain(drawn.heldout).collect();
    let mut open: Vec<usize> = (0..all.len()).collect();
    let mut spare = Generator::new(seed ^ 0x5eed_5eed);
    spare.remember(&all);
    for _ in 0..ROUNDS {
        let before = all.len() - open.len();
        let batch: Vec<Exercise> = open.iter().map(|i| all[*i].clone()).collect();
        let checked = check_all(&batch, judge, threads, &|done| progress(before + done))?;
        let mut still_open = vec![];
        for ((i, exercise), checked) in open.iter().zip(&batch).zip(&checked) {
            report.add(exercise, checked);
            if *checked == Checked::Kept {
                continue;
            }
            if let Some(replacement) = spare.replacement(exercise) {
                all[*i] = replacement;
            }
            still_open.push(*i);
        }
        open = still_open;
        if open.is_empty() {
            let heldout = all.split_off(n_train);
            return Ok((ExerciseSet { train: all, heldout }, report));
        }
    }
    let lost_heldout = open.iter().filter(|i| **i >= n_train).count();
    let (split, wanted, found) = if lost_heldout == 0 {
        ("training", n_train, n_train - open.len())
    } else {
        ("held-out", n_heldout, n_heldout - lost_heldout)
    };
    Err(CorpusError::TooFewExercises { split, wanted, found })
}
