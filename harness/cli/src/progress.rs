//! The progress of an ablation: a bar that knows what is left on a terminal, plain lines in a pipe.

use crate::printer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phi_ablation::{Observer, Plan, Step};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Draws what an ablation is doing.
pub struct Progress {
    bar: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    started: Option<Instant>,
    /// Cost of the steps that are to be done, and of those of them that are.
    to_do_s: f64,
    done_s: f64,
    steps: usize,
    finished: usize,
    running: BTreeMap<String, (f64, f64, String)>,
}

impl State {
    fn reached_s(&self) -> f64 {
        self.done_s + self.running.values().map(|(cost, fraction, _)| cost * fraction).sum::<f64>()
    }

    /// How long the rest takes at the speed so far.
    fn left(&self) -> String {
        let elapsed = self.started.map_or(0.0, |s| s.elapsed().as_secs_f64());
        let reached = self.reached_s();
        if elapsed < 5.0 || reached <= 0.0 {
            return "estimating".into();
        }
        let seconds = (elapsed * (self.to_do_s - reached).max(0.0) / reached) as u64;
        format!("{}:{:02} left", seconds / 60, seconds % 60)
    }
}

impl Progress {
    /// A bar on standard error if that is a terminal.
    pub fn new() -> Progress {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1000), target);
        let style = ProgressStyle::with_template("{bar:30} {prefix}\n{wide_msg}").expect("the template is well formed");
        bar.set_style(style.progress_chars("█▌░"));
        Progress { bar, state: Mutex::default() }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn change(&self, f: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut state);
        let share = if state.to_do_s > 0.0 { state.reached_s() / state.to_do_s } else { 1.0 };
        self.bar.set_position((share * 1000.0) as u64);
        self.bar.set_prefix(format!(
            "{:3.0} %  {} of {} steps  {}",
            share * 100.0,
            state.finished,
            state.steps,
            state.left()
        ));
        let running: Vec<String> =
            state.running.iter().map(|(label, (_, _, note))| format!("{label} ({note})")).collect();
        self.bar.set_message(running.join("   "));
    }
}

impl Observer for Progress {
    fn begin(&self, plan: &Plan, done: &[bool]) {
        self.change(|state| {
            state.started = Some(Instant::now());
            state.steps = plan.steps.len();
            state.finished = done.iter().filter(|d| **d).count();
            state.to_do_s = plan.steps.iter().zip(done).filter(|(_, d)| !**d).map(|(s, _)| s.cost_s).sum();
        });
        let to_do = done.iter().filter(|d| !**d).count();
        if to_do > 0 {
            self.notice(&format!("{to_do} of {} steps to do", plan.steps.len()));
        }
    }

    fn started(&self, step: &Step) {
        self.change(|state| {
            state.running.insert(step.label.clone(), (step.cost_s, 0.0, "starting".into()));
        });
    }

    fn progressed(&self, step: &Step, fraction: f64, note: &str) {
        self.change(|state| {
            state.running.insert(step.label.clone(), (step.cost_s, fraction.clamp(0.0, 1.0), note.to_owned()));
        });
    }

    fn finished(&self, step: &Step) {
        let mut line = String::new();
        self.change(|state| {
            state.running.remove(&step.label);
            state.done_s += step.cost_s;
            state.finished += 1;
            line = format!("[{}/{}] {} ({})", state.finished, state.steps, step.label, state.left());
        });
        if self.bar.is_hidden() {
            printer::note(line);
        }
    }

    fn notice(&self, message: &str) {
        self.bar.suspend(|| printer::note(message));
    }
}
