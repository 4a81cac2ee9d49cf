//! Counts over the results of a file: per task and per verdict, whatever the number of samples.

use super::record::Record;
use super::sample::Questions;
use super::summary::{LeftOutK, SlowTask};
use crate::Score;
use crate::evaluate::score;
use crate::stats::pass_at_k;
use std::collections::BTreeMap;

/// Slowest tasks that are told.
const SLOWEST: usize = 5;

/// Counts over results.
pub(super) struct Tally {
    tasks: Vec<TaskCounts>,
    pub verdicts: BTreeMap<String, usize>,
    /// Samples that weren't judged, since the sandbox failed.
    pub faults: usize,
    /// Samples with a result.
    pub done: usize,
}

#[derive(Clone, Default)]
struct TaskCounts {
    attempted: bool,
    whole: Counts,
    /// By the weaker test, where the task has one.
    base: Counts,
    /// Programs that ran, and the instructions that they took together and at most.
    run: u64,
    fuel: u128,
    most_fuel: u64,
}

/// Samples that were judged by one test, and those that passed it.
#[derive(Clone, Copy, Default)]
struct Counts {
    judged: usize,
    passed: usize,
}

impl Counts {
    fn add(&mut self, passed: bool) {
        self.judged += 1;
        self.passed += usize::from(passed);
    }
}

impl Tally {
    pub fn new(tasks: usize) -> Self {
        Self { tasks: vec![TaskCounts::default(); tasks], verdicts: BTreeMap::new(), faults: 0, done: 0 }
    }

    pub fn add(&mut self, doc_id: usize, record: &Record) {
        self.done += 1;
        *self.verdicts.entry(record.verdict.clone()).or_default() += 1;
        let task = &mut self.tasks[doc_id];
        task.attempted = true;
        task.run += 1;
        task.fuel += u128::from(record.fuel);
        task.most_fuel = task.most_fuel.max(record.fuel);
        if record.verdict == "fault" {
            self.faults += 1;
            return;
        }
        task.whole.add(record.passed);
        if let Some(passed) = record.base_passed {
            task.base.add(passed);
        }
    }

    /// `pass@k` over the tasks that have samples, for each k that all of them have enough judged samples for; the other
    /// k with the task that has fewest. Behind them `pass@k,base` by the weaker tests of a task that has such.
    ///
    /// The value of a task is the unbiased estimate from its samples, and the tasks are the clusters: what chance does
    /// among the samples of a task shows in the spread between the tasks, so that spread alone gives the error of the
    /// mean (the ultimate clusters of survey sampling: Hansen, Hurwitz and Madow, "Sample Survey Methods and Theory",
    /// 1953, vol. I, chapter 6; Miller, arXiv 2411.00640, sections 2.2 and 3.1).
    pub fn scores(&self, questions: &Questions<'_>, ks: &[usize]) -> (Vec<Score>, Vec<LeftOutK>) {
        let attempted: Vec<usize> = (0..self.tasks.len()).filter(|&i| self.tasks[i].attempted).collect();
        let clusters: Vec<&str> = attempted.iter().map(|&i| questions.clusters[i].as_str()).collect();
        let score_of = |metric: String, k: usize, counts: &dyn Fn(&TaskCounts) -> Counts| {
            let value = |&i: &usize| {
                let Counts { judged, passed } = counts(&self.tasks[i]);
                pass_at_k(judged, passed, k)
            };
            let values: Option<Vec<f64>> = attempted.iter().map(value).collect();
            values.map(|values| score(questions.task.task().name(), &metric, &values, &clusters))
        };
        let (mut scores, mut left_out) = (Vec::new(), Vec::new());
        let Some(&fewest) = attempted.iter().min_by_key(|&&i| self.tasks[i].whole.judged) else {
            return (scores, left_out);
        };
        let (task, samples) = (&questions.keys[fewest], self.tasks[fewest].whole.judged);
        for &k in ks {
            match score_of(format!("pass@{k}"), k, &|task| task.whole) {
                Some(score) => scores.push(score),
                None => left_out.push(LeftOutK { k, task: task.clone(), samples }),
            }
        }
        scores.extend(ks.iter().filter_map(|&k| score_of(format!("pass@{k},base"), k, &|task| task.base)));
        (scores, left_out)
    }

    /// The tasks whose programs take most instructions in the mean.
    pub fn slowest(&self, questions: &Questions<'_>) -> Vec<SlowTask> {
        let mut ran: Vec<SlowTask> = self
            .tasks
            .iter()
            .zip(&questions.keys)
            .filter(|(task, _)| task.run > 0)
            .map(|(task, key)| SlowTask {
                task: key.clone(),
                mean_fuel: (task.fuel / u128::from(task.run)) as u64,
                most_fuel: task.most_fuel,
            })
            .collect();
        // The sort is stable: ties stay in the order of the data.
        ran.sort_by_key(|task| std::cmp::Reverse(task.mean_fuel));
        ran.truncate(SLOWEST);
        ran
    }
}
