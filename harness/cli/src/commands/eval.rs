//! `phi-bench eval`.

use super::sandbox::open;
use super::tasks::load;
use crate::count_bar::CountBar;
use crate::eval_output::EvalOutput;
use crate::exit::{Exit, UsageError};
use crate::limit_flags::LimitFlags;
use crate::model_flags::ModelFlags;
use crate::printer;
use crate::score_table::{Row, table};
use crate::task_flags::TaskFlags;
use clap::Args;
use phi_sandbox::{Python, Sandbox, default_cache_dir};
use phi_suites::output::{RunFacts, results_json};
use phi_suites::{
    CacheCounts, CachedModel, EvalOptions, Evaluation, Grader, LanguageModel, LimitedSandbox, LoadedTask, Sampled,
    Score, TaskGroup, TaskLibrary, evaluate_questions, questions,
};
use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Headings of the help.
const QUESTIONS: &str = "Questions";
const ANSWERS: &str = "Prompts and answers";
const OUTPUT: &str = "Output";

/// Scores a model on tasks; every score comes with its uncertainty.
///
/// Every answer is kept as soon as it is given: stopped at any moment, even by kill -9, the same command goes on where it was.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench eval --model phi-bench-out/tiling/steps/align-.../model --tasks humaneval,arc_easy
  phi-bench eval --model pythia-160m/ --tasks arc_easy --batch-size 16
  phi-bench eval --model qwen2.5-0.5b-q4_k_m.gguf --tasks gsm8k --limit 50
  phi-bench eval --model DIR --tasks humaneval --n-samples 20 --temperature 0.2 \\
      --log-samples --output-path results/
  phi-bench eval --model DIR --include-path my-tasks/ --tasks my_task,arc_easy --num-fewshot 5
  phi-bench eval --model DIR --tasks gsm8k --apply-chat-template --num-fewshot 3
  phi-bench eval --model microsoft/phi-1_5 --revision main --tasks piqa
  phi-bench eval --model microsoft/phi-2 --device cuda --tasks arc_easy,humaneval
  phi-bench eval --model openai:http://localhost:8000/v1 --model-name phi-2 \\
      --tokenizer microsoft/phi-2 --tasks arc_easy --num-concurrent 16
  phi-bench eval --model openai-chat:https://api.example.com/v1 --model-name large \\
      --tasks gsm8k --apply-chat-template")]
