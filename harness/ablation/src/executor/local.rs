//! Runs steps on this machine, as many at once as fit its cores and its memory.

use super::{Observer, Outcome};
use crate::folder::OutputFolder;
use crate::steps::{Context, run_step};
use crate::{AblationError, Plan};
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, PoisonError};

/// What the steps may use together.
#[derive(Debug, Clone, Copy)]
pub struct Resources {
    /// Steps at once.
    pub jobs: usize,
    /// Memory of the steps that run at once, in bytes, by their forecasts. A step that needs more runs alone.
    pub memory_bytes: u64,
    /// How often a step that failed is tried again, where that can help.
    pub retries: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    Waiting,
    Running,
    Failed,
}

/// What the threads share.
struct Board {
    state: Vec<State>,
    attempts: Vec<u32>,
    failures: Vec<(usize, AblationError)>,
    executed: usize,
}

/// Runs the steps that `done` doesn't name. One that fails holds up only those that need it.
///
/// # Errors
/// The caller's wish to stop. What failed stands in the outcome.
pub fn execute(
    plan: &Plan,
    folder: &OutputFolder,
    context: &Context,
    resources: Resources,
    done: &[bool],
    observer: &dyn Observer,
) -> Result<Outcome, AblationError> {
    observer.begin(plan, done);
    let urgency = urgency(plan);
    let state = done.iter().map(|d| if *d { State::Done } else { State::Waiting }).collect();
    let attempts = vec![0; plan.steps.len()];
    let board = Mutex::new(Board { state, attempts, failures: Vec::new(), executed: 0 });
    let changed = Condvar::new();

    let work = || {
        loop {
            let mut guard = board.lock().unwrap_or_else(PoisonError::into_inner);
            let index = loop {
                if context.interrupt.load(Ordering::Relaxed) {
                    return;
                }
                match next(plan, &mut guard.state, &urgency, resources.memory_bytes) {
                    Next::Step(index) => break index,
                    Next::Wait => guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
                    Next::Nothing => return,
                }
            };
            guard.state[index] = State::Running;
            guard.attempts[index] += 1;
            drop(guard);

            let step = &plan.steps[index];
            observer.started(step);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                run_step(plan, index, folder, context, &|progress| observer.progressed(step, progress))
            }));
            let result = result.unwrap_or_else(|_| Err(AblationError::Panicked));
            let mut guard = board.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(()) => {
                    guard.state[index] = State::Done;
                    guard.executed += 1;
                    observer.finished(step);
                }
                Err(error) if error.is_interrupted() => guard.state[index] = State::Failed,
                Err(error) => {
                    let again = error.may_pass() && guard.attempts[index] <= resources.retries;
                    observer.failed(step, &error, again);
                    guard.state[index] = if again { State::Waiting } else { State::Failed };
                    if !again {
                        guard.failures.push((index, error));
                    }
                }
            }
            drop(guard);
            changed.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..resources.jobs.max(1) {
            scope.spawn(|| {
                work();
                changed.notify_all();
            });
        }
    });

    if context.interrupt.load(Ordering::Relaxed) {
        return Err(AblationError::Interrupted);
    }
    let mut board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
    board.failures.sort_by_key(|(index, _)| *index);
    let done = board.state.iter().map(|state| *state == State::Done).collect();
    Ok(Outcome { done, executed: board.executed, failures: board.failures })
}

enum Next {
    Step(usize),
    Wait,
    Nothing,
}

/// The most urgent step whose inputs are done and that fits into what is left of the memory. Steps that need a failed one
/// fail with it.
fn next(plan: &Plan, state: &mut [State], urgency: &[f64], memory_bytes: u64) -> Next {
    for i in 0..plan.steps.len() {
        if state[i] == State::Waiting && plan.steps[i].inputs.iter().any(|&j| state[j] == State::Failed) {
            state[i] = State::Failed;
        }
    }
    let memory = |i: usize| plan.steps[i].forecast.memory_bytes;
    let in_use: u64 = (0..plan.steps.len()).filter(|i| state[*i] == State::Running).map(memory).sum();
    let waiting = |i: &usize| state[*i] == State::Waiting;
    let ready = |i: &usize| waiting(i) && plan.steps[*i].inputs.iter().all(|&j| state[j] == State::Done);
    let fits = |i: &usize| in_use == 0 || in_use + memory(*i) <= memory_bytes;
    let most_urgent = |a: &usize, b: &usize| urgency[*a].total_cmp(&urgency[*b]).then(b.cmp(a));
    match (0..plan.steps.len()).filter(ready).filter(fits).max_by(most_urgent) {
        Some(index) => Next::Step(index),
        None if (0..plan.steps.len()).any(|i| waiting(&i)) => Next::Wait,
        None => Next::Nothing,
    }
}

/// For each step the cost of the longest way from it to an end: what lies on the longest way is done first.
fn urgency(plan: &Plan) -> Vec<f64> {
    let mut urgency: Vec<f64> = plan.steps.iter().map(|s| s.forecast.seconds).collect();
    for i in (0..plan.steps.len()).rev() {
        for &input in &plan.steps[i].inputs {
            urgency[input] = urgency[input].max(urgency[i] + plan.steps[input].forecast.seconds);
        }
    }
    urgency
}
