//! What differs between two runs, in one store or in two: recipe, machine, scores, and the questions behind them.
//!
//! Questions are compared in packed form, so that a million of them take a fraction of a second. What the differences mean
//! statistically is [`crate::check`]'s matter.

use super::packed::{self, Chunk};
use super::{Store, read};
use crate::{ReportError, Result, Run};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunDiff {
    /// Key of the first run.
    pub before: String,
    /// Key of the second run.
    pub after: String,
    /// Facts about machine, program and data that differ: name, before, after (`None` where there is no such fact).
    pub facts: Vec<(String, Option<String>, Option<String>)>,
    /// Lines of the recipe that only the first run has.
    pub recipe_before: Vec<String>,
    /// Lines of the recipe that only the second run has.
    pub recipe_after: Vec<String>,
    /// Every score of either, sorted by arm, task and metric.
    pub scores: Vec<ScoreDiff>,
    /// The first questions whose value changed, as many as were asked for.
    pub changed: Vec<ChangedQuestion>,
}

/// One score in two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreDiff {
    /// Arm.
    pub arm: String,
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Mean over the seeds in the first run.
    pub before: Option<f64>,
    /// Mean over the seeds in the second run.
    pub after: Option<f64>,
    /// Questions, at each seed that both have, that both answered.
    pub n_common: usize,
    /// Those whose value rose.
    pub n_rose: usize,
    /// Those whose value fell.
    pub n_fell: usize,
}

/// A question whose value changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedQuestion {
    /// Arm.
    pub arm: String,
    /// Seed.
    pub seed: u64,
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// The question's key.
    pub key: String,
    /// Value in the first run.
    pub before: f64,
    /// Value in the second run.
    pub after: f64,
}

/// Arm, task, metric.
type Name = (String, String, String);

/// One side of the comparison.
struct Side<'s> {
    store: &'s Store,
    head: Run,
    /// Mean over the seeds, and their number.
    scores: BTreeMap<Name, (f64, f64)>,
    /// The first arm run of each arm and seed.
    arm_ids: BTreeMap<(String, u64), i64>,
}

impl<'s> Side<'s> {
    fn load(store: &'s Store, key: &str) -> Result<Self> {
        store.must_have(key)?;
        store.reading("compare the run", || {
            let (id, head) = read::head(&store.db, key)?;
            let mut side = Self { store, head, scores: BTreeMap::new(), arm_ids: BTreeMap::new() };
            for (arm_id, arm) in read::arms(&store.db, id)? {
                for score in read::scores(&store.db, arm_id)? {
                    let sum = side.scores.entry((arm.arm.clone(), score.task, score.metric)).or_default();
                    *sum = (sum.0 + score.value, sum.1 + 1.0);
                }
                side.arm_ids.entry((arm.arm, arm.seed)).or_insert(arm_id);
            }
            Ok(side)
        })
    }

    fn mean(&self, name: &Name) -> Option<f64> {
        self.scores.get(name).map(|(sum, n)| sum / n)
    }

    fn facts(&self) -> BTreeMap<&str, &str> {
        let facts = self.head.environment.iter().chain(&self.head.corpus);
        facts.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn chunks(&self, arm: &(String, u64)) -> Result<BTreeMap<(String, String), Vec<Chunk>>> {
        match self.arm_ids.get(arm) {
            Some(id) => self.store.reading("compare the samples", || packed::chunks(&self.store.db, *id)),
            None => Ok(BTreeMap::new()),
        }
    }

    fn keys(&self, chunk: &Chunk) -> Result<Vec<String>> {
        self.store.reading("compare the samples", || packed::keys(&self.store.db, chunk.question_set_id))
    }
}

impl Store {
    /// Compares two runs, of this store and of that one; up to `n_changed` of the questions that changed are listed.
    ///
    /// # Errors
    /// As [`Store::load_run`].
    pub fn diff(&self, key: &str, other: &Store, other_key: &str, n_changed: usize) -> Result<RunDiff> {
        let (before, after) = (Side::load(self, key)?, Side::load(other, other_key)?);
        let mut diff = RunDiff {
            before: before.head.key.clone(),
            after: after.head.key.clone(),
            facts: facts(&before, &after),
            recipe_before: only(&before.head.recipe, &after.head.recipe),
            recipe_after: only(&after.head.recipe, &before.head.recipe),
            scores: Vec::new(),
            changed: Vec::new(),
        };
        let mut counts: BTreeMap<Name, (usize, usize, usize)> = BTreeMap::new();
        for arm in before.arm_ids.keys().filter(|arm| after.arm_ids.contains_key(*arm)) {
            let mut theirs = after.chunks(arm)?;
            for ((task, metric), ours) in before.chunks(arm)? {
                let Some(theirs) = theirs.remove(&(task.clone(), metric.clone())) else { continue };
                let count = counts.entry((arm.0.clone(), task.clone(), metric.clone())).or_default();
                let name = (arm, task.as_str(), metric.as_str());
                compare((&before, &ours), (&after, &theirs), name, count, n_changed, &mut diff.changed)?;
            }
        }
        let names: BTreeSet<&Name> = before.scores.keys().chain(after.scores.keys()).collect();
        diff.scores = names
            .into_iter()
            .map(|name| {
                let (n_common, n_rose, n_fell) = counts.get(name).copied().unwrap_or_default();
                let (arm, task, metric) = name.clone();
                ScoreDiff {
                    arm,
                    task,
                    metric,
                    before: before.mean(name),
                    after: after.mean(name),
                    n_common,
                    n_rose,
                    n_fell,
                }
            })
            .collect();
        Ok(diff)
    }

