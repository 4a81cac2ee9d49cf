//! Scoring a model on one suite.

use super::training::kept_model;
use super::{LATENCY, Running, latency, names};
use crate::AblationError;
use crate::folder::write_json;
use crate::recipe::Suite;
use phi_model::Engine;
use phi_suites::{EvalOptions, Grader, evaluate};

/// The scores and all samples.
pub(crate) const EVALUATION: &str = "evaluation.json";

pub(super) fn run(r: &Running<'_>, suite: &Suite, seed: u64, after: Option<u64>) -> Result<Vec<String>, AblationError> {
    let loaded = r.load_task(&suite.task)?;
    let task = loaded.task();
    let folder = after.map_or_else(|| "model".to_owned(), kept_model);
    let model = Engine::load(&r.input(1).join(folder), 1)?.with_interrupt(r.context.interrupt.clone());
    let judge = if task.is_code() { Some(r.context.judge(task.config().phi_bench.limits)?) } else { None };
    let sandbox = judge.as_ref().map(|j| j as &dyn Grader);
    let options = EvalOptions { threads: 1, ..suite.options(seed) };
    let evaluation = evaluate(&loaded, &model, sandbox, &options, &|done, total| {
        r.report(done as f64 / total.max(1) as f64, &format!("{done} of {total}"));
    })?;
    if r.is_interrupted() {
        return Err(AblationError::Interrupted);
    }
    if let Some(fault) = evaluation.faults.first() {
        let (count, detail) = (evaluation.faults.len(), format!("{}: {}", fault.key, fault.detail));
        return Err(AblationError::SandboxFaults { task: suite.task.clone(), count, detail });
    }
    write_json(&r.dir().join(EVALUATION), &evaluation)?;
    // Not among the outputs that are hashed: it is another one every time, and nothing depends on it.
    if let (None, Some(measured)) = (after, latency::measure(&model)) {
        write_json(&r.dir().join(LATENCY), &measured)?;
    }
    Ok(names(&[EVALUATION]))
}
