//! Groups of tasks: what they are made of, and their score.

use super::Published;
use crate::Score;
use crate::stats::{mean, pooled_standard_error};
use serde::{Deserialize, Serialize};

const FILE: &str = include_str!("../../tasks/groups.yaml");

/// Half the width of a 95 % interval, in standard errors of a normal distribution.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// A group of tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskGroup {
    /// Name.
    pub group: String,
    /// One line that says what it is.
    pub title: String,
    /// The metric that is put together.
    pub metric: String,
    /// Whether every question weighs alike; otherwise every member does.
    pub weight_by_size: bool,
    /// Its members: tasks and groups.
    pub tasks: Vec<String>,
    /// Scores that the Phi papers give.
    #[serde(default)]
    pub published: Vec<Published>,
    /// What a reader should know.
    #[serde(default)]
    pub note: Option<String>,
    /// Further metrics that are put together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<GroupMetric>,
}

/// A metric that a group puts together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMetric {
    /// As scores bear it.
    pub metric: String,
    /// Whether every question weighs alike; otherwise every task does.
    pub weight_by_size: bool,
}

impl TaskGroup {
    /// A user's group. It has no score of its own where no metrics are given.
    pub(super) fn of_user(group: &str, title: String, mut metrics: Vec<GroupMetric>, tasks: Vec<String>) -> Self {
        let also = if metrics.is_empty() { Vec::new() } else { metrics.split_off(1) };
        let first = metrics.pop().unwrap_or(GroupMetric { metric: String::new(), weight_by_size: true });
        let GroupMetric { metric, weight_by_size } = first;
        Self { group: group.to_owned(), title, metric, weight_by_size, tasks, published: Vec::new(), note: None, also }
    }

    /// The group's scores from those of its tasks, `members` of them: one for each metric that all of them have.
    #[must_use]
    pub fn scores(&self, members: &[String], scores: &[Score]) -> Vec<Score> {
        let others = self.also.iter().map(|it| Self {
            metric: it.metric.clone(),
            weight_by_size: it.weight_by_size,
            also: Vec::new(),
            ..self.clone()
        });
        let all = std::iter::once(self.clone()).chain(others);
        if Self::builtin(&self.group).as_ref() == Some(self) {
            return all.filter_map(|group| group.score(scores)).collect();
        }
        all.filter_map(|group| Self { tasks: members.to_vec(), ..group }.score(scores)).collect()
    }

    /// Every built-in group.
    ///
    /// # Panics
    /// Never: the built-in file is tested.
    #[must_use]
    pub fn all() -> Vec<Self> {
        serde_norway::from_str(FILE).expect("the built-in groups are valid")
    }

    /// The built-in group of this name, if there is one.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|group| group.group == name)
    }

    /// The names of all tasks in it, those of its groups among them.
    #[must_use]
    pub fn task_names(&self) -> Vec<String> {
        let names = |member: &String| Self::builtin(member).map_or_else(|| vec![member.clone()], |it| it.task_names());
        self.tasks.iter().flat_map(names).collect()
    }

    /// The group's score from those of its tasks; none where one is missing.
    ///
    /// The error is lm-evaluation-harness's: that of the pooled questions where they weigh alike, and otherwise that of a mean
    /// of independent members.
    #[must_use]
    pub fn score(&self, scores: &[Score]) -> Option<Score> {
        let of_task =
            |name: &String| scores.iter().find(|score| score.task == *name && score.metric == self.metric).cloned();
        let (value, stderr, parts) = if self.weight_by_size {
            let parts: Vec<Score> = self.task_names().iter().map(of_task).collect::<Option<_>>()?;
            let sizes: Vec<usize> = parts.iter().map(|part| part.n).collect();
            let errors: Vec<f64> = parts.iter().map(|part| part.stderr).collect();
            let right: f64 = parts.iter().map(|part| part.value * part.n as f64).sum();
            (right / sizes.iter().sum::<usize>() as f64, pooled_standard_error(&errors, &sizes), parts)
        } else {
            let of_member =
                |name: &String| Self::builtin(name).map_or_else(|| of_task(name), |group| group.score(scores));
            let parts: Vec<Score> = self.tasks.iter().map(of_member).collect::<Option<_>>()?;
            let values: Vec<f64> = parts.iter().map(|part| part.value).collect();
            let squares: f64 = parts.iter().map(|part| part.stderr.powi(2)).sum();
            (mean(&values), squares.sqrt() / parts.len() as f64, parts)
        };
        let half = NORMAL_95 * stderr;
        Some(Score {
            task: self.group.clone(),
            metric: self.metric.clone(),
            value,
            stderr,
            n: parts.iter().map(|part| part.n).sum(),
            clusters: parts.iter().map(|part| part.clusters).sum(),
            interval: ((value - half).max(0.0), (value + half).min(1.0)),
            interval_method: "normal".to_owned(),
            higher_is_better: true,
        })
    }
}
