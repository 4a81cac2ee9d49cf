//! Running the reference solutions of a code task: a sandbox in which they don't all pass can't score a model.

use crate::grade::{Grade, GradeResult, Grader, Program, grade_all};
use crate::{LoadedTask, SuiteError};
use serde::Serialize;

/// What became of a task's reference solutions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Task name.
    pub task: String,
    /// One for each document, in order.
    pub rows: Vec<VerifiedSolution>,
    /// How many passed.
    pub passed: usize,
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
}

impl Verification {
    /// Whether every one passed.
    #[must_use]
    pub fn all_passed(&self) -> bool {
        self.passed == self.total
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
    let programs: Vec<Program> = questions
        .iter()
        .map(|question| {
            let solution = task.program(question.doc_id, &task.reference(question.doc_id)?)?;
            Ok(Program { solution, test: question.target.clone() })
        })
        .collect::<Result<_, SuiteError>>()?;
    let grades = grade_all(sandbox, &programs, threads, progress);
    let rows: Vec<VerifiedSolution> = questions
        .into_iter()
        .zip(grades)
        .map(|(question, grade)| VerifiedSolution { key: question.key, grade })
        .collect();
    let passed = rows.iter().filter(|row| row.grade.result == GradeResult::Passed).count();
    Ok(Verification { task: task.task().name().to_owned(), passed, total: rows.len(), rows })
}
