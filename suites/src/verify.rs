//! Running the reference solutions of a code task: a sandbox in which they don't all pass can't score a model.

use crate::grade::{Grade, GradeResult, Grader, Program, grade_all};
use crate::{LoadedTask, SuiteError};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a task's reference solutions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Task name.
    pub task: String,
    /// One for each document, in order.
    pub rows: Vec<VerifiedSolution>,
    /// How many passed.
    pub passed: usize,
    /// How many passed the weaker test, where the task has one.
    pub base_passed: Option<usize>,
    /// Keys of solutions that fail in any Python, and why.
    pub wrong_references: BTreeMap<String, String>,
    /// How many there are.
    pub total: usize,
}

/// What became of one reference solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifiedSolution {
    /// The question's own id.
    pub key: String,
    /// What the sandbox said.
    #[serde(flatten)]
    pub grade: Grade,
    /// What it said of the weaker test, where the task has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Grade>,
}

impl Verification {
    /// Whether every one passed.
    #[must_use]
    pub fn all_passed(&self) -> bool {
        self.passed == self.total
    }

    /// Those that failed though they are right, or passed though they are known to be wrong.
    pub fn surprises(&self) -> impl Iterator<Item = &VerifiedSolution> {
        self.rows.iter().filter(|row| {
            let wrong = self.wrong_references.contains_key(&row.key);
            wrong == (row.grade.result == GradeResult::Passed)
        })
    }

    /// Those that didn't pass.
    pub fn failures(&self) -> impl Iterator<Item = &VerifiedSolution> {
        self.rows.iter().filter(|row| row.grade.result != GradeResult::Passed)
    }
}

/// Runs every reference solution of a code task on `threads` threads.
///
/// # Errors
/// [`SuiteError::NotCode`] for other tasks; [`SuiteError::Template`] where a template fails.
pub fn verify(
    task: &LoadedTask,
    sandbox: &dyn Grader,
    threads: usize,
    progress: &dyn Fn(usize, usize),
) -> Result<Verification, SuiteError> {
    let questions = task.questions(Some(0), None)?;
    let mut programs = Vec::new();
    for question in &questions {
        let solution = task.program(question.doc_id, &task.reference(question.doc_id)?)?;
        for test in question.base_test.iter().chain([&question.target]) {
            programs.push(Program { solution: solution.clone(), test: test.clone() });
        }
    }
    let mut grades = grade_all(sandbox, &programs, threads, progress).into_iter();
    let mut rows = Vec::new();
    for question in questions {
        let base = question.base_test.and_then(|_| grades.next());
        rows.extend(grades.next().map(|grade| VerifiedSolution { key: question.key, grade, base }));
    }
    let count = |passes: &dyn Fn(&VerifiedSolution) -> bool| rows.iter().filter(|row| passes(row)).count();
    let passes = |grade: &Grade| grade.result == GradeResult::Passed;
    let has_base = rows.iter().any(|row| row.base.is_some());
    Ok(Verification {
        task: task.task().name().to_owned(),
        passed: count(&|row| passes(&row.grade)),
        base_passed: has_base.then(|| count(&|row| row.base.as_ref().is_some_and(passes))),
        wrong_references: task.task().config().phi_bench.wrong_references.clone(),
        total: rows.len(),
        rows,
    })
}
