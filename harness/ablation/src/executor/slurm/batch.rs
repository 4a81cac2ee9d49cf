//! Arrays of jobs: what each task is to do is written down before the array is submitted.
//!
//! `slurm/b0001.keys` holds a step's key a line, one a task; the job's name says the folder and the batch. So a batch that
//! was submitted just before the program was killed is found again by its name in the queue.

use super::Submission;
use super::queue::{run, task_name};
use crate::AblationError;
use crate::folder::OutputFolder;
use crate::recipe::SlurmSettings;
use crate::step::hex;
use phi_model::write_whole;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Tasks of an array at most, where the recipe doesn't say.
pub(super) const MAX_ARRAY: usize = 1000;

/// An array of jobs, for [`flags`].
struct Job<'a> {
    name: String,
    tasks: usize,
    /// Whether each task computes on a GPU.
    on_gpu: bool,
    /// Jobs that must have ended before.
    after: &'a [String],
}

/// What `sbatch` is told of a job. Where it is told twice, it takes the last, so a recipe's own flags come last.
fn flags(settings: &SlurmSettings, job: &Job<'_>) -> Vec<String> {
    let running = settings.max_running.map_or_else(String::new, |n| format!("%{n}"));
    let mut flags = vec![
        "--parsable".to_owned(),
        format!("--job-name={}", job.name),
        format!("--array=0-{}{running}", job.tasks - 1),
        format!("--cpus-per-task={}", settings.cpus.unwrap_or(1)),
    ];
    let given = [
        ("partition", &settings.partition),
        ("account", &settings.account),
        ("time", &settings.time),
        ("mem", &settings.memory),
    ];
    flags.extend(given.into_iter().filter_map(|(flag, value)| Some(format!("--{flag}={}", value.as_ref()?))));
    if !job.after.is_empty() {
        flags.push(format!("--dependency=afterany:{}", job.after.join(":")));
    }
    flags.extend(settings.extra.iter().cloned());
    if job.on_gpu {
        // Every Slurm knows it; --gpus wants the plug-in cons_tres.
        flags.push("--gres=gpu:1".to_owned());
        flags.extend(settings.gpu_extra.iter().cloned());
    }
    flags
}

/// The batches of a folder.
pub(super) struct Batches {
    dir: PathBuf,
    folder: PathBuf,
    /// Begins the name of every job of this folder.
    pub tag: String,
    /// Keys of the tasks, by batch.
    keys: BTreeMap<String, Vec<String>>,
}

/// What was submitted.
pub(super) struct Submitted {
    /// The array's job number.
    pub job: String,
    /// The tasks, in the order of the keys.
    pub names: Vec<String>,
}

impl Batches {
    pub fn of(folder: &OutputFolder) -> Result<Batches, AblationError> {
        let path = folder.path();
        let path = path.canonicalize().map_err(|e| AblationError::io("find", path, e))?;
        let dir = path.join("slurm");
        std::fs::create_dir_all(&dir).map_err(|e| AblationError::io("make", &dir, e))?;
        let tag = format!("phi-bench-{}", &hex(&Sha256::digest(path.as_os_str().as_encoded_bytes()))[..10]);
        let mut keys = BTreeMap::new();
        let entries = std::fs::read_dir(&dir).map_err(|e| AblationError::io("read", &dir, e))?;
        for entry in entries.flatten() {
            let file = entry.path();
            if file.extension().is_some_and(|e| e == "keys")
                && let (Some(batch), Ok(text)) = (file.file_stem(), std::fs::read_to_string(&file))
            {
                keys.insert(batch.to_string_lossy().into_owned(), text.lines().map(str::to_owned).collect());
            }
        }
        Ok(Batches { dir, folder: path, tag, keys })
    }

