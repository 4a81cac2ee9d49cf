//! `phi-bench ablate run-step`.

use crate::exit::Exit;
use crate::{device, env, interrupt, printer};
use clap::Args;
use phi_ablation::{AblationError, Context, OutputFolder, StepProgress, run_step, slurm};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Runs one step of an output folder's plan, as the jobs on a cluster do.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench ablate run-step phi-bench-out/tiling 3f9a0c21")]
pub struct RunStep {
    /// The ablation's output folder.
    dir: PathBuf,
    /// The step's key, or enough of its beginning (`--explain` shows it).
    key: String,
}

/// Time between lines that say how far the step is.
const SAY_EVERY: Duration = Duration::from_secs(30);

impl RunStep {
    pub fn run(self) -> anyhow::Result<Exit> {
        let folder = OutputFolder::visit(&self.dir)?;
        let plan = folder.last_plan().ok_or_else(|| AblationError::NoPlan { folder: self.dir.clone() })?;
        let index = plan
            .find(&self.key)
            .ok_or_else(|| AblationError::NoStep { folder: self.dir.clone(), key: self.key.clone() })?;
        let step = &plan.steps[index];
        // Slurm shows a job its own GPU only, which is then the first.
        let context = Context::new(env::data_root(), phi_sandbox::default_cache_dir(), interrupt::flag()?)
            .with_gpus(vec![device::slot(0)]);
        let said = Mutex::new(Instant::now());
        let say = |progress: &StepProgress| {
            let Ok(mut said) = said.lock() else { return };
            if said.elapsed() >= SAY_EVERY {
                *said = Instant::now();
                printer::note(format!("{}: {:.0} %, {}", step.label, progress.fraction * 100.0, progress.note));
            }
        };
        printer::note(format!("{} begins", step.label));
        let result = run_step(&plan, index, &folder, &context, &say);
        let noted = slurm::note_end(&folder, step, &result);
        result?;
        noted?;
        printer::line(format!("{} is done: {}", step.label, folder.step_dir(step).display()));
        Ok(Exit::Fine)
    }
}
