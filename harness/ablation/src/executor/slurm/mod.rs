//! Runs steps as jobs of a Slurm cluster whose nodes see the output folder under the same path.
//!
//! Steps that can begin together and are of one kind make one array, a batch; what needs them waits by a
//! dependency. What is done is told by the steps' own `done.json`, never by a job's exit code, so the program that
//! submitted the jobs may be killed and started again: it finds its jobs by their names, and submits only what is neither
//! done nor on its way.

mod batch;
mod end;
mod queue;

pub use end::note_end;

use super::{Interrupt, Observer, Outcome};
use crate::folder::{OutputFolder, StepState, Trust};
use crate::recipe::SlurmSettings;
use crate::{AblationError, Plan};
use batch::Batches;
use queue::{JobState, Queue};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Time between looks at the queue.
const POLL: Duration = Duration::from_secs(2);

/// Looks at the queue that may fail in a row (the controller restarts, say) before it is given up.
const QUEUE_FAILURES: u32 = 60;

/// How long a job may be gone before its step counts as failed: outputs take a while to be seen through a shared file
/// system, and a job to be seen in the queue.
const GONE: Duration = Duration::from_secs(10);

/// How steps are submitted.
pub struct Submission<'a> {
    /// Resources of the jobs.
    pub settings: &'a SlurmSettings,
    /// How often a step that failed is submitted again, where that can help.
    pub retries: u32,
    /// The program that the jobs run: this one, under a path that the nodes see.
    pub program: PathBuf,
    /// To submit and not to wait.
    pub detach: bool,
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Done,
    /// To be submitted.
    Pending,
    /// A task of this array.
    Submitted {
        task: String,
        running: bool,
        gone_since: Option<Instant>,
    },
    Failed,
    /// It needs a step that failed.
    HeldUp,
}