pub struct Eval {
    #[command(flatten, next_help_heading = "Model")]
    model: ModelFlags,
    /// Names of tasks, groups and tags, separated by commas (`phi-bench tasks list`).
    #[arg(long, value_delimiter = ',', required = true, help_heading = QUESTIONS)]
    tasks: Vec<String>,
    #[command(flatten, next_help_heading = QUESTIONS)]
    library: TaskFlags,
    /// Read the data of the (one) task from this file instead of PHI_BENCH_DATA.
    #[arg(long, value_name = "FILE", help_heading = QUESTIONS)]
    data: Option<PathBuf>,
    /// Examples before each question [default: the task's own number].
    #[arg(long, value_name = "K", help_heading = QUESTIONS)]
    num_fewshot: Option<usize>,
    /// Questions at most.
    #[arg(long, value_name = "N", help_heading = QUESTIONS)]
    limit: Option<usize>,
    /// Sampled programs a question, for pass@k of code tasks.
    #[arg(long, value_name = "N", help_heading = ANSWERS)]
    n_samples: Option<usize>,
    /// Temperature of the sampled programs.
    #[arg(long, default_value_t = 0.2, requires = "n_samples", help_heading = ANSWERS)]
    temperature: f64,
    /// Nucleus of the sampled programs.
    #[arg(long, default_value_t = 0.95, requires = "n_samples", help_heading = ANSWERS)]
    top_p: f64,
    /// Which k of pass@k.
    #[arg(long, value_delimiter = ',', default_value = "1,10,100", requires = "n_samples", help_heading = ANSWERS)]
    k: Vec<usize>,
    /// Tokens of an answer at most [default: the task's own number].
    #[arg(long, value_name = "N", help_heading = ANSWERS)]
    max_tokens: Option<usize>,
    /// Seed of sampled answers.
    #[arg(long, default_value_t = 0, help_heading = ANSWERS)]
    seed: u64,
    /// Make prompts conversations, by the model's own chat template.
    #[arg(long, help_heading = ANSWERS)]
    apply_chat_template: bool,
    /// In a conversation, make each example a turn of its own, as lm-evaluation-harness does; or, with false, put all of them
    /// into the message with the question.
    #[arg(long, requires = "apply_chat_template", value_name = "true|false", num_args = 0..=1, default_missing_value = "true", help_heading = ANSWERS)]
    fewshot_as_multiturn: Option<bool>,
    /// Said before everything else, as the system.
    #[arg(long, value_name = "TEXT", help_heading = ANSWERS)]
    system_instruction: Option<String>,
    /// How the model's answers begin, instead of what the task says.
    #[arg(long, value_name = "TEXT", help_heading = ANSWERS)]
    gen_prefix: Option<String>,
    #[command(flatten, next_help_heading = "Limits of programs")]
    limits: LimitFlags,
    /// Keep answers in this folder [default: answers/ below PHI_BENCH_HOME, for models whose content can be hashed].
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    use_cache: Option<PathBuf>,
    /// Keep no answers, and read none.
    #[arg(long, conflicts_with = "use_cache", help_heading = OUTPUT)]
    no_cache: bool,
    /// Write DIR/MODEL/results_DATE.json, as lm-evaluation-harness does.
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    output_path: Option<PathBuf>,
    /// Write every question with its answer to DIR/MODEL/samples_TASK_DATE.jsonl.
    #[arg(long, requires = "output_path", help_heading = OUTPUT)]
    log_samples: bool,
    /// Print the scores as JSON.
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
}

