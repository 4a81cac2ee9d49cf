//! From a recipe to a graph of steps.

use crate::AblationError;
use crate::recipe::{Arm, CorpusRecipe, Optimiser, Recipe, Suite};
use crate::step::{Step, StepSpec, hex, key};
use phi_corpus::{Document, load_corpus};
use phi_growth::{Growth, Method};
use phi_model::PhiConfig;
use phi_reports::LeftOut;
use phi_suites::{DataRoot, LoadedTask, SuiteError, Task};
use phi_train::TrainSpec;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Floating-point operations a second that one core is taken to train with, for forecasts.
const TRAIN_FLOPS_PER_S: f64 = 8e10;

/// The steps of an ablation, inputs before what needs them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Which steps belong to which arm and seed.
    pub cells: Vec<Cell>,
    /// The corpus step.
    pub corpus: usize,
    /// Where the user's code lies, if the corpus is to hold any.
    pub code_path: Option<PathBuf>,
    /// Suites that can't be run here.
    pub left_out: Vec<LeftOut>,
}

/// One arm at one seed.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Position of the arm in the recipe.
    pub arm: usize,
    /// The seed.
    pub seed: u64,
    /// The small model's training, for a grown arm.
    pub small: Option<usize>,
    /// The growth, for a grown arm.
    pub grow: Option<usize>,
    /// The large model's pretraining.
    pub pretrain: usize,
    /// Its alignment, unless the arm goes without.
    pub align: Option<usize>,
    /// One step for each suite that the arm is scored on.
    pub evaluate: Vec<usize>,
}

#[derive(Default)]
struct Builder {
    steps: Vec<Step>,
}

impl Builder {
    /// Adds a step, or finds the one that does the same.
    fn add(&mut self, spec: StepSpec, inputs: Vec<usize>, label: String, cost_s: f64) -> usize {
        let input_keys: Vec<&str> = inputs.iter().map(|&i| self.steps[i].key.as_str()).collect();
        let key = key(&spec, &input_keys);
        if let Some(same) = self.steps.iter().position(|s| s.key == key) {
            return same;
        }
        self.steps.push(Step { key, spec, inputs, label, cost_s });
        self.steps.len() - 1
    }
}

/// A suite whose data are here, with their hash.
struct Available<'r> {
    suite: &'r Suite,
    data_hash: String,
    questions: usize,
}

impl Plan {
    /// The plan of a recipe, with the suites whose data are here.
    ///
    /// # Errors
    /// The user's corpus can't be read, a suite's data are broken, or the growth budget is too small.
    pub fn new(recipe: &Recipe, data: &DataRoot) -> Result<Plan, AblationError> {
        let (suites, left_out) = available(recipe, data)?;
        let mut b = Builder::default();
        let code_hash = match &recipe.corpus.path {
            Some(path) => hash_documents(&load_corpus(path)?.documents),
            None => String::new(),
        };
        // What the code is counts, not where it lies.
        let spec = StepSpec::Corpus { recipe: CorpusRecipe { path: None, ..recipe.corpus.clone() }, code_hash };
        let cost = 5.0 + (recipe.corpus.exercises + recipe.corpus.held_out) as f64 * 0.006;
        let corpus = b.add(spec, vec![], "corpus".into(), cost);
        let mut cells = Vec::new();
        for &seed in &recipe.seeds {
            for (arm_index, arm) in recipe.arms.iter().enumerate() {
                cells.push(cell(&mut b, recipe, &suites, corpus, arm_index, arm, seed)?);
            }
        }
        Ok(Plan { steps: b.steps, cells, corpus, code_path: recipe.corpus.path.clone(), left_out })
    }

    /// Seconds of one core that the whole plan takes, roughly.
    pub fn cost_s(&self) -> f64 {
        self.steps.iter().map(|s| s.cost_s).sum()
    }
}