/// Submits the steps that `done` doesn't name and are not on their way, and waits for all of them.
///
/// # Errors
/// Slurm can't be used, or the caller's wish to stop; the jobs then go on. What failed stands in the outcome.
pub fn execute(
    plan: &Plan,
    folder: &OutputFolder,
    submission: &Submission<'_>,
    interrupt: &Interrupt,
    done: &[bool],
    observer: &dyn Observer,
) -> Result<Outcome, AblationError> {
    observer.begin(plan, done);
    let mut driver = Driver::new(plan, folder, submission, done, observer)?;
    let mut failures_in_a_row = 0;
    loop {
        driver.submit()?;
        if submission.detach || driver.is_over() {
            return Ok(driver.outcome());
        }
        let until = Instant::now() + POLL;
        while Instant::now() < until {
            if interrupt.load(Ordering::Relaxed) {
                observer
                    .notice("the jobs go on; the same command waits for them, and `phi-bench ablate cancel` ends them");
                return Err(AblationError::Interrupted);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        match Queue::look(&driver.batches.tag) {
            Ok(queue) => {
                failures_in_a_row = 0;
                driver.update(&queue)?;
            }
            Err(error) if failures_in_a_row == QUEUE_FAILURES => return Err(error),
            Err(_) => failures_in_a_row += 1,
        }
    }
}

/// Cancels all jobs of a folder, and says how many tasks were waiting or running.
///
/// # Errors
/// Slurm can't be used.
pub fn cancel(folder: &OutputFolder) -> Result<usize, AblationError> {
    let batches = Batches::of(folder)?;
    let queue = Queue::look(&batches.tag)?;
    queue.cancel()?;
    Ok(queue.len())
}

struct Driver<'a> {
    plan: &'a Plan,
    folder: &'a OutputFolder,
    submission: &'a Submission<'a>,
    observer: &'a dyn Observer,
    batches: Batches,
    stages: Vec<Stage>,
    attempts: Vec<u32>,
    failures: BTreeMap<usize, AblationError>,
    executed: usize,
}

impl<'a> Driver<'a> {
    fn new(
        plan: &'a Plan,
        folder: &'a OutputFolder,
        submission: &'a Submission<'a>,
        done: &[bool],
        observer: &'a dyn Observer,
    ) -> Result<Driver<'a>, AblationError> {
        let batches = Batches::of(folder)?;
        let stages = done.iter().map(|done| if *done { Stage::Done } else { Stage::Pending }).collect();
        let attempts = vec![0; plan.steps.len()];
        let failures = BTreeMap::new();
        let mut driver =
            Driver { plan, folder, submission, observer, batches, stages, attempts, failures, executed: 0 };
        driver.find_own_jobs()?;
        Ok(driver)
    }

    /// Jobs of this folder that an earlier run of the program submitted.
    fn find_own_jobs(&mut self) -> Result<(), AblationError> {
        let queue = Queue::look(&self.batches.tag)?;
        let mut found = 0;
        for index in 0..self.plan.steps.len() {
            let task =
                queue.tasks().find(|t| self.batches.key_of(&t.name) == Some(self.plan.steps[index].key.as_str()));
            if let (Stage::Pending, Some(task)) = (&self.stages[index], task) {
                self.stages[index] = Stage::Submitted { task: task.name.clone(), running: false, gone_since: None };
                found += 1;
            }
        }
        if found > 0 {
            self.observer.notice(&format!("{found} jobs of an earlier run are still in the queue; they are kept"));
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        !self.stages.iter().any(|stage| matches!(stage, Stage::Pending | Stage::Submitted { .. }))
    }

    fn outcome(self) -> Outcome {
        let done = self.stages.iter().map(|stage| *stage == Stage::Done).collect();
        Outcome { done, executed: self.executed, failures: self.failures.into_iter().collect() }
    }

    /// Submits every step that is neither done nor on its way, inputs first.
    fn submit(&mut self) -> Result<(), AblationError> {
        let mut waves: BTreeMap<(usize, &str, bool), Vec<usize>> = BTreeMap::new();
        let mut depth = vec![0; self.plan.steps.len()];
        for (i, step) in self.plan.steps.iter().enumerate() {
            if step.inputs.iter().any(|&j| matches!(self.stages[j], Stage::Failed | Stage::HeldUp))
                && self.stages[i] == Stage::Pending
            {
                self.stages[i] = Stage::HeldUp;
            }
            let unfinished = step.inputs.iter().filter(|&&j| self.stages[j] != Stage::Done);
            depth[i] = unfinished.map(|&j| depth[j] + 1).max().unwrap_or(0);
            if self.stages[i] == Stage::Pending {
                let on_gpu = step.spec.gpu().is_some();
                waves.entry((depth[i], step.spec.kind(), on_gpu)).or_default().push(i);
            }
        }
        let most = self.submission.settings.max_array.unwrap_or(batch::MAX_ARRAY);
        for ((_, kind, on_gpu), steps) in waves {
            for steps in steps.chunks(most) {
                let mut after: Vec<String> = Vec::new();
                for &j in steps.iter().flat_map(|&i| &self.plan.steps[i].inputs) {
                    if let Stage::Submitted { task, .. } = &self.stages[j] {
                        after.push(self.batches.job_of(task)?);
                    }
                }
                after.sort_unstable();
                after.dedup();
                let keys: Vec<&str> = steps.iter().map(|&i| self.plan.steps[i].key.as_str()).collect();
                for &i in steps {
                    end::forget(self.folder, &self.plan.steps[i]);
                }
                let tasks = self.batches.submit(self.submission, &keys, on_gpu, &after)?;
                self.observer.notice(&format!("submitted {} {kind} step(s) as job {}", steps.len(), tasks.job));
                for (&i, task) in steps.iter().zip(tasks.names) {
                    self.attempts[i] += 1;
                    self.stages[i] = Stage::Submitted { task, running: false, gone_since: None };
                }
            }
        }
        Ok(())
    }

    /// Takes over what has happened since the last look.
    fn update(&mut self, queue: &Queue) -> Result<(), AblationError> {
        for index in 0..self.plan.steps.len() {
            let step = &self.plan.steps[index];
            let Stage::Submitted { task, running, gone_since } = &mut self.stages[index] else { continue };
            if let StepState::Done(_) = self.folder.state(step, Trust::Stamps) {
                self.stages[index] = Stage::Done;
                self.executed += 1;
                self.observer.finished(step);
                continue;
            }
            match queue.state(task) {
                Some(state) => {
                    *gone_since = None;
                    if state == JobState::Running && !*running {
                        *running = true;
                        self.observer.started(step);
                    }
                }
                None => {
                    let since = *gone_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= GONE || end::is_told(self.folder, step) {
                        let task = task.clone();
                        self.ended_without(index, &task)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A job is gone and its step is not done.
    fn ended_without(&mut self, index: usize, task: &str) -> Result<(), AblationError> {
        let step = &self.plan.steps[index];
        if step.inputs.iter().any(|&j| self.stages[j] != Stage::Done) {
            // It ran in vain, since what it needs was not there; it is submitted again when that is, or held up.
            self.stages[index] = Stage::Pending;
            return Ok(());
        }
        let told = end::told(self.folder, step);
        let (reason, may_pass) = match told {
            Some(end) => (end.error, end.may_pass),
            None => (queue::state_after(&self.batches.job_of(task)?, task), true),
        };
        let error = AblationError::Job { reason, log: self.batches.log_of(task), may_pass };
        let again = may_pass && self.attempts[index] <= self.submission.retries;
        self.observer.failed(step, &error, again);
        self.stages[index] = if again { Stage::Pending } else { Stage::Failed };
        if !again {
            self.failures.insert(index, error);
        }
        Ok(())
    }
}