impl Eval {
    pub fn run(self) -> anyhow::Result<Exit> {
        let library = self.library.library()?;
        let loaded = self.load(&library)?;
        let model = self.model.open()?;
        let cached = self.cache(&*model)?;
        let answering: &dyn LanguageModel = cached.as_ref().map_or(&*model, |cached| cached);
        let sandbox: Option<Sandbox> =
            if loaded.iter().any(|t| t.task().is_code()) { Some(open(Python::Cpython)?) } else { None };
        let options = self.options();
        let (began, started) = (SystemTime::now(), Instant::now());
        let mut output =
            self.output_path.as_ref().map(|path| EvalOutput::new(path, &self.model.given())).transpose()?;
        let mut evaluations = Vec::new();
        let bar = CountBar::new();
        for task in &loaded {
            let limits = self.limits.over(task.task().limits());
            let limited = sandbox.as_ref().map(|sandbox| LimitedSandbox { sandbox, limits });
            let grader = limited.as_ref().map(|limited| limited as &dyn Grader);
            bar.restart(task.task().name());
            let asked = questions(task, answering, &options)?;
            let progress = |done, total| bar.set(done, total);
            let evaluation = evaluate_questions(task, &asked, answering, grader, &options, &progress)?;
            if let Some(output) = output.as_mut().filter(|_| self.log_samples) {
                output.samples(task, &asked, &evaluation)?;
            }
            evaluations.push(evaluation);
        }
        bar.finish();
        evaluations.iter().for_each(remark);
        let groups = self.groups(&library, &evaluations);
        if let Some(output) = &output {
            let facts = RunFacts {
                model: &self.model.given(),
                model_name: model.name(),
                content_hash: model.content_hash(),
                max_length: model.max_length(),
                model_facts: answering.facts(),
                options: &options,
                started: began.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()),
                seconds: started.elapsed().as_secs_f64(),
                cache: cached.as_ref().map(CachedModel::counts),
                version: env!("CARGO_PKG_VERSION"),
            };
            let tasks: Vec<(&LoadedTask, &Evaluation)> = loaded.iter().zip(&evaluations).collect();
            let path = output.results(&results_json(&facts, &tasks, &groups, output.hashes()))?;
            printer::note(format!("results in {}", path.display()));
        }
        if let Some(CacheCounts { read, asked }) = cached.as_ref().map(CachedModel::counts).filter(|it| it.read > 0) {
            printer::note(format!("{read} answers were kept from before, {asked} are new"));
        }
        self.print(&loaded, &evaluations, &groups);
        Ok(Exit::Fine)
    }

    /// The tasks that were asked for, each once, with their data.
    fn load(&self, library: &TaskLibrary) -> anyhow::Result<Vec<LoadedTask>> {
        let mut names: Vec<String> = Vec::new();
        for name in self.tasks.iter().flat_map(|name| library.members(name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if self.data.is_some() && names.len() > 1 {
            return Err(UsageError("--data goes with one task only".into()).into());
        }
        names.iter().map(|name| load(library, name, self.data.as_ref())).collect()
    }

    /// The model with its answers kept, unless that isn't wanted, or nothing tells the model from others and nobody asked.
    fn cache<'a>(&self, model: &'a dyn LanguageModel) -> anyhow::Result<Option<CachedModel<'a>>> {
        let folder = match &self.use_cache {
            Some(folder) => folder.clone(),
            None if self.no_cache || model.content_hash().is_none() => return Ok(None),
            None => default_cache_dir().join("answers"),
        };
        Ok(Some(CachedModel::new(model, &folder)?))
    }

    fn options(&self) -> EvalOptions {
        EvalOptions {
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
            system_instruction: self.system_instruction.clone(),
            gen_prefix: self.gen_prefix.clone(),
            apply_chat_template: self.apply_chat_template,
            fewshot_as_multiturn: self.fewshot_as_multiturn.unwrap_or(self.apply_chat_template),
            ..EvalOptions::default()
        }
    }

    /// The groups that were asked for, with their members and scores.
    fn groups(&self, library: &TaskLibrary, evaluations: &[Evaluation]) -> Vec<(TaskGroup, Vec<String>, Vec<Score>)> {
        let scores: Vec<Score> = evaluations.iter().flat_map(|it| it.scores.clone()).collect();
        let groups = self.tasks.iter().filter_map(|name| library.group(name));
        groups
            .map(|group| {
                let members = library.members(&group.group);
                let own = group.scores(&members, &scores);
                (group, members, own)
            })
            .collect()
    }

    fn print(&self, tasks: &[LoadedTask], evaluations: &[Evaluation], groups: &[(TaskGroup, Vec<String>, Vec<Score>)]) {
        let of_groups = groups.iter().flat_map(|(_, _, scores)| scores);
        if self.json {
            let scores: Vec<&Score> = evaluations.iter().flat_map(|it| &it.scores).chain(of_groups).collect();
            printer::json(&scores);
            return;
        }
        let of_tasks = tasks.iter().zip(evaluations).flat_map(|(task, evaluation)| {
            evaluation.scores.iter().map(|score| Row {
                name: task.task().name(),
                version: task.task().version().to_string(),
                num_fewshot: Some(evaluation.num_fewshot),
                score,
            })
        });
        let of_groups =
            of_groups.map(|score| Row { name: &score.task, version: String::new(), num_fewshot: None, score });
        printer::line(table(&of_tasks.chain(of_groups).collect::<Vec<_>>()));
    }
}

/// What a reader should know besides the scores.
fn remark(e: &Evaluation) {
    if e.truncated_requests > 0 {
        printer::note(format!("{}: {} prompts were cut on the left to fit the context", e.task, e.truncated_requests));
    }
    if let Some(most) = e.capped_max_tokens {
        printer::note(format!("{}: answers were capped at {most} tokens, half of the model's context", e.task));
    }
    if !e.faults.is_empty() {
        printer::note(format!("{}: the sandbox failed on {} programs, which are not scored", e.task, e.faults.len()));
    }
}
