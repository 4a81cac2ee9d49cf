//! The sandbox as the steps use it: once the work is to stop, it says "fault" without running anything, so that a step
//! with thousands of programs ahead ends at once. The step then looks at the flag and throws its results away.

use crate::gpus::Lease;
use phi_corpus::{Judge, Judgement};
use phi_sandbox::{Limits, Sandbox};
use phi_suites::{Grade, GradeResult, Grader, Program};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) struct StoppableSandbox<'a> {
    pub sandbox: &'a Sandbox,
    pub interrupt: &'a AtomicBool,
    pub limits: Limits,
}

/// Instructions of a model's program. HumanEval's costliest reference solution needs 3.8 thousand million with cpython; a
/// weak model writes many endless loops, each of which costs all of it.
pub(super) const FUEL: u64 = 5_000_000_000;

const STOPPED: &str = "the work was to stop";

impl StoppableSandbox<'_> {
    fn is_stopped(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }
}

impl Judge for StoppableSandbox<'_> {
    fn judge(&self, solution: &str, test: &str) -> Judgement {
        if self.is_stopped() { Judgement::Fault(STOPPED.into()) } else { self.sandbox.judge(solution, test) }
    }
}

impl Grader for StoppableSandbox<'_> {
    fn grade(&self, program: &Program) -> Grade {
        if !self.is_stopped() {
            return Grade::in_sandbox(self.sandbox, program, &self.limits);
        }
        let (verdict, detail) = ("fault".into(), STOPPED.into());
        Grade {
            result: GradeResult::Fault,
            verdict,
            detail,
            exception: None,
            fuel_used: 0,
            peak_memory_bytes: 0,
            wall_ms: 0.0,
        }
    }
}

/// The sandbox of an evaluation. All programs are written before the first is graded, so with that one the model's GPU is
/// given back, and another step computes there while the processor grades.
pub(super) struct AfterAnswers<'a> {
    sandbox: StoppableSandbox<'a>,
    lease: Option<Lease<'a>>,
    given_back: Once,
}

impl<'a> AfterAnswers<'a> {
    /// A sandbox that gives back the GPU that wrote the programs, where one did.
    pub fn new(sandbox: StoppableSandbox<'a>, lease: Option<Lease<'a>>) -> AfterAnswers<'a> {
        AfterAnswers { sandbox, lease, given_back: Once::new() }
    }
}

impl Grader for AfterAnswers<'_> {
    fn grade(&self, program: &Program) -> Grade {
        if let Some(lease) = self.lease {
            self.given_back.call_once(|| (lease.give_back)());
        }
        self.sandbox.grade(program)
    }
}
