//! Scoring a model on one suite.

use super::judge::AfterAnswers;
use super::training::kept_model;
use super::{LATENCY, Running, latency, names};
use crate::AblationError;
use crate::folder::write_json;
use crate::recipe::Suite;
use phi_model::{Engine, WeightFiles};
use phi_suites::{EvalOptions, Grader, evaluate};
use phi_train::Precision;

/// The scores and all samples.
pub(crate) const EVALUATION: &str = "evaluation.json";

pub(super) fn run(
    r: &Running<'_>,
    suite: &Suite,
    seed: u64,
    after: Option<u64>,
    gpu: Option<Precision>,
) -> Result<Vec<String>, AblationError> {
    let loaded = r.load_task(&suite.task)?;
    let task = loaded.task();
    let folder = r.input(1).join(after.map_or_else(|| "model".to_owned(), kept_model));
    let gpu = r.gpu(gpu)?;
    let engine = Engine::load(&folder, 1)?.with_interrupt(r.context.interrupt.clone());
    let model = match &gpu {
        Some(gpu) => engine.with_device(gpu.model(&WeightFiles::open(&folder)?)?),
        None => engine,
    };
    // Before the questions: once programs are graded, the GPU is another step's.
    let measured = if after.is_none() { latency::measure(&model) } else { None };
    let judge = if task.is_code() { Some(r.context.judge(task.config().phi_bench.limits)?) } else { None };
    let judge = judge.map(|judge| AfterAnswers::new(judge, r.lease.filter(|_| gpu.is_some())));
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
    if let Some(measured) = measured {
        write_json(&r.dir().join(LATENCY), &measured)?;
    }
    Ok(names(&[EVALUATION]))
}
