//! Runs steps on this machine, as many at once as fit its cores, its memory and its GPUs.

use super::board::{Board, End, Need, Next, Room};
use super::{Observer, Outcome};
use crate::folder::OutputFolder;
use crate::gpus::Lease;
use crate::steps::{Context, run_step_on};
use crate::{AblationError, Plan, Step};
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, PoisonError};

/// What the steps may use together.
#[derive(Debug, Clone, Copy)]
pub struct Resources {
    /// Steps that compute on the processor at once. Those on GPUs, one on each of the context's, come on top.
    pub jobs: usize,
    /// Memory of the steps that run at once, in bytes, by their forecasts. A step that needs more runs alone.
    pub memory_bytes: u64,
    /// How often a step that failed is tried again, where that can help.
    pub retries: u32,
}

/// What the threads share.
struct Shared {
    board: Board,
    attempts: Vec<u32>,
    failures: Vec<(usize, AblationError)>,
    executed: usize,
}

/// Runs the steps that `done` doesn't name. One that fails holds up only those that need it.
///
/// # Errors
/// The caller's wish to stop, or steps that want a GPU where the context has none. What failed stands in the outcome.
pub fn execute(
    plan: &Plan,
    folder: &OutputFolder,
    context: &Context,
    resources: Resources,
    done: &[bool],
    observer: &dyn Observer,
) -> Result<Outcome, AblationError> {
    let gpus = context.gpus();
    if let Some(step) = plan.steps.iter().zip(done).find(|(step, done)| !**done && step.spec.gpu().is_some())
        && gpus.is_empty()
    {
        return Err(AblationError::NoGpu(step.0.label.clone()));
    }
    observer.begin(plan, done);
    let room = Room { jobs: resources.jobs, memory_bytes: resources.memory_bytes, gpus: gpus.len() };
    let board = Board::new(needs(plan), done, room);
    let attempts = vec![0; plan.steps.len()];
    let shared = Mutex::new(Shared { board, attempts, failures: Vec::new(), executed: 0 });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let changed = Condvar::new();

    let work = || {
        loop {
            let mut guard = lock();
            let (index, gpu) = loop {
                if context.interrupt.load(Ordering::Relaxed) {
                    return;
                }
                match guard.board.next() {
                    Next::Step { index, gpu } => break (index, gpu),
                    Next::Wait => guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
                    Next::Nothing => return,
                }
            };
            guard.attempts[index] += 1;
            drop(guard);

            let step = &plan.steps[index];
            observer.started(step);
            let give_back = || {
                lock().board.give_gpu_back(index);
                changed.notify_all();
            };
            let lease = gpu.map(|gpu| Lease { slot: &gpus[gpu], give_back: &give_back });
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                run_step_on(lease, plan, index, folder, context, &|progress| observer.progressed(step, progress))
            }));
            let result = result.unwrap_or_else(|_| Err(AblationError::Panicked));
            let mut guard = lock();
            match result {
                Ok(()) => {
                    guard.board.end(index, End::Done);
                    guard.executed += 1;
                    observer.finished(step);
                }
                Err(error) if error.is_interrupted() => guard.board.end(index, End::Failed),
                Err(error) => {
                    let again = error.may_pass() && guard.attempts[index] <= resources.retries;
                    observer.failed(step, &error, again);
                    guard.board.end(index, if again { End::Again } else { End::Failed });
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
        for _ in 0..resources.jobs.max(1) + gpus.len() {
            scope.spawn(|| {
                work();
                changed.notify_all();
            });
        }
    });

    if context.interrupt.load(Ordering::Relaxed) {
        return Err(AblationError::Interrupted);
    }
    let mut shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    shared.failures.sort_by_key(|(index, _)| *index);
    Ok(Outcome { done: shared.board.done(), executed: shared.executed, failures: shared.failures })
}

/// What each step needs.
fn needs(plan: &Plan) -> Vec<Need> {
    let need = |(step, urgency): (&Step, f64)| Need {
        inputs: step.inputs.clone(),
        urgency,
        memory_bytes: step.forecast.memory_bytes,
        gpu: step.spec.gpu().is_some(),
    };
    plan.steps.iter().zip(urgency(plan)).map(need).collect()
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