fn cell(
    b: &mut Builder,
    recipe: &Recipe,
    suites: &[Available<'_>],
    corpus: usize,
    arm_index: usize,
    arm: &Arm,
    seed: u64,
) -> Result<Cell, AblationError> {
    let (small_config, large_config) = (recipe.config(recipe.small), recipe.config(recipe.large));
    let seq_len = recipe.corpus.seq_len;
    let settings = &recipe.pretrain.optimiser;
    let name = &arm.name;

    let (mut small, mut grow) = (None, None);
    let mut tokens = recipe.pretrain.scratch_tokens;
    let mut inputs = vec![corpus];
    if arm.init != Method::Scratch {
        let train = train_spec(settings, recipe.pretrain.small_tokens, seq_len, seed);
        let spent = small_config.train_flops_per_token(seq_len) * trained_tokens(&train, seq_len) as f64;
        let flops = large_config.train_flops_per_token(seq_len) * tokens as f64 - spent;
        if flops <= 0.0 {
            let reason = "pretrain.small_tokens costs more FLOPs than pretrain.scratch_tokens does; \
                          nothing would be left for the grown arms";
            return Err(AblationError::Recipe(reason.into()));
        }
        tokens = (flops / large_config.train_flops_per_token(seq_len)) as u64;
        let cost = training_cost(&small_config, &train, seq_len);
        let spec =
            StepSpec::Pretrain { config: small_config.clone(), train, init_seed: mix(seed, "small"), grown_from: None };
        let trained = b.add(spec, vec![corpus], format!("pretrain small seed {seed}"), cost);
        let growth = Growth { method: arm.init, depth: arm.depth, snr_db: arm.snr_db, seed: mix(seed, "grow") };
        phi_growth::check(&small_config, &large_config, &growth)?;
        let spec = StepSpec::Grow { config: large_config.clone(), growth };
        let grown = b.add(spec, vec![corpus, trained], format!("grow {name} seed {seed}"), 0.5);
        (small, grow) = (Some(trained), Some(grown));
        inputs.push(grown);
    }
    let train = train_spec(settings, tokens, seq_len, seed);
    let cost = training_cost(&large_config, &train, seq_len);
    let spec = StepSpec::Pretrain {
        config: large_config.clone(),
        train,
        init_seed: if grow.is_some() { 0 } else { mix(seed, "large") },
        grown_from: grow.map(|_| small_config.clone()),
    };
    let pretrain = b.add(spec, inputs, format!("pretrain {name} seed {seed}"), cost);

    let align = arm.align.then(|| {
        let train = train_spec(&recipe.align.optimiser, recipe.align.tokens, seq_len, seed);
        let cost = training_cost(&large_config, &train, seq_len);
        b.add(StepSpec::Align { train }, vec![corpus, pretrain], format!("align {name} seed {seed}"), cost)
    });
    let model = align.unwrap_or(pretrain);
    let scored = suites.iter().filter(|s| !arm.control || s.suite.controls);
    let evaluate = scored
        .map(|s| {
            let answers = 1 + s.suite.sampled.as_ref().map_or(0, |x| x.n_samples);
            let cost = 1.0 + (s.questions * answers) as f64 * 0.004;
            let spec = StepSpec::Evaluate {
                suite: s.suite.clone(),
                data_hash: s.data_hash.clone(),
                seed: mix(seed, &s.suite.task),
            };
            b.add(spec, vec![corpus, model], format!("evaluate {name} seed {seed} on {}", s.suite.task), cost)
        })
        .collect();
    Ok(Cell { arm: arm_index, seed, small, grow, pretrain, align, evaluate })
}

/// The suites whose data are here, and those that must be left out.
fn available<'r>(recipe: &'r Recipe, data: &DataRoot) -> Result<(Vec<Available<'r>>, Vec<LeftOut>), AblationError> {
    let (mut here, mut left_out) = (Vec::new(), Vec::new());
    for suite in &recipe.suites {
        let task = Task::builtin(&suite.task)?;
        if suite.task == CODE_EXERCISES {
            here.push(Available { suite, data_hash: String::new(), questions: recipe.corpus.held_out });
            continue;
        }
        match task.load(data) {
            Ok(loaded) => {
                let (data_hash, questions) = digest(&loaded, suite)?;
                here.push(Available { suite, data_hash, questions });
            }
            Err(SuiteError::LeftOut(l)) => left_out.push(LeftOut { task: l.task, why: l.reason, how: l.remedy }),
            Err(e) => return Err(e.into()),
        }
    }
    Ok((here, left_out))
}

/// The task whose questions are the corpus' own held-out exercises.
pub(crate) const CODE_EXERCISES: &str = "code_exercises";

fn digest(task: &LoadedTask, suite: &Suite) -> Result<(String, usize), AblationError> {
    let questions = task.questions(suite.num_fewshot, suite.limit)?;
    // Requests and right answers both: a mended answer changes the score.
    let mut hasher = Sha256::new();
    for question in &questions {
        hasher.update(format!("{question:?}"));
    }
    Ok((hex(&hasher.finalize()), questions.len()))
}

fn train_spec(settings: &Optimiser, tokens: u64, seq_len: usize, seed: u64) -> TrainSpec {
    let steps = tokens.div_ceil((settings.batch_rows * seq_len).max(1) as u64);
    TrainSpec {
        steps,
        batch_rows: settings.batch_rows,
        learning_rate: settings.learning_rate,
        warmup_steps: settings.warmup_steps.min(steps / 2),
        schedule: settings.schedule,
        final_lr_fraction: settings.final_lr_fraction,
        weight_decay: settings.weight_decay,
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-8,
        clip_norm: 1.0,
        seed: mix(seed, "order"),
        eval_every: (steps / settings.curve_points.max(1)).max(1),
        threads: 1,
    }
}

/// Tokens that a run goes through, padding included.
pub(crate) fn trained_tokens(train: &TrainSpec, seq_len: usize) -> u64 {
    train.steps * (train.batch_rows * seq_len) as u64
}

fn training_cost(config: &PhiConfig, train: &TrainSpec, seq_len: usize) -> f64 {
    config.train_flops_per_token(seq_len) * trained_tokens(train, seq_len) as f64 / TRAIN_FLOPS_PER_S
}

/// A seed for one purpose, derived from a run's seed.
fn mix(seed: u64, purpose: &str) -> u64 {
    let hash = Sha256::digest(format!("{seed} {purpose}"));
    // TOML has no unsigned integers, and seeds are shown to people: 32 bits are enough.
    u64::from(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

/// Hash of documents, by name and text.
pub(crate) fn hash_documents(documents: &[Document]) -> String {
    let mut hasher = Sha256::new();
    for document in documents {
        hasher.update((document.id.len() as u64).to_le_bytes());
        hasher.update(&document.id);
        hasher.update((document.text.len() as u64).to_le_bytes());
        hasher.update(&document.text);
    }
    hex(&hasher.finalize())
}
