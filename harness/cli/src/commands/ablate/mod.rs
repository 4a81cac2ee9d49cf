//! `phi-bench ablate`.

mod cancel;
mod explain;
mod finish;
mod run_step;

use crate::device::{self, Device, Devices};
use crate::exit::{Exit, UsageError};
use crate::machine::{cores, free_disk_bytes};
use crate::progress::Progress;
use crate::{env, interrupt, printer};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use phi_ablation::slurm::{self, Submission};
use phi_ablation::{
    ComputeDevice, ComputeRecipe, Context, GpuSlot, OutputFolder, PRESETS, Plan, Recipe, Resources, Trust, execute,
    survey,
};
use phi_train::Precision;
use std::path::{Path, PathBuf};

/// Trains and scores every arm of a recipe, and says with statistics what helped.
///
/// Builds a corpus, trains a tokenizer and the models, grows weights, aligns on exercises, scores every arm in the
/// sandbox, stores everything, prints a table, and writes an HTML report whose path it prints last. Interrupted at any
/// moment, the same command goes on where it was; what is done is never done again.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  phi-bench ablate --tiling                     scratch, weight reuse, tiling at equal FLOPs
  phi-bench ablate --data                       raw and filtered code, textbooks, exercises
  phi-bench ablate --preset smoke               in a minute, too small to answer anything
  phi-bench ablate --tiling --corpus ~/src      with your own Python as raw code
  phi-bench ablate my-recipe.toml --explain     what it would do, why, and what that takes
  phi-bench ablate my-recipe.toml --seeds 5     your own question (see docs/src/recipe.md)
  phi-bench ablate --tiling --device cuda       with a step on each GPU (see docs/src/gpu.md)
  phi-bench ablate my-recipe.toml --executor slurm --out /shared/my-run"
)]
pub struct Ablate {
    #[command(subcommand)]
    command: Option<AblateCommand>,
    /// Recipe file (TOML; docs/src/recipe.md describes every field).
    #[arg(conflicts_with_all = ["tiling", "data", "preset"], required_unless_present_any = ["tiling", "data", "preset"])]
    recipe: Option<PathBuf>,
    /// The weight-growth ablation: short for `--preset tiling`.
    #[arg(long, conflicts_with_all = ["data", "preset"])]
    tiling: bool,
    /// The data ablation: short for `--preset data`.
    #[arg(long, conflicts_with = "preset")]
    data: bool,
    /// A built-in recipe.
    #[arg(long, value_parser = PossibleValuesParser::new(PRESETS.map(|(name, _)| name)))]
    preset: Option<String>,
    /// Run every arm with the seeds 1 to N instead of the recipe's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: Option<u64>,
    /// Raw code: a folder of .py files, or a JSON-lines file with a field `text` or `content`.
    #[arg(long, value_name = "PATH")]
    corpus: Option<PathBuf>,
    /// Where everything goes [default: phi-bench-out/NAME].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use the folder for this recipe even if it holds another one's ablation; steps that still fit are kept.
    #[arg(long)]
    update: bool,
    /// Read every finished step's outputs through and compare their hashes, not only lengths and times.
    #[arg(long)]
    verify: bool,
    /// Where steps run.
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// Where models are trained and scored: cpu, cuda (all GPUs that the driver shows), or cuda:N,N for the GPUs of these
    /// numbers (a build with the feature cuda) [default: the recipe's, which is cpu if it doesn't say].
    #[arg(long, value_name = "DEVICE")]
    device: Option<Devices>,
    /// Number format of the factors of training's matrix products, which are added up in f32; all else is f32 [default: the
    /// recipe's; f32 on the processor, bf16 on a GPU].
    #[arg(long, value_name = "DTYPE", value_parser = device::precision())]
    dtype: Option<Precision>,
    /// Steps at once on this machine; those on GPUs come on top, one on each [default: the number of cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Memory of the steps that run at once on this machine, in MiB [default: four fifths of what is free].
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 34))]
    memory_mb: Option<u64>,
    /// With `--executor slurm`: submit the jobs and end; the same command without it waits for them.
    #[arg(long)]
    detach: bool,
    /// Print the plan: each step, whether it is done, why it is to be done, and what it takes; then do nothing.
    #[arg(long)]
    explain: bool,
    /// Print the recipe, and the plan as its comments, and do nothing: `--dry-run > mine.toml` begins a recipe of your own.
    #[arg(long)]
    dry_run: bool,
    /// Print the plan as JSON; with --explain or --dry-run.
    #[arg(long)]
    json: bool,
}

/// Bytes that steps may take unless told: four fifths of what is left, or everything where the system doesn't tell.
fn most_memory() -> u64 {
    phi_train::available_memory_bytes().unwrap_or(u64::MAX) / 5 * 4
}

/// Says beforehand where the disk may not suffice: what is whole would stay, but hours could pass until then.
fn note_disk(plan: &Plan, done: &[bool], out: &Path) {
    let needed = plan.forecast(|step| !done[step]).disk_bytes;
    if let Some(free) = free_disk_bytes(out).filter(|free| *free < needed) {
        printer::note(format!(
            "the steps to do take about {} of disk, and {} has {} free: make room, or give another --out",
            explain::bytes(needed),
            out.display(),
            explain::bytes(free)
        ));
    }
}

/// Where steps run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Executor {
    /// On this machine.
    Local,
    /// As jobs of a Slurm cluster, whose nodes see the output folder under the same path.
    Slurm,
}

#[derive(Debug, Subcommand)]
enum AblateCommand {
    Cancel(cancel::Cancel),
    RunStep(run_step::RunStep),
}

