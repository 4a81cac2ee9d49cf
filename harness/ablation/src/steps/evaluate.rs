//! Scoring a model on one suite.

use super::{HELD_OUT, Running};
use crate::AblationError;
use crate::folder::write_json;
use crate::plan::CODE_EXERCISES;
use crate::recipe::Suite;
use phi_model::Engine;
use phi_suites::{EvalOptions, Grader, Task, evaluate};

/// The scores and all samples.
pub(crate) const EVALUATION: &str = "evaluation.json";

pub(super) fn run(r: &Running<'_>, suite: &Suite, seed: u64) -> Result<&'static [&'static str], AblationError> {
    let task = Task::builtin(&suite.task)?;
    let loaded = if suite.task == CODE_EXERCISES {
        task.load_file(&r.input(0).join(HELD_OUT))?
    } else {
        task.load(&r.context.data)?
    };
    let model = Engine::load(&r.input(1).join("model"), 1)?.with_interrupt(r.context.interrupt.clone());
    let judge = if task.is_code() { Some(r.context.judge(task.config().phi_bench.limits)?) } else { None };
    let sandbox = judge.as_ref().map(|j| j as &dyn Grader);
    let options = EvalOptions { threads: 1, ..suite.options(seed) };
    let evaluation = evaluate(&loaded, &model, sandbox, &options, &|done, total| {
        (r.progress)(done as f64 / total.max(1) as f64, &format!("{done} of {total}"));
    })?;
    if r.is_interrupted() {
        return Err(AblationError::Interrupted);
    }
    if let Some(fault) = evaluation.faults.first() {
        let (count, detail) = (evaluation.faults.len(), format!("{}: {}", fault.key, fault.detail));
        return Err(AblationError::SandboxFaults { task: suite.task.clone(), count, detail });
    }
    write_json(&r.dir().join(EVALUATION), &evaluation)?;
    Ok(&[EVALUATION])
}
