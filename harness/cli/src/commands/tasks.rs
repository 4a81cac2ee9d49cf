//! `phi-bench tasks`.

use super::sandbox::open;
use crate::exit::Exit;
use crate::limit_flags::LimitFlags;
use crate::task_flags::TaskFlags;
use crate::{env, printer};
use clap::{Args, Subcommand};
use phi_sandbox::Python;
use phi_suites::task::Published;
use phi_suites::{LimitedSandbox, LoadedTask, Task, TaskGroup, TaskLibrary, Verification, request_digest, verify};
use std::path::PathBuf;
use std::time::Instant;

/// Lists the tasks, shows what one asks, prints its exact requests, or runs its reference solutions.
#[derive(Debug, Args)]
pub struct Tasks {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Show(Show),
    Requests(Requests),
    Verify(Verify),
}

/// Names every task and every group of tasks; with --include-path, your own among them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  phi-bench tasks list\n  phi-bench tasks list --include-path my-tasks/")]
struct List {
    #[command(flatten)]
    library: TaskFlags,
    /// Print everything about the tasks as JSON.
    #[arg(long)]
    json: bool,
}

/// Shows a task's source, licence, prompt, metrics, shots, and what the Phi papers say of it; or what a group is made of.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  phi-bench tasks show gsm8k\n  phi-bench tasks show mmlu")]
struct Show {
    /// Name of a task or a group.
    task: String,
    #[command(flatten)]
    library: TaskFlags,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the exact requests of a task, one JSON line each, as lm-evaluation-harness builds them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench tasks requests arc_easy --num-fewshot 5 --digest")]
struct Requests {
    /// Task name.
    task: String,
    #[command(flatten)]
    library: TaskFlags,
    /// Examples before each question [default: the task's own number].
    #[arg(long, value_name = "K")]
    num_fewshot: Option<usize>,
    /// Questions at most.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print the SHA-256 of all requests instead.
    #[arg(long)]
    digest: bool,
    /// Read the data from this JSON-lines file instead of PHI_BENCH_DATA.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

/// Runs every reference solution of a code task, of all its splits, through the sandbox: exit code 1 unless all pass that
/// are right.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  phi-bench tasks verify humaneval --python both")]
struct Verify {
    /// Task name.
    #[arg(default_value = "humaneval")]
    task: String,
    /// Which interpreter.
    #[arg(long, value_parser = ["cpython", "rustpython", "both"], default_value = "cpython")]
    python: String,
    /// Programs at once [default: the number of cores].
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Read the data from this JSON-lines file instead of PHI_BENCH_DATA.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitFlags,
    /// Print every row as JSON.
    #[arg(long)]
    json: bool,
}

impl Tasks {
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::List(c) => c.run(),
            Action::Show(c) => c.run(),
            Action::Requests(c) => c.run(),
            Action::Verify(c) => c.run(),
        }
    }
}

/// A task with its data.
pub fn load(library: &TaskLibrary, name: &str, data: Option<&PathBuf>) -> anyhow::Result<LoadedTask> {
    let task = library.task(name)?;
    Ok(match data {
        Some(path) => task.load_file(path)?,
        None => task.load(&env::data_root_and_hub()?)?,
    })
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let library = self.library.library()?;
        let own = library.own_tasks()?;
        let all: Vec<_> = own.iter().chain(&Task::all()).map(Task::summary).collect();
        if self.json {
            printer::json(&all);
            return Ok(Exit::Fine);
        }
        let groups: Vec<TaskGroup> = library.own_groups().cloned().chain(TaskGroup::all()).collect();
        let names = all.iter().map(|task| &task.name).chain(groups.iter().map(|group| &group.group));
        let names = names.chain(library.own_tags().map(|(tag, _)| tag));
        let width = names.map(String::len).max().unwrap_or(0);
        for task in all {
            printer::line(format!("{:<width$} {}", task.name, task.title));
        }
        printer::line("groups".to_owned());
        for group in groups {
            printer::line(format!("{:<width$} {}", group.group, group.title));
        }
        for (tag, tasks) in library.own_tags() {
            printer::line(format!("{tag:<width$} tag: {}", tasks.join(", ")));
        }
        Ok(Exit::Fine)
    }
}

