//! From a recipe to a graph of steps.

mod budget;
mod cell;
mod changes;
mod forecast;
mod suites;

pub use changes::Reason;
pub(crate) use suites::is_of_the_corpus;

use crate::AblationError;
use crate::recipe::{ContaminationRecipe, CorpusRecipe, DataRecipe, Recipe};
use crate::step::{Forecast, Step, StepSpec, hex, key};
use cell::CellPlanner;
use phi_corpus::contamination::TAUS;
use phi_corpus::{Document, load_corpus};
use phi_reports::{LeftOut, Phase};
use phi_suites::DataRoot;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// The steps of an ablation, inputs before what needs them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Which steps belong to which arm and seed.
    pub cells: Vec<Cell>,
    /// The corpus step.
    pub corpus: usize,
    /// The comparison of exercises with a task's solutions, where the recipe has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<usize>,
    /// Where the user's own documents lie, by their hash.
    pub sources: BTreeMap<String, PathBuf>,
    /// Suites that can't be run here.
    pub left_out: Vec<LeftOut>,
}

/// One arm at one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Position of the arm in the recipe.
    pub arm: usize,
    /// The seed.
    pub seed: u64,
    /// What the arm is pretrained on, where that isn't the whole corpus.
    pub data: Option<usize>,
    /// The exercises that it is aligned on, where they are pruned.
    #[serde(default)]
    pub prune: Option<usize>,
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
    /// Scores along the way, in the order of training.
    pub in_training: Vec<ScorePoint>,
}

/// A model that is scored in training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScorePoint {
    /// The phase.
    pub phase: Phase,
    /// Optimiser steps of the phase.
    pub after: u64,
    /// Tokens of the phase.
    pub tokens: u64,
    /// The step that scores it.
    pub evaluate: usize,
}

impl Cell {
    /// All steps that the cell needs beside the corpus.
    pub fn steps(&self) -> impl Iterator<Item = usize> + '_ {
        let one = [self.data, self.prune, self.small, self.grow, Some(self.pretrain), self.align];
        one.into_iter()
            .flatten()
            .chain(self.evaluate.iter().copied())
            .chain(self.in_training.iter().map(|p| p.evaluate))
    }
}

/// Steps that are being put together.
#[derive(Default)]
struct Builder {
    steps: Vec<Step>,
    by_key: HashMap<String, usize>,
}

impl Builder {
    /// Adds a step, or finds the one that does the same.
    fn add(&mut self, spec: StepSpec, inputs: Vec<usize>, label: String, forecast: Forecast) -> usize {
        let input_keys: Vec<&str> = inputs.iter().map(|&i| self.steps[i].key.as_str()).collect();
        let key = key(&spec, &input_keys);
        *self.by_key.entry(key.clone()).or_insert_with(|| {
            self.steps.push(Step { key, spec, inputs, label, forecast });
            self.steps.len() - 1
        })
    }
}

impl Plan {
    /// The plan of a recipe, with the suites whose data are here.
    ///
    /// # Errors
    /// The user's documents can't be read, a suite's data are broken, or the growth budget is too small.
    pub fn new(recipe: &Recipe, data: &DataRoot) -> Result<Plan, AblationError> {
        let (suites, left_out) = suites::available(recipe, data)?;
        let mut builder = Builder::default();
        let mut sources = BTreeMap::new();
        let code_hash = source(recipe.corpus.path.as_deref(), &mut sources)?;
        // What the code is counts, not where it lies.
        let spec = StepSpec::Corpus { recipe: CorpusRecipe { path: None, ..recipe.corpus.clone() }, code_hash };
        let corpus = builder.add(spec, vec![], "corpus".into(), forecast::corpus(&recipe.corpus));
        let mut mixes = BTreeMap::new();
        let used = |name: &str| recipe.arms.iter().any(|arm| arm.data.as_deref() == Some(name));
        for (name, data) in recipe.data.iter().filter(|(name, _)| used(name)) {
            let documents_hash = source(data.path.as_deref(), &mut sources)?;
            let spec = StepSpec::Mix {
                data: DataRecipe { path: None, ..data.clone() },
                documents_hash,
                seed: recipe.corpus.seed,
                seq_len: recipe.corpus.seq_len,
            };
            let step = builder.add(spec, vec![corpus], format!("mix {name}"), forecast::mix(&recipe.corpus));
            mixes.insert(name.as_str(), step);
        }
        let compare = compare(recipe, &suites, &left_out, corpus, &mut builder)?;
        let mut planner = CellPlanner { builder, recipe, suites: &suites, corpus, compare, mixes };
        let mut cells = Vec::new();
        for &seed in &recipe.seeds {
            for arm in 0..recipe.arms.len() {
                cells.push(planner.cell(arm, seed)?);
            }
        }
        Ok(Plan { steps: planner.builder.steps, cells, corpus, compare, sources, left_out })
    }

    /// What the whole plan takes, or the part of it that `counts`: seconds, FLOPs and disk added up, memory of the costliest
    /// step.
    pub fn forecast(&self, counts: impl Fn(usize) -> bool) -> Forecast {
        let steps = self.steps.iter().enumerate().filter(|(i, _)| counts(*i));
        steps.fold(Forecast::default(), |sum, (_, step)| Forecast {
            seconds: sum.seconds + step.forecast.seconds,
            flops: sum.flops + step.forecast.flops,
            memory_bytes: sum.memory_bytes.max(step.forecast.memory_bytes),
            disk_bytes: sum.disk_bytes + step.forecast.disk_bytes,
        })
    }

    /// The step of this key, or of a beginning of it that no other step shares.
    pub fn find(&self, key: &str) -> Option<usize> {
        let mut found = self.steps.iter().enumerate().filter(|(_, s)| key.len() >= 4 && s.key.starts_with(key));
        let first = found.next();
        first.filter(|_| found.next().is_none()).map(|(i, _)| i)
    }
}

/// The step that compares the exercises with a task's solutions, where the recipe wants it.
fn compare(
    recipe: &Recipe,
    suites: &[suites::Available<'_>],
    left_out: &[LeftOut],
    corpus: usize,
    builder: &mut Builder,
) -> Result<Option<usize>, AblationError> {
    let Some(ContaminationRecipe { task, min_nodes }) = &recipe.contamination else { return Ok(None) };
    let Some(suite) = suites.iter().find(|it| it.suite.task == *task) else {
        let left_out = left_out.iter().find(|it| it.task == *task);
        let (why, how) = left_out.map_or(("it isn't there", ""), |it| (it.why.as_str(), it.how.as_str()));
        return Err(AblationError::Recipe(format!("contamination.task: {task}: {why}; {how}")));
    };
    let pruned = recipe.arms.iter().filter_map(|arm| arm.prune);
    let spec = StepSpec::Compare {
        task: task.clone(),
        data_hash: suite.data_hash.clone(),
        min_nodes: *min_nodes,
        least_rate: TAUS.into_iter().chain(pruned).fold(1.0, f64::min),
    };
    let forecast = forecast::compare(&recipe.corpus, suite.questions);
    Ok(Some(builder.add(spec, vec![corpus], format!("compare exercises with {task}"), forecast)))
}

/// Hash of the documents at a path, which is noted; empty without one.
fn source(path: Option<&Path>, sources: &mut BTreeMap<String, PathBuf>) -> Result<String, AblationError> {
    let Some(path) = path else { return Ok(String::new()) };
    let hash = hash_documents(&load_corpus(path)?.documents);
    sources.insert(hash.clone(), path.to_owned());
    Ok(hash)
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