    /// Submits an array with a task for each key, which begins when the jobs `after` have ended, however they ended. With
    /// `on_gpu` each task has a GPU, the only one that it sees.
    pub fn submit(
        &mut self,
        submission: &Submission<'_>,
        keys: &[&str],
        on_gpu: bool,
        after: &[String],
    ) -> Result<Submitted, AblationError> {
        let number = self.keys.keys().filter_map(|name| name.strip_prefix('b')?.parse::<u32>().ok()).max().unwrap_or(0);
        let batch = format!("b{:04}", number + 1);
        let keys_file = self.dir.join(format!("{batch}.keys"));
        write_whole(&keys_file, (keys.join("\n") + "\n").as_bytes())?;
        let script = self.dir.join(format!("{batch}.sh"));
        write_whole(&script, self.script(&submission.program, &keys_file)?.as_bytes())?;
        self.keys.insert(batch.clone(), keys.iter().map(|key| (*key).to_owned()).collect());

        let job = Job { name: format!("{}-{batch}", self.tag), tasks: keys.len(), on_gpu, after };
        let mut args = flags(submission.settings, &job);
        args.push(format!("--output={}/{batch}_%a.log", self.dir.display()));
        args.push(format!("--chdir={}", self.folder.display()));
        args.push(script.display().to_string());
        let said = run("sbatch", &args)?;
        // "12" or "12;cluster".
        let job = said.trim().split(';').next().unwrap_or_default().to_owned();
        if job.is_empty() || !job.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AblationError::Slurm(format!("sbatch answered {said:?} instead of a job's number")));
        }
        write_whole(&self.dir.join(format!("{batch}.job")), job.as_bytes())?;
        let names = (0..keys.len()).map(|task| task_name(&self.tag, &batch, task)).collect();
        Ok(Submitted { job, names })
    }

    fn script(&self, program: &Path, keys: &Path) -> Result<String, AblationError> {
        let quoted = |path: &Path| {
            let text = path.to_str().filter(|text| !text.contains('\''));
            let reason = || format!("{} can't be written into a job: rename it without quotes", path.display());
            text.map(|text| format!("'{text}'")).ok_or_else(|| AblationError::Slurm(reason()))
        };
        Ok(format!(
            "#!/bin/sh\n# One step of a phi-bench ablation: the line of the list that the task's number names.\n\
             key=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {})\nexec {} ablate run-step {} \"$key\"\n",
            quoted(keys)?,
            quoted(program)?,
            quoted(&self.folder)?,
        ))
    }

    /// The key that a task works on.
    pub fn key_of(&self, task: &str) -> Option<&str> {
        let (batch, index) = self.split(task)?;
        Some(self.keys.get(batch)?.get(index)?.as_str())
    }

    /// The number of the job that a task belongs to.
    pub fn job_of(&self, task: &str) -> Result<String, AblationError> {
        let batch = self.split(task).map_or(task, |(batch, _)| batch);
        let path = self.dir.join(format!("{batch}.job"));
        if let Ok(job) = std::fs::read_to_string(&path) {
            return Ok(job);
        }
        // The program was killed between the submission and the note of its number.
        let name = format!("{}-{batch}", self.tag);
        let said = run("squeue", &["-h".into(), format!("--name={name}"), "-o".into(), "%F".into()])?;
        let job = said.lines().next().map(|line| line.trim().to_owned());
        job.ok_or_else(|| AblationError::Slurm(format!("job {name} is no longer in the queue")))
    }

    /// Where a task writes what it says.
    pub fn log_of(&self, task: &str) -> PathBuf {
        let name = self.split(task).map_or_else(|| task.to_owned(), |(batch, index)| format!("{batch}_{index}"));
        self.dir.join(format!("{name}.log"))
    }

    fn split<'t>(&self, task: &'t str) -> Option<(&'t str, usize)> {
        let (batch, index) = task.strip_prefix(&self.tag)?.strip_prefix('-')?.split_once('/')?;
        Some((batch, index.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_asks_for_a_gpu_when_and_only_when_its_steps_compute_on_one() {
        let settings = SlurmSettings {
            partition: Some("cpu".into()),
            extra: vec!["--constraint=avx512".into()],
            gpu_extra: vec!["--partition=gpu".into()],
            ..SlurmSettings::default()
        };
        let of = |on_gpu| flags(&settings, &Job { name: "j".into(), tasks: 3, on_gpu, after: &["7".into()] });
        let on_processor = of(false);
        assert!(!on_processor.iter().any(|flag| flag.contains("gpu") || flag.contains("gres")), "{on_processor:?}");
        assert!(on_processor.contains(&"--array=0-2".into()) && on_processor.contains(&"--constraint=avx512".into()));
        let on_gpu = of(true);
        assert_eq!(on_gpu[..on_processor.len()], on_processor);
        assert_eq!(on_gpu[on_processor.len()..], ["--gres=gpu:1", "--partition=gpu"], "the last partition counts");
    }
}
