//! Runs the steps of a plan that are not done yet: on this machine, or as jobs of a Slurm cluster.

mod board;
mod local;
pub mod slurm;

pub use local::{Resources, execute};

use crate::folder::{OutputFolder, StepState, Trust};
use crate::{AblationError, Plan, Step};
use std::sync::atomic::AtomicBool;

/// A flag that is set from outside to stop the work.
pub type Interrupt = std::sync::Arc<AtomicBool>;

/// How far a step has come.
#[derive(Debug, Clone, PartialEq)]
pub struct StepProgress {
    /// From 0 to 1.
    pub fraction: f64,
    /// Where it is, for people.
    pub note: String,
    /// The training loss, where the step trains.
    pub loss: Option<f64>,
}

/// Is told what happens. Called from several threads at once.
pub trait Observer: Sync {
    /// Work begins; `done` tells for each step of the plan whether it was done before.
    fn begin(&self, plan: &Plan, done: &[bool]);
    /// A step begins.
    fn started(&self, step: &Step);
    /// A step has come this far.
    fn progressed(&self, step: &Step, progress: &StepProgress);
    /// A step has ended.
    fn finished(&self, step: &Step);
    /// A step has failed; with `again` it is tried once more.
    fn failed(&self, step: &Step, error: &AblationError, again: bool);
    /// Something that a person should know.
    fn notice(&self, message: &str);
}

/// What became of the work.
#[derive(Debug)]
pub struct Outcome {
    /// Whether each step of the plan is done.
    pub done: Vec<bool>,
    /// Steps that were done now.
    pub executed: usize,
    /// Steps that failed, with the cause of the last attempt, in the order of the plan.
    pub failures: Vec<(usize, AblationError)>,
}

impl Outcome {
    /// Steps that could not begin, since one that they need failed.
    pub fn held_up(&self) -> usize {
        self.done.iter().filter(|done| !**done).count() - self.failures.len()
    }
}

/// Which steps of a plan are done; damaged ones are told of and cleared away.
///
/// # Errors
/// A damaged step's folder can't be removed.
pub fn survey(
    plan: &Plan,
    folder: &OutputFolder,
    trust: Trust,
    observer: &dyn Observer,
) -> Result<Vec<bool>, AblationError> {
    let mut done = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        done.push(match folder.state(step, trust) {
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