impl Ablate {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Some(AblateCommand::Cancel(cancel)) => return cancel.run(),
            Some(AblateCommand::RunStep(run_step)) => return run_step.run(),
            None => {}
        }
        let recipe = self.recipe()?;
        let data = env::data_root();
        let plan = Plan::new(&recipe, &data)?;
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("phi-bench-out").join(&recipe.name));
        if self.explain || self.dry_run {
            if self.dry_run && !self.json {
                printer::line(recipe.to_toml());
            }
            let form = match (self.json, self.dry_run) {
                (true, _) => explain::Form::Json,
                (false, true) => explain::Form::Comments,
                (false, false) => explain::Form::Table,
            };
            explain::explain(&plan, &out, form);
            return Ok(Exit::Fine);
        }
        // Before anything is written.
        let gpus = self.gpus(&recipe)?;
        for l in &plan.left_out {
            printer::note(format!("left out: {}: {}; {}", l.task, l.why, l.how));
        }
        let folder = OutputFolder::open(&out, &recipe, self.update)?;
        let trust = if self.verify { Trust::Hashes } else { Trust::Stamps };
        let progress = Progress::new(&recipe);
        let done = survey(&plan, &folder, trust, &progress)?;
        folder.save_plan(&plan)?;
        note_disk(&plan, &done, &out);
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let places = self.places(jobs, &gpus);
        let interrupt = interrupt::flag()?;
        let result = match self.executor {
            Executor::Local => {
                let memory_bytes = self.memory_mb.map_or_else(most_memory, |mib| mib << 20);
                let resources = Resources { jobs, memory_bytes, retries: recipe.retries };
                let context = Context::new(data, phi_sandbox::default_cache_dir(), interrupt).with_gpus(gpus);
                execute(&plan, &folder, &context, resources, &done, &progress)
            }
            Executor::Slurm => {
                let submission = Submission {
                    settings: &recipe.slurm,
                    retries: recipe.retries,
                    program: std::env::current_exe()?,
                    detach: self.detach,
                };
                slurm::execute(&plan, &folder, &submission, &interrupt, &done, &progress)
            }
        };
        progress.finish();
        let outcome = result?;
        if self.detach && self.executor == Executor::Slurm && outcome.done.iter().any(|done| !done) {
            printer::note("submitted; the same command without --detach waits for the jobs and writes the report");
            return Ok(Exit::Fine);
        }
        finish::finish(&recipe, &plan, &folder, outcome, &self.command(), &places)
    }

    /// The GPUs of this machine that steps run on.
    fn gpus(&self, recipe: &Recipe) -> anyhow::Result<Vec<GpuSlot>> {
        if recipe.compute.device == ComputeDevice::Cpu {
            return Ok(Vec::new());
        }
        match (self.executor, &self.device) {
            (Executor::Slurm, Some(Devices::Gpus(_))) => {
                let text = "--device cuda:N names GPUs of this machine; with --executor slurm each job is given its own: --device cuda";
                Err(UsageError(text.to_owned()).into())
            }
            // The nodes' GPUs needn't be here; but the jobs run this program.
            (Executor::Slurm, _) => Ok(device::check_built(Device::Cuda(0)).map(|()| Vec::new())?),
            (Executor::Local, given) => Ok(given.as_ref().unwrap_or(&Devices::AllGpus).gpus()?),
        }
    }

    /// How many steps run at once, and where.
    fn places(&self, jobs: usize, gpus: &[GpuSlot]) -> String {
        let names: Vec<&str> = gpus.iter().map(GpuSlot::name).collect();
        match self.executor {
            Executor::Slurm => "as Slurm lets".to_owned(),
            Executor::Local if names.is_empty() => jobs.to_string(),
            Executor::Local => format!("{jobs}, and one each on {}", names.join(", ")),
        }
    }

    /// What models are trained and scored on: the recipe's, as the flags change it.
    fn compute(&self, recipe: &Recipe) -> anyhow::Result<ComputeRecipe> {
        let device = match &self.device {
            None => recipe.compute.device,
            Some(Devices::Cpu) => ComputeDevice::Cpu,
            Some(Devices::AllGpus | Devices::Gpus(_)) => ComputeDevice::Cuda,
        };
        if device == ComputeDevice::Cpu {
            device::on_processor(self.dtype)?;
        }
        // A format that the recipe gives for its own device is none for another.
        let of_recipe = recipe.compute.dtype.filter(|_| device == recipe.compute.device);
        Ok(ComputeRecipe { device, dtype: self.dtype.or(of_recipe) })
    }

    fn recipe(&self) -> anyhow::Result<Recipe> {
        let mut recipe = match (&self.recipe, &self.preset) {
            (Some(path), _) => Recipe::load(path)?,
            (None, Some(name)) => Recipe::preset(name)?,
            (None, None) => Recipe::preset(if self.data { "data" } else { "tiling" })?,
        };
        if let Some(n) = self.seeds {
            recipe.seeds = (1..=n).collect();
        }
        if let Some(corpus) = &self.corpus {
            recipe.set_corpus(corpus)?;
        }
        recipe.set_compute(self.compute(&recipe)?)?;
        Ok(recipe)
    }

    /// The command that does this again.
    fn command(&self) -> String {
        let mut command = "phi-bench ablate".to_owned();
        match (&self.recipe, &self.preset) {
            (Some(path), _) => command += &format!(" {}", path.display()),
            (None, Some(name)) => command += &format!(" --preset {name}"),
            (None, None) => command += if self.data { " --data" } else { " --tiling" },
        }
        if let Some(n) = self.seeds {
            command += &format!(" --seeds {n}");
        }
        if let Some(corpus) = &self.corpus {
            command += &format!(" --corpus {}", corpus.display());
        }
        if let Some(device) = &self.device {
            command += &format!(" --device {device}");
        }
        if let Some(dtype) = self.dtype {
            command += &format!(" --dtype {dtype}");
        }
        command
    }
}
