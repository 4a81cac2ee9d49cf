//! Two models, or two arms, on the same questions: who is right where, and whether the difference is more than chance.

mod page;
mod side;
mod task;
mod text;

pub use page::render_comparison;
pub use side::Side;
pub use task::{Flip, Outcomes, TaskComparison, Test};
pub use text::{comparison_table, flips_text};

use crate::analysis::{ALPHA, Verdict};
use crate::{ReportError, Result};
use phi_suites::stats::holm;
use serde::Serialize;

/// Version of the JSON form of [`SideBySide`].
pub const COMPARISON_SCHEMA: u32 = 1;

/// Two sides, task by task. Every difference is B minus A.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideBySide {
    /// [`COMPARISON_SCHEMA`].
    pub schema: u32,
    /// What A is called.
    pub a: String,
    /// What B is called.
    pub b: String,
    /// Tasks that both answered questions of, by name.
    pub tasks: Vec<TaskComparison>,
    /// What a reader must know before trusting the numbers, a sentence each.
    pub notes: Vec<String>,
}

impl SideBySide {
    /// Compares two sides by `metric`, or by each task's main one (`pass@1`, `acc`, `exact_match` ...).
    ///
    /// p-values are corrected by Holm's method over the tasks.
    ///
    /// # Errors
    /// [`ReportError::NothingInCommon`] if no task has a question and a metric that both sides have.
    pub fn of(a: &Side, b: &Side, metric: Option<&str>) -> Result<Self> {
        let names = a.tasks();
        let mut tasks: Vec<TaskComparison> =
            names.iter().filter_map(|task| TaskComparison::of(a, b, task, metric)).collect();
        if tasks.is_empty() {
            let (a, b) = (a.summary(), b.summary());
            return Err(ReportError::NothingInCommon { a, b, metric: metric.map(str::to_owned) });
        }
        let raw: Vec<f64> = tasks.iter().map(|t| t.p_value).collect();
        for (task, p) in tasks.iter_mut().zip(holm(&raw)) {
            task.p_corrected = p;
            task.verdict = match p < ALPHA {
                false => Verdict::NotShown,
                true if (task.difference > 0.0) == task.higher_is_better => Verdict::Better,
                true => Verdict::Worse,
            };
        }
        let notes = notes(a, b, &tasks);
        Ok(Self { schema: COMPARISON_SCHEMA, a: a.name.clone(), b: b.name.clone(), tasks, notes })
    }
}

/// What differs between the sides besides their answers.
fn notes(a: &Side, b: &Side, tasks: &[TaskComparison]) -> Vec<String> {
    let mut notes = Vec::new();
    for (own, other, side) in [(a, b, "A"), (b, a, "B")] {
        let alone: Vec<String> = own.tasks().into_iter().filter(|task| !other.tasks().contains(task)).collect();
        if !alone.is_empty() {
            let names: Vec<&str> = alone.iter().map(String::as_str).collect();
            notes.push(format!("Only {side} answered {}: left out.", crate::format::and(&names)));
        }
    }
    for task in tasks {
        if task.only_in_a + task.only_in_b > 0 {
            notes.push(format!(
                "{}: compared on the {} that both answered; {} only A and {} only B answered.",
                task.task,
                crate::format::count(task.n_questions, "question"),
                task.only_in_a,
                task.only_in_b
            ));
        }
        if task.different_prompts > 0 {
            notes.push(format!(
                "{}: {} had another prompt for B than for A (shots or a template?): the difference is also one of prompts.",
                task.task,
                crate::format::count(task.different_prompts, "question")
            ));
        }
    }
    notes
}