    /// Runs a query, and says of its failure what a user can do.
    pub(super) fn reading<T>(&self, doing: &'static str, query: impl FnOnce() -> rusqlite::Result<T>) -> Result<T> {
        query().map_err(|e| match e {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => ReportError::corrupt(&self.path, e),
            source => ReportError::database(&self.path, doing, source),
        })
    }
}

/// Counts common, risen and fallen values of one arm, task and metric.
fn compare(
    (before, ours): (&Side<'_>, &[Chunk]),
    (after, theirs): (&Side<'_>, &[Chunk]),
    (arm, task, metric): (&(String, u64), &str, &str),
    count: &mut (usize, usize, usize),
    n_changed: usize,
    changed: &mut Vec<ChangedQuestion>,
) -> Result<()> {
    let mut take = |pair: (Option<f64>, Option<f64>), key: &mut dyn FnMut() -> Result<String>| -> Result<()> {
        let (Some(a), Some(b)) = pair else { return Ok(()) };
        count.0 += 1;
        count.1 += usize::from(b > a);
        count.2 += usize::from(b < a);
        if a != b && !(a.is_nan() && b.is_nan()) && changed.len() < n_changed {
            let (arm, seed) = arm.clone();
            let (task, metric) = (task.to_owned(), metric.to_owned());
            changed.push(ChangedQuestion { arm, seed, task, metric, key: key()?, before: a, after: b });
        }
        Ok(())
    };
    let hashes = |chunks: &[Chunk]| chunks.iter().map(|c| c.question_hash.clone()).collect::<Vec<_>>();
    if hashes(ours) == hashes(theirs) {
        for (a, b) in ours.iter().zip(theirs) {
            let mut keys: Option<Vec<String>> = None;
            for (i, pair) in a.values.iter().copied().zip(b.values.iter().copied()).enumerate() {
                let mut key = || match &keys {
                    Some(keys) => Ok(keys[i].clone()),
                    None => {
                        let all = before.keys(a)?;
                        let key = all[i].clone();
                        keys = Some(all);
                        Ok(key)
                    }
                };
                take(pair, &mut key)?;
            }
        }
        return Ok(());
    }
    // Other questions, or in another order: found by their keys.
    let mut values: HashMap<String, Option<f64>> = HashMap::new();
    for chunk in theirs {
        values.extend(after.keys(chunk)?.into_iter().zip(chunk.values.iter().copied()));
    }
    for chunk in ours {
        for (key, value) in before.keys(chunk)?.iter().zip(chunk.values.iter().copied()) {
            take((value, values.get(key).copied().flatten()), &mut || Ok(key.clone()))?;
        }
    }
    Ok(())
}

fn facts(before: &Side<'_>, after: &Side<'_>) -> Vec<(String, Option<String>, Option<String>)> {
    let (a, b) = (before.facts(), after.facts());
    let names: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
    let get = |facts: &BTreeMap<&str, &str>, name: &str| facts.get(name).map(|value| (*value).to_owned());
    names
        .into_iter()
        .filter(|name| a.get(name) != b.get(name))
        .map(|name| (name.to_owned(), get(&a, name), get(&b, name)))
        .collect()
}

/// Lines of the one text that the other hasn't.
fn only(text: &str, other: &str) -> Vec<String> {
    let other: BTreeSet<&str> = other.lines().collect();
    text.lines().filter(|l| !l.trim().is_empty() && !other.contains(l)).map(str::to_owned).collect()
}
