//! How a training run is told of: a bar on a terminal, a line now and then in a pipe.

use crate::count_bar::CountBar;
use crate::printer;
use phi_train::Metrics;
use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between lines in a pipe; the validation loss is always told.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// The progress of a training run.
pub struct TrainingProgress {
    bar: CountBar,
    in_pipe: bool,
    told: Cell<Instant>,
    last: RefCell<Option<Metrics>>,
}

impl TrainingProgress {
    pub fn new() -> TrainingProgress {
        let in_pipe = !std::io::stderr().is_terminal();
        TrainingProgress { bar: CountBar::new(), in_pipe, told: Cell::new(Instant::now()), last: RefCell::new(None) }
    }

    /// Shows a step, out of so many.
    pub fn show(&self, metrics: &Metrics, steps: u64) {
        self.bar.set(metrics.step as usize, steps as usize);
        self.bar.say(describe(metrics));
        if self.in_pipe && (metrics.val_loss.is_some() || self.told.get().elapsed() >= LINE_EVERY) {
            self.told.set(Instant::now());
            let left = Duration::from_secs_f64(metrics.seconds_left.clamp(0.0, 1e9)).as_secs();
            printer::note(format!("step {} of {steps}: {}, {left} s left", metrics.step, describe(metrics)));
        }
        *self.last.borrow_mut() = Some(metrics.clone());
    }

    /// Takes the bar away; the last step shown.
    pub fn finish(self) -> Option<Metrics> {
        self.bar.finish();
        self.last.into_inner()
    }
}

/// A step in a line.
pub fn describe(metrics: &Metrics) -> String {
    let part = |text: Option<String>| text.map_or(String::new(), |text| format!(", {text}"));
    let validation = part(metrics.val_loss.map(|loss| format!("validation loss {loss:.4}")));
    let mfu = part(metrics.mfu.map(|mfu| format!("{:.0} % of the peak", 100.0 * mfu)));
    let memory = part(metrics.peak_memory_bytes.map(|bytes| format!("{} MiB", bytes >> 20)));
    let skipped = part((metrics.skipped > 0).then(|| format!("{} updates left out", metrics.skipped)));
    let scores: String = metrics.scores.iter().map(|s| format!(", {} {} {:.4}", s.task, s.metric, s.value)).collect();
    format!(
        "loss {:.4}{validation}, gradient norm {:.3}, learning rate {:.2e}, {:.0} tokens/s, {:.1} GFLOP/s{mfu}{memory}\
         {skipped}{scores}",
        metrics.loss, metrics.grad_norm, metrics.learning_rate, metrics.tokens_per_second, metrics.gflops
    )
}
