//! Why a step is to be done, compared with the plan that the folder was last worked on with.

use super::Plan;
use crate::step::Step;
use phi_train::setting_differences;
use std::fmt;

/// Differences that are named; more of them are counted.
const SHOWN: usize = 3;

/// Why a step is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The folder's last plan has no such step.
    New,
    /// It was planned like this before and has not ended.
    NotEnded,
    /// Settings of its own have changed: each as `name was X, is Y`.
    Settings(Vec<String>),
    /// A step that it needs has changed: its label.
    Input(String),
    /// An older phi-bench made it otherwise.
    Version,
}

impl Reason {
    /// Why a step of `plan` is to be done; `last` is the plan that the folder was worked on with.
    pub fn of(plan: &Plan, index: usize, last: Option<&Plan>) -> Reason {
        let step = &plan.steps[index];
        let same_label = |s: &&Step| s.label == step.label;
        let Some((last, old)) = last.and_then(|last| Some((last, last.steps.iter().find(same_label)?))) else {
            return Reason::New;
        };
        if old.key == step.key {
            return Reason::NotEnded;
        }
        let json = |step: &Step| serde_json::to_value(&step.spec).expect("a specification is plain JSON");
        let changes = setting_differences(&json(old), &json(step));
        if !changes.is_empty() {
            return Reason::Settings(changes);
        }
        let old_keys: Vec<&str> = old.inputs.iter().map(|&i| last.steps[i].key.as_str()).collect();
        let changed = step.inputs.iter().map(|&i| &plan.steps[i]).find(|input| !old_keys.contains(&input.key.as_str()));
        changed.map_or(Reason::Version, |input| Reason::Input(input.label.clone()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::New => f.write_str("new"),
            Reason::NotEnded => f.write_str("not ended yet"),
            Reason::Settings(changes) => {
                let more = changes.len().saturating_sub(SHOWN);
                let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
                write!(f, "{}{rest}", changes[..changes.len().min(SHOWN)].join("; "))
            }
            Reason::Input(label) => write!(f, "\"{label}\" changes, which it needs"),
            Reason::Version => f.write_str("an older phi-bench made it otherwise"),
        }
    }
}
