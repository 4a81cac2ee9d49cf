//! The door between code tasks and what runs their programs.

use phi_sandbox::{Limits, Sandbox};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// A solution and the test that it has to pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Program {
    /// Defines the function.
    pub solution: String,
    /// Runs after it and raises where it is wrong.
    pub test: String,
}

/// What became of one program.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Grade {
    /// Whether it passed, failed, or wasn't judged.
    pub result: GradeResult,
    /// The sandbox's word for it (`passed`, `failed`, `fuel_exhausted` ...).
    pub verdict: String,
    /// The exception or the reason.
    pub detail: String,
    /// Class of the exception that ended it, where one did.
    pub exception: Option<String>,
    /// Instructions that it took.
    pub fuel_used: u64,
    /// The most memory it had, interpreter included, in bytes.
    pub peak_memory_bytes: u64,
    /// How long it took; depends on the machine.
    pub wall_ms: f64,
}

/// Whether a program is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GradeResult {
    /// The test ran to its end.
    Passed,
    /// The program is wrong.
    Failed,
    /// The sandbox failed; the program isn't judged.
    Fault,
}

/// Runs programs. [`Sandbox`] does; tests have their own.
pub trait Grader: Sync {
    /// Runs one program and its test.
    fn grade(&self, program: &Program) -> Grade;
}

impl Grader for Sandbox {
    fn grade(&self, program: &Program) -> Grade {
        Grade::in_sandbox(self, program, &Limits::default())
    }
}

/// A sandbox that runs its programs under other limits than the default ones.
pub struct LimitedSandbox<'a> {
    /// What runs them.
    pub sandbox: &'a Sandbox,
    /// What each may use.
    pub limits: Limits,
}

impl Grader for LimitedSandbox<'_> {
    fn grade(&self, program: &Program) -> Grade {
        Grade::in_sandbox(self.sandbox, program, &self.limits)
    }
}

impl Grade {
    /// What the sandbox says of a program under these limits.
    #[must_use]
    pub fn in_sandbox(sandbox: &Sandbox, program: &Program, limits: &Limits) -> Grade {
        let outcome = sandbox.grade(&program.solution, &program.test, limits);
        let result = match &outcome.verdict {
            phi_sandbox::Verdict::Fault { .. } => GradeResult::Fault,
            verdict if verdict.passed() => GradeResult::Passed,
            _ => GradeResult::Failed,
        };
        Grade {
            result,
            verdict: outcome.verdict.name().to_owned(),
            detail: outcome.verdict.detail(),
            exception: match outcome.verdict {
                phi_sandbox::Verdict::Failed { exception, .. } => Some(exception),
                phi_sandbox::Verdict::SyntaxError { .. } => Some("SyntaxError".to_owned()),
                _ => None,
            },
            fuel_used: outcome.fuel_used,
            peak_memory_bytes: outcome.peak_memory_bytes,
            wall_ms: outcome.wall_ms,
        }
    }
}

/// Grades every program on several threads, equal ones once; grades come in the order of the programs.
///
/// `progress` is called with the number of different programs that are done, and of all different ones.
pub(crate) fn grade_all(
    grader: &dyn Grader,
    programs: &[Program],
    threads: usize,
    progress: &dyn Fn(usize, usize),
) -> Vec<Grade> {
    let mut positions: HashMap<&Program, usize> = HashMap::new();
    let mut different: Vec<&Program> = Vec::new();
    let places: Vec<usize> = programs
        .iter()
        .map(|program| {
            *positions.entry(program).or_insert_with(|| {
                different.push(program);
                different.len() - 1
            })
        })
        .collect();
    let grades = grade_different(grader, &different, threads, progress);
    places.into_iter().map(|place| grades[place].clone()).collect()
}

fn grade_different(
    grader: &dyn Grader,
    programs: &[&Program],
    threads: usize,
    progress: &dyn Fn(usize, usize),
) -> Vec<Grade> {
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    let mut grades: Vec<Option<Grade>> = vec![None; programs.len()];
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, programs.len().max(1)) {
            let (sender, next, stopped) = (sender.clone(), &next, &stopped);
            scope.spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(program) = programs.get(i) else { break };
                    if sender.send((i, grader.grade(program))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Should `progress` panic, the workers end instead of grading on.
        let _stop = StopOnDrop(&stopped);
        for (done, (i, grade)) in receiver.iter().enumerate() {
            grades[i] = Some(grade);
            progress(done + 1, programs.len());
        }
    });
    grades.into_iter().map(|grade| grade.unwrap_or_else(not_graded)).collect()
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn not_graded() -> Grade {
    Grade {
        result: GradeResult::Fault,
        verdict: "fault".to_owned(),
        detail: "the program wasn't run".to_owned(),
        exception: None,
        fuel_used: 0,
        peak_memory_bytes: 0,
        wall_ms: 0.0,
    }
}
