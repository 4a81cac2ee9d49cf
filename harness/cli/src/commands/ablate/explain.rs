//! The plan of an ablation, for people and for machines.

use crate::printer;
use phi_ablation::{Forecast, OutputFolder, Plan, Reason, StepState, Trust};
use phi_train::Precision;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Explained<'p> {
    key: &'p str,
    kind: &'p str,
    label: &'p str,
    inputs: Vec<&'p str>,
    /// The number format in which it computes on a GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu: Option<&'static str>,
    done: bool,
    reason: Option<String>,
    forecast: Forecast,
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a table.
    Table,
    /// As a table in TOML's comments, so that it may follow a recipe.
    Comments,
    /// As JSON.
    Json,
}

/// Prints each step: done or to do, why, and what it takes.
pub fn explain(plan: &Plan, out: &Path, form: Form) {
    let folder = OutputFolder::visit(out).ok();
    let last = folder.as_ref().and_then(OutputFolder::last_plan);
    let steps: Vec<Explained<'_>> =
        (0..plan.steps.len()).map(|i| explained(plan, i, folder.as_ref(), last.as_ref())).collect();
    if form == Form::Json {
        printer::json(&serde_json::json!({
            "steps": steps,
            "to_do": plan.forecast(|i| !steps[i].done),
            "left_out": plan.left_out,
        }));
        return;
    }
    let prefix = if form == Form::Comments { "# " } else { "" };
    let line = |text: String| printer::line(format!("{prefix}{text}"));
    line(format!(
        "{:<6} {:>9} {:>8} {:>9} {:>9}  {:<16}  step (why it is to be done)",
        "", "one core", "FLOPs", "memory", "disk", "key"
    ));
    for step in &steps {
        let why = step.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
        let f = step.forecast;
        line(format!(
            "{:<6} {:>9} {:>8} {:>9} {:>9}  {}  {}{why}",
            if step.done { "done" } else { "to do" },
            step.gpu.map_or_else(|| duration(f.seconds), |format| format!("GPU {format}")),
            flops(f.flops),
            bytes(f.memory_bytes),
            bytes(f.disk_bytes),
            &step.key[..16],
            step.label,
        ));
    }
    let to_do = steps.iter().filter(|s| !s.done).count();
    let on_gpus = steps.iter().filter(|s| !s.done && s.gpu.is_some()).count();
    let all = plan.forecast(|i| !steps[i].done);
    let seconds = plan.forecast(|i| !steps[i].done && steps[i].gpu.is_none()).seconds;
    let also = if on_gpus > 0 { format!(", {on_gpus} steps on GPUs whose time isn't forecast") } else { String::new() };
    line(format!(
        "{to_do} of {} steps to do: about {} of one core{also}, {} FLOPs, {} of disk; the largest step takes {} of memory",
        steps.len(),
        duration(seconds),
        flops(all.flops),
        bytes(all.disk_bytes),
        bytes(all.memory_bytes),
    ));
    for l in &plan.left_out {
        line(format!("left out: {}: {}; {}", l.task, l.why, l.how));
    }
}

fn explained<'p>(plan: &'p Plan, index: usize, folder: Option<&OutputFolder>, last: Option<&Plan>) -> Explained<'p> {
    let step = &plan.steps[index];
    let state = folder.map_or(StepState::ToDo, |folder| folder.state(step, Trust::Stamps));
    let reason = match &state {
        StepState::Done(_) => None,
        StepState::ToDo => Some(Reason::of(plan, index, last).to_string()),
        StepState::Damaged(reason) => Some(format!("damaged: {reason}")),
    };
    Explained {
        key: &step.key,
        kind: step.spec.kind(),
        label: &step.label,
        inputs: step.inputs.iter().map(|&i| plan.steps[i].key.as_str()).collect(),
        gpu: step.spec.gpu().map(Precision::name),
        done: reason.is_none(),
        reason,
        forecast: step.forecast,
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 100.0 => format!("{s:.1} s"),
        s if s < 6000.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

fn flops(flops: f64) -> String {
    if flops == 0.0 { "-".into() } else { format!("{flops:.1e}") }
}

/// Bytes for people.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        b if b < 10 << 20 => format!("{} KiB", b >> 10),
        b if b < 10 << 30 => format!("{} MiB", b >> 20),
        b => format!("{} GiB", b >> 30),
    }
}
