//! One side of a comparison.

use crate::{ReportError, Result, Run};
use phi_suites::Sample;
use std::collections::{BTreeMap, BTreeSet};

/// One side of a comparison: a model's answers, one list of samples a seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// Seed to samples.
    pub seeds: BTreeMap<u64, Vec<Sample>>,
    /// Metrics of which less is better, by task and name.
    pub lower_is_better: BTreeSet<(String, String)>,
}

impl Side {
    /// An arm of an ablation at all its seeds, or a model of results in lm-evaluation-harness's layout. Without a name it
    /// is the only arm that there is.
    ///
    /// # Errors
    /// [`ReportError::NoSuchArm`], [`ReportError::WhichArm`], [`ReportError::NoSamples`].
    pub fn of_run(run: Run, arm: Option<&str>) -> Result<Self> {
        let known: BTreeSet<&str> = run.arms.iter().map(|a| a.arm.as_str()).collect();
        let listed = || known.iter().copied().collect::<Vec<_>>().join(", ");
        let name = match arm {
            Some(arm) if known.contains(arm) => arm.to_owned(),
            Some(arm) => {
                return Err(ReportError::NoSuchArm { run: run.name.clone(), arm: arm.to_owned(), known: listed() });
            }
            None if known.len() == 1 => listed(),
            None => return Err(ReportError::WhichArm { run: run.name.clone(), known: listed() }),
        };
        let mut side = Self { name, seeds: BTreeMap::new(), lower_is_better: BTreeSet::new() };
        for arm in run.arms.into_iter().filter(|a| a.arm == side.name) {
            let lower = arm.scores.iter().filter(|s| !s.higher_is_better);
            side.lower_is_better.extend(lower.map(|s| (s.task.clone(), s.metric.clone())));
            side.seeds.insert(arm.seed, arm.samples);
        }
        if side.seeds.values().all(Vec::is_empty) {
            return Err(ReportError::NoSamples { run: run.name, arm: side.name });
        }
        Ok(side)
    }

    /// The same under another name.
    #[must_use]
    pub fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Names of its tasks, sorted.
    pub fn tasks(&self) -> Vec<String> {
        let tasks: BTreeSet<&str> = self.samples().map(|(_, s)| s.task.as_str()).collect();
        tasks.into_iter().map(str::to_owned).collect()
    }

    pub(super) fn samples(&self) -> impl Iterator<Item = (u64, &Sample)> {
        self.seeds.iter().flat_map(|(seed, samples)| samples.iter().map(move |s| (*seed, s)))
    }

    /// Name and tasks, for a message.
    pub(super) fn summary(&self) -> String {
        format!("{} ({})", self.name, self.tasks().join(", "))
    }
}
