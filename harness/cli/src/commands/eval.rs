//! `phi-bench eval`.

use super::sandbox::open;
use super::tasks::{load, members};
use crate::exit::{Exit, UsageError};
use crate::limit_flags::LimitFlags;
use crate::model_flags::ModelFlags;
use crate::printer;
use anyhow::Context;
use clap::Args;
use phi_sandbox::{Python, Sandbox};
use phi_suites::{EvalOptions, Evaluation, Grader, LimitedSandbox, Sampled, Score, TaskGroup, evaluate};
use std::path::PathBuf;

/// Scores a model on tasks; every score comes with its uncertainty.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench eval --model phi-bench-out/tiling/steps/align-.../model --tasks humaneval,arc_easy
  phi-bench eval --model pythia-160m/ --tasks arc_easy --batch-size 16
  phi-bench eval --model qwen2.5-0.5b-q4_k_m.gguf --tasks gsm8k --limit 50
  phi-bench eval --model DIR --tasks humaneval --n-samples 20 --temperature 0.2 --log-samples --output-path results/")]
pub struct Eval {
    #[command(flatten)]
    model: ModelFlags,
    /// Names of tasks and groups, separated by commas (`phi-bench tasks list`).
    #[arg(long, value_delimiter = ',', required = true)]
    tasks: Vec<String>,
    /// Read the data of the (one) task from this JSON-lines file instead of PHI_BENCH_DATA.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Examples before each question [default: the task's own number].
    #[arg(long, value_name = "K")]
    num_fewshot: Option<usize>,
    /// Questions at most.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Sampled programs a question, for pass@k of code tasks.
    #[arg(long, value_name = "N")]
    n_samples: Option<usize>,
    /// Temperature of the sampled programs.
    #[arg(long, default_value_t = 0.2, requires = "n_samples")]
    temperature: f64,
    /// Nucleus of the sampled programs.
    #[arg(long, default_value_t = 0.95, requires = "n_samples")]
    top_p: f64,
    /// Which k of pass@k.
    #[arg(long, value_delimiter = ',', default_value = "1,10,100", requires = "n_samples")]
    k: Vec<usize>,
    /// Tokens of an answer at most [default: the task's own number].
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
    /// Seed of the sampled programs.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    limits: LimitFlags,
    /// Write the evaluation of each task to DIR/TASK.json.
    #[arg(long, value_name = "DIR")]
    output_path: Option<PathBuf>,
    /// Keep every question with its answer in the files of --output-path.
    #[arg(long, requires = "output_path")]
    log_samples: bool,
    /// Print the scores as JSON.
    #[arg(long)]
    json: bool,
}

impl Eval {
    pub fn run(self) -> anyhow::Result<Exit> {
        let mut names: Vec<String> = Vec::new();
        for name in self.tasks.iter().flat_map(|name| members(name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if self.data.is_some() && names.len() > 1 {
            return Err(UsageError("--data goes with one task only".into()).into());
        }
        let loaded: anyhow::Result<Vec<_>> = names.iter().map(|t| load(t, self.data.as_ref())).collect();
        let loaded = loaded?;
        let model = self.model.open()?;
        let sandbox: Option<Sandbox> =
            if loaded.iter().any(|t| t.task().is_code()) { Some(open(Python::Cpython)?) } else { None };
        let options = EvalOptions {
            num_fewshot: self.num_fewshot,
            limit: self.limit,
            sampled: self.n_samples.map(|n_samples| Sampled {
                n_samples,
                temperature: self.temperature,
                top_p: self.top_p,
                ks: self.k.iter().copied().filter(|k| *k <= n_samples).collect(),
            }),
            seed: self.seed,
            max_tokens: self.max_tokens,
            threads: self.model.threads(),
            ..EvalOptions::default()
        };
        let mut scores = Vec::new();
        for task in &loaded {
            let limits = self.limits.over(task.task().limits());
            let limited = sandbox.as_ref().map(|sandbox| LimitedSandbox { sandbox, limits });
            let grader = limited.as_ref().map(|limited| limited as &dyn Grader);
            let mut evaluation = evaluate(task, &*model, grader, &options, &|_, _| {})?;
            self.say(&evaluation);
            scores.append(&mut evaluation.scores.clone());
            if let Some(dir) = &self.output_path {
                std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
                if !self.log_samples {
                    evaluation.samples.clear();
                }
                let text = serde_json::to_vec_pretty(&evaluation)?;
                phi_model::write_whole(&dir.join(format!("{}.json", evaluation.task)), &text)?;
            }
        }
        let groups = self.tasks.iter().filter_map(|name| TaskGroup::builtin(name));
        let groups: Vec<Score> = groups.filter_map(|group| group.score(&scores)).collect();
        if self.json {
            scores.extend(groups);
            printer::json(&scores);
        } else {
            groups.iter().for_each(say_score);
        }
        Ok(Exit::Fine)
    }

    fn say(&self, e: &Evaluation) {
        if !self.json {
            e.scores.iter().for_each(say_score);
        }
        if e.truncated_requests > 0 {
            printer::note(format!(
                "{}: {} prompts were cut on the left to fit the context",
                e.task, e.truncated_requests
            ));
        }
        if let Some(most) = e.capped_max_tokens {
            printer::note(format!("{}: answers were capped at {most} tokens, half of the model's context", e.task));
        }
        if !e.faults.is_empty() {
            printer::note(format!(
                "{}: the sandbox failed on {} programs, which are not scored",
                e.task,
                e.faults.len()
            ));
        }
    }
}

/// A share in per cent; a perplexity, where less is better, as it is.
fn say_score(s: &Score) {
    let (scale, unit) = if s.higher_is_better { (100.0, " %") } else { (1.0, "") };
    printer::line(format!(
        "{:<16} {:<28} {:>6.2}{unit}   95 % CI {:.2} to {:.2} ({})   n = {}",
        s.task,
        s.metric,
        scale * s.value,
        scale * s.interval.0,
        scale * s.interval.1,
        s.interval_method,
        s.n
    ));
}