impl Show {
    fn run(self) -> anyhow::Result<Exit> {
        let library = self.library.library()?;
        if let Some(group) = library.group(&self.task) {
            return Ok(self.group(&group));
        }
        let task = library.task(&self.task)?;
        let s = task.summary();
        if self.json {
            printer::json(&s);
            return Ok(Exit::Fine);
        }
        let quoted = |text: &str| format!("{text:?}");
        rows(&[
            ("task", format!("{} (version {})", s.name, s.version)),
            ("what", s.title),
            ("source", s.source),
            ("licence", s.licence),
            ("prompt", quoted(&s.prompt)),
            ("target", quoted(&s.target)),
            ("metrics", s.metrics.join(", ")),
            ("shots", s.shots.to_string()),
            ("data", if task.load(&env::data_root()).is_ok() { "at hand".to_owned() } else { s.how_to_get }),
        ]);
        remarks(&s.published, s.note.as_deref());
        Ok(Exit::Fine)
    }

    fn group(&self, group: &TaskGroup) -> Exit {
        if self.json {
            printer::json(group);
            return Exit::Fine;
        }
        rows(&[
            ("group", group.group.clone()),
            ("what", group.title.clone()),
            ("metric", group.metric.clone()),
            ("weights", if group.weight_by_size { "every question alike" } else { "every member alike" }.to_owned()),
            ("members", group.tasks.join(", ")),
        ]);
        remarks(&group.published, group.note.as_deref());
        Exit::Fine
    }
}

fn rows(rows: &[(&str, String)]) {
    for (name, value) in rows {
        printer::line(format!("{name:<9} {value}"));
    }
}

fn remarks(published: &[Published], note: Option<&str>) {
    for p in published {
        let score = format!("{} {:.1} % {} ({} shots; {})", p.model, 100.0 * p.value, p.metric, p.shots, p.source);
        printer::line(format!("{:<9} {score}", "published"));
    }
    if let Some(note) = note {
        printer::line(format!("{:<9} {}", "note", note.trim()));
    }
}

impl Requests {
    fn run(self) -> anyhow::Result<Exit> {
        let requests =
            load(&self.library.library()?, &self.task, self.data.as_ref())?.requests(self.num_fewshot, self.limit)?;
        if self.digest {
            printer::line(request_digest(&requests));
        } else {
            requests.iter().for_each(|r| printer::line(r.to_json()));
        }
        Ok(Exit::Fine)
    }
}

impl Verify {
    fn run(self) -> anyhow::Result<Exit> {
        let task = match &self.data {
            Some(path) => Task::builtin(&self.task)?.load_file(path)?,
            None => Task::builtin(&self.task)?.load_every_split(&env::data_root_and_hub()?)?,
        };
        let limits = self.limits.over(task.task().limits());
        let jobs = self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
        let pythons = match self.python.as_str() {
            "rustpython" => vec![Python::Rustpython],
            "both" => vec![Python::Cpython, Python::Rustpython],
            _ => vec![Python::Cpython],
        };
        let mut as_expected = true;
        for python in pythons {
            let sandbox = open(python)?;
            let started = Instant::now();
            let limited = LimitedSandbox { sandbox: &sandbox, limits };
            let verification = verify(&task, &limited, jobs, &|_, _| {})?;
            let seconds = started.elapsed().as_secs_f64();
            as_expected &= verification.surprises().next().is_none();
            if self.json {
                printer::json(&verification);
                continue;
            }
            print(&verification, python, seconds);
        }
        Ok(if as_expected { Exit::Fine } else { Exit::No })
    }
}

fn print(verification: &Verification, python: Python, seconds: f64) {
    for row in verification.failures() {
        let why = verification.wrong_references.get(&row.key);
        let why = why.map_or_else(String::new, |why| format!(" (wrong in any Python: {why})"));
        printer::line(format!("{}: {} {}{why}", row.key, row.grade.verdict, row.grade.detail));
    }
    for row in verification.surprises().filter(|row| row.grade.verdict == "passed") {
        printer::line(format!("{}: passed, though it is known to be wrong", row.key));
    }
    if let Some(passed) = verification.base_passed {
        let Verification { task, total, .. } = verification;
        printer::line(format!("{task} (base) with {python}: {passed}/{total} reference solutions pass"));
    }
    printer::line(format!(
        "{} with {python}: {}/{} reference solutions pass ({seconds:.2} s)",
        verification.task, verification.passed, verification.total
    ));
}
