//! Slurm's own programs: what is in the queue, and what became of what is not.

use crate::AblationError;
use std::process::Command;

/// A job's state, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    Waiting,
    Running,
}

/// One task in the queue.
#[derive(Debug, Clone)]
pub(super) struct QueuedTask {
    /// Batch and number, as [`task_name`] makes it.
    pub name: String,
    job: String,
    state: JobState,
}

/// The tasks of one folder that are waiting or running.
pub(super) struct Queue(Vec<QueuedTask>);

/// The name of a task: that of its job, and its number in the array.
pub(super) fn task_name(tag: &str, batch: &str, task: usize) -> String {
    format!("{tag}-{batch}/{task}")
}

impl Queue {
    /// Looks at the queue.
    pub fn look(tag: &str) -> Result<Queue, AblationError> {
        let said = run("squeue", &["-h", "-r", "--me", "-o", "%j|%K|%T|%F"].map(str::to_owned))?;
        let tasks = said.lines().filter_map(|line| {
            let mut parts = line.trim().split('|');
            let (name, task, state, job) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            if !name.starts_with(tag) {
                return None;
            }
            let state = match state {
                "PENDING" | "CONFIGURING" | "REQUEUED" | "REQUEUE_HOLD" | "SUSPENDED" => JobState::Waiting,
                "RUNNING" | "COMPLETING" | "STAGE_OUT" | "SIGNALING" | "STOPPED" | "RESIZING" => JobState::Running,
                // Ended: squeue shows such jobs for a while.
                _ => return None,
            };
            Some(QueuedTask { name: format!("{name}/{task}"), job: job.to_owned(), state })
        });
        Ok(Queue(tasks.collect()))
    }

    pub fn tasks(&self) -> impl Iterator<Item = &QueuedTask> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The state of a task; `None` if it is gone.
    pub fn state(&self, name: &str) -> Option<JobState> {
        self.0.iter().find(|task| task.name == name).map(|task| task.state)
    }

    /// Cancels all of them.
    pub fn cancel(&self) -> Result<(), AblationError> {
        let mut jobs: Vec<String> = self.0.iter().map(|task| task.job.clone()).collect();
        jobs.sort_unstable();
        jobs.dedup();
        if jobs.is_empty() { Ok(()) } else { run("scancel", &jobs).map(|_| ()) }
    }
}

/// What Slurm says of a task that ended without a word of its own: from its accounting, or from the controller's memory.
pub(super) fn state_after(job: &str, task: &str) -> String {
    let index = task.rsplit('/').next().unwrap_or_default();
    let id = format!("{job}_{index}");
    let args = ["-n", "-X", "-P", "-o", "State,ExitCode", "-j", &id].map(str::to_owned);
    let accounted = run("sacct", &args).ok().and_then(|said| said.lines().next().map(str::to_owned));
    let state = accounted.filter(|line| !line.trim().is_empty()).or_else(|| {
        let said = run("scontrol", &["-o".into(), "show".into(), "job".into(), id.clone()]).ok()?;
        let words = said.split_whitespace().filter(|w| w.starts_with("JobState=") || w.starts_with("ExitCode="));
        Some(words.collect::<Vec<_>>().join(" "))
    });
    match state {
        Some(state) if !state.is_empty() => format!("job {id} ended without finishing its step ({state})"),
        _ => format!("job {id} ended without finishing its step, and Slurm no longer knows why"),
    }
}

/// Runs one of Slurm's programs.
pub(super) fn run(program: &str, args: &[String]) -> Result<String, AblationError> {
    let output = Command::new(program).args(args).output().map_err(|e| {
        AblationError::Slurm(match e.kind() {
            std::io::ErrorKind::NotFound => {
                format!(
                    "there is no {program} here; use a machine from which jobs can be submitted, or --executor local"
                )
            }
            _ => format!("can't run {program}: {e}"),
        })
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(AblationError::Slurm(format!("{program} failed: {}", said.trim())))
}
