//! Runs the steps of a plan that are not done yet, as many at once as asked for.

use crate::folder::{OutputFolder, StepState};
use crate::steps::{Context, run_step};
use crate::{AblationError, Plan, Step};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Is told what happens. Called from several threads at once.
pub trait Observer: Sync {
    /// Work begins; `done` tells for each step of the plan whether it was done before.
    fn begin(&self, plan: &Plan, done: &[bool]);
    /// A step begins.
    fn started(&self, step: &Step);
    /// A step has come this far, from 0 to 1; `note` says where it is.
    fn progressed(&self, step: &Step, fraction: f64, note: &str);
    /// A step has ended.
    fn finished(&self, step: &Step);
    /// Something that a person should know.
    fn notice(&self, message: &str);
}

/// What the threads share.
struct Board {
    state: Vec<State>,
    failures: Vec<(usize, AblationError)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    Waiting,
    Running,
    Failed,
}

/// Which steps of a plan are done; damaged ones are told of and cleared away.
///
/// # Errors
/// A damaged step's folder can't be removed.
pub fn survey(plan: &Plan, folder: &OutputFolder, observer: &dyn Observer) -> Result<Vec<bool>, AblationError> {
    let mut done = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        done.push(match folder.state(step) {
            StepState::Done(_) => true,
            StepState::ToDo => false,
            StepState::Damaged(reason) => {
                observer.notice(&format!("{} was damaged ({reason}); it is done again", step.label));
                folder.clear(step)?;
                false
            }
        });
    }
    Ok(done)
}

/// Runs what is not done. A step that fails holds up only those that need it.
///
/// # Errors
/// The first failure, after everything else that could be done was done; or the caller's wish to stop.
pub fn execute(
    plan: &Plan,
    folder: &OutputFolder,
    context: &Context,
    jobs: usize,
    observer: &dyn Observer,
) -> Result<(), AblationError> {
    let done = survey(plan, folder, observer)?;
    observer.begin(plan, &done);
    let urgency = urgency(plan);
    let state = done.iter().map(|d| if *d { State::Done } else { State::Waiting }).collect();
    let board = Mutex::new(Board { state, failures: Vec::new() });
    let changed = Condvar::new();

    let work = || {
        loop {
            let mut guard = board.lock().unwrap_or_else(PoisonError::into_inner);
            let index = loop {
                if context.interrupt.load(Ordering::Relaxed) {
                    return;
                }
                match next(plan, &mut guard.state, &urgency) {
                    Next::Step(index) => break index,
                    Next::Wait => guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
                    Next::Nothing => return,
                }
            };
            guard.state[index] = State::Running;
            drop(guard);

            let step = &plan.steps[index];
            observer.started(step);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                run_step(plan, index, folder, context, &|fraction, note| observer.progressed(step, fraction, note))
            }));
            let result = result.unwrap_or_else(|_| Err(AblationError::Panicked));
            let mut guard = board.lock().unwrap_or_else(PoisonError::into_inner);
            guard.state[index] = if result.is_ok() { State::Done } else { State::Failed };
            match result {
                Ok(()) => observer.finished(step),
                Err(error) => {
                    // The first is told at the end.
                    if !error.is_interrupted() && !guard.failures.is_empty() {
                        observer.notice(&format!("{} failed: {error}", step.label));
                    }
                    guard.failures.push((index, error));
                }
            }
            drop(guard);
            changed.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                work();
                changed.notify_all();
            });
        }
    });

    let board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
    if context.interrupt.load(Ordering::Relaxed) {
        return Err(AblationError::Interrupted);
    }
    match board.failures.into_iter().next() {
        Some((index, error)) => {
            Err(AblationError::Step { step: plan.steps[index].label.clone(), source: Box::new(error) })
        }
        None => Ok(()),
    }
}

enum Next {
    Step(usize),
    Wait,
    Nothing,
}

/// The most urgent step whose inputs are done. Steps that need a failed one fail with it.
fn next(plan: &Plan, state: &mut [State], urgency: &[f64]) -> Next {
    for i in 0..plan.steps.len() {
        if state[i] == State::Waiting && plan.steps[i].inputs.iter().any(|&j| state[j] == State::Failed) {
            state[i] = State::Failed;
        }
    }
    let waiting = |i: &usize| state[*i] == State::Waiting;
    let ready = |i: &usize| waiting(i) && plan.steps[*i].inputs.iter().all(|&j| state[j] == State::Done);
    match (0..plan.steps.len()).filter(ready).max_by(|&a, &b| urgency[a].total_cmp(&urgency[b]).then(b.cmp(&a))) {
        Some(index) => Next::Step(index),
        None if (0..plan.steps.len()).any(|i| waiting(&i)) => Next::Wait,
        None => Next::Nothing,
    }
}

/// For each step the cost of the longest way from it to an end: what lies on the longest way is done first.
fn urgency(plan: &Plan) -> Vec<f64> {
    let mut urgency: Vec<f64> = plan.steps.iter().map(|s| s.cost_s).collect();
    for i in (0..plan.steps.len()).rev() {
        for &input in &plan.steps[i].inputs {
            urgency[input] = urgency[input].max(urgency[i] + plan.steps[input].cost_s);
        }
    }
    urgency
}

/// A flag that is set from outside to stop the work.
pub type Interrupt = std::sync::Arc<AtomicBool>;
