//! The progress of an ablation: a grid of arms and steps on a terminal, plain lines in a pipe.

mod grid;

use crate::printer;
use grid::{Grid, Mark};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phi_ablation::{AblationError, Observer, Plan, Recipe, Step, StepProgress};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between pictures.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// Draws what an ablation is doing.
pub struct Progress {
    bar: ProgressBar,
    arms: Vec<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    started: Option<Instant>,
    drawn: Option<Instant>,
    /// Cost of the steps that are to be done, and of those of them that are.
    to_do_s: f64,
    done_s: f64,
    steps: usize,
    finished: usize,
    by_key: HashMap<String, usize>,
    grid: Grid,
}

impl State {
    fn reached_s(&self) -> f64 {
        self.done_s + self.grid.running_s()
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

    fn mark(&mut self, step: &Step, mark: Mark) {
        if let Some(&index) = self.by_key.get(&step.key) {
            self.grid.set(index, mark);
        }
    }
}

impl Progress {
    /// A picture on standard error if that is a terminal.
    pub fn new(recipe: &Recipe) -> Progress {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1000), target);
        let style = ProgressStyle::with_template("{bar:30} {prefix}\n{msg}").expect("the template is well formed");
        bar.set_style(style.progress_chars("█▌░"));
        Progress { bar, arms: recipe.arms.iter().map(|arm| arm.name.clone()).collect(), state: Mutex::default() }
    }

    /// Takes the picture away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Changes the state, and draws it if the last picture is old enough, or `now`.
    fn change(&self, now: bool, f: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut state);
        if self.bar.is_hidden() || (!now && state.drawn.is_some_and(|drawn| drawn.elapsed() < DRAW_EVERY)) {
            return;
        }
        state.drawn = Some(Instant::now());
        let share = if state.to_do_s > 0.0 { state.reached_s() / state.to_do_s } else { 1.0 };
        self.bar.set_position((share * 1000.0) as u64);
        let (finished, steps, left) = (state.finished, state.steps, state.left());
        self.bar.set_prefix(format!("{:3.0} %  {finished} of {steps} steps  {left}", share * 100.0));
        let (rows, columns) = console::Term::stderr().size();
        self.bar.set_message(state.grid.draw(usize::from(rows).saturating_sub(3), usize::from(columns)));
    }
}

impl Observer for Progress {
    fn begin(&self, plan: &Plan, done: &[bool]) {
        self.change(true, |state| {
            state.started = Some(Instant::now());
            state.steps = plan.steps.len();
            state.finished = done.iter().filter(|d| **d).count();
            state.to_do_s = plan.forecast(|i| !done[i]).seconds;
            state.by_key = plan.steps.iter().enumerate().map(|(i, step)| (step.key.clone(), i)).collect();
            state.grid = Grid::new(plan, &self.arms, done);
        });
        let to_do = done.iter().filter(|d| !**d).count();
        if to_do > 0 {
            self.notice(&format!("{to_do} of {} steps to do", plan.steps.len()));
        }
    }

    fn started(&self, step: &Step) {
        self.change(true, |state| state.mark(step, Mark::Running { fraction: 0.0, losses: Vec::new() }));
        if self.bar.is_hidden() {
            printer::note(format!("{} begins", step.label));
        }
    }

    fn progressed(&self, step: &Step, progress: &StepProgress) {
        self.change(false, |state| {
            if let Some(&index) = state.by_key.get(&step.key) {
                state.grid.advance(index, progress);
            }
        });
    }

    fn finished(&self, step: &Step) {
        let mut line = String::new();
        self.change(true, |state| {
            state.mark(step, Mark::Done);
            state.done_s += step.forecast.seconds;
            state.finished += 1;
            line = format!("[{}/{}] {} ({})", state.finished, state.steps, step.label, state.left());
        });
        if self.bar.is_hidden() {
            printer::note(line);
        }
    }

    fn failed(&self, step: &Step, error: &AblationError, again: bool) {
        self.change(true, |state| state.mark(step, if again { Mark::Waiting } else { Mark::Failed }));
        let then = if again { "; it is tried again" } else { "; what doesn't need it goes on" };
        self.notice(&format!("{} failed: {error}{then}", step.label));
    }

    fn notice(&self, message: &str) {
        self.bar.suspend(|| printer::note(message));
    }
}
