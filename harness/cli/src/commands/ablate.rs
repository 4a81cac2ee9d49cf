//! `phi-bench ablate`.

use crate::exit::Exit;
use crate::progress::Progress;
use crate::{env, git, interrupt, printer};
use anyhow::Context as _;
use clap::Args;
use phi_ablation::{Context, OutputFolder, Plan, Recipe, execute, gather};
use phi_reports::{Analysis, Store, render_html, table};
use std::path::PathBuf;

/// Trains and scores every arm of a recipe, and says with statistics what helped.
///
/// Builds a corpus, trains a tokenizer and the models, grows weights, aligns on exercises, scores every arm in the
/// sandbox, stores everything, prints a table, and writes an HTML report whose path it prints last. Interrupted at any
/// moment, the same command goes on where it was.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench ablate --tiling                     scratch, weight reuse and tiling at equal training FLOPs
  phi-bench ablate --preset smoke               the same way in a minute, too small to answer anything
  phi-bench ablate --tiling --corpus ~/src      with your own Python as raw code
  phi-bench ablate my-recipe.toml --seeds 5     your own question (see docs/src/recipe.md)")]
pub struct Ablate {
    /// Recipe file (TOML; docs/src/recipe.md describes every field).
    #[arg(conflicts_with_all = ["tiling", "preset"], required_unless_present_any = ["tiling", "preset"])]
    recipe: Option<PathBuf>,
    /// The weight-growth ablation: short for `--preset tiling`.
    #[arg(long, conflicts_with = "preset")]
    tiling: bool,
    /// A built-in recipe.
    #[arg(long, value_parser = ["tiling", "smoke"])]
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
    /// Steps at once [default: the number of cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print the recipe and its steps with their cost, and do nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Ablate {
    pub fn run(self) -> anyhow::Result<Exit> {
        let recipe = self.recipe()?;
        let data = env::data_root();
        let plan = Plan::new(&recipe, &data)?;
        if self.dry_run {
            explain(&recipe, &plan);
            return Ok(Exit::Fine);
        }
        for l in &plan.left_out {
            printer::note(format!("left out: {}: {}; {}", l.task, l.why, l.how));
        }
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("phi-bench-out").join(&recipe.name));
        let folder = OutputFolder::open(&out, &recipe, self.update)?;
        let context = Context::new(data, phi_sandbox::default_cache_dir(), interrupt::flag()?);
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let progress = Progress::new();
        let result = execute(&plan, &folder, &context, jobs, &progress);
        progress.finish();
        result?;

        let run = gather(&recipe, &plan, &folder, &self.command(), environment(jobs))?;
        let mut store = Store::open(out.join("store.sqlite"))?;
        store.save_run(&run)?;
        let analysis = Analysis::of(&run);
        printer::line(table(&analysis));
        let path = out.join("report.html");
        let html = render_html(&run, &analysis)?;
        phi_model::write_whole(&path, html.as_bytes())?;
        let path = std::path::absolute(&path).context("the report's path can't be made absolute")?;
        printer::line(path.display());
        Ok(Exit::Fine)
    }

    fn recipe(&self) -> anyhow::Result<Recipe> {
        let mut recipe = match (&self.recipe, &self.preset) {
            (Some(path), _) => Recipe::load(path)?,
            (None, Some(name)) => Recipe::preset(name)?,
            (None, None) => Recipe::preset("tiling")?,
        };
        if let Some(n) = self.seeds {
            recipe.seeds = (1..=n).collect();
        }
        if let Some(corpus) = &self.corpus {
            recipe.set_corpus(corpus)?;
        }
        Ok(recipe)
    }

    /// The command that does this again.
    fn command(&self) -> String {
        let mut command = "phi-bench ablate".to_owned();
        match (&self.recipe, &self.preset) {
            (Some(path), _) => command += &format!(" {}", path.display()),
            (None, Some(name)) => command += &format!(" --preset {name}"),
            (None, None) => command += " --tiling",
        }
        if let Some(n) = self.seeds {
            command += &format!(" --seeds {n}");
        }
        if let Some(corpus) = &self.corpus {
            command += &format!(" --corpus {}", corpus.display());
        }
        command
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn explain(recipe: &Recipe, plan: &Plan) {
    printer::line(recipe.to_toml());
    for step in &plan.steps {
        printer::line(format!("{:8.1} s  {}  {}", step.cost_s, &step.key[..16], step.label));
    }
    printer::line(format!("{:8.1} s  on one core, roughly; {} steps", plan.cost_s(), plan.steps.len()));
    for l in &plan.left_out {
        printer::line(format!("left out: {}: {}; {}", l.task, l.why, l.how));
    }
}

/// Facts about the machine and the program.
fn environment(jobs: usize) -> Vec<(String, String)> {
    let mut facts = vec![
        ("phi-bench".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("build".to_owned(), if cfg!(debug_assertions) { "development" } else { "release" }.to_owned()),
        ("system".to_owned(), format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("cores".to_owned(), cores().to_string()),
        ("steps at once".to_owned(), jobs.to_string()),
    ];
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if let Some(model) = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ")) {
        facts.push(("processor".to_owned(), model.1.to_owned()));
    }
    if let Some(commit) = git::head() {
        facts.push(("git commit here".to_owned(), commit.id));
    }
    facts
}
