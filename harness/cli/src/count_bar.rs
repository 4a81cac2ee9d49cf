//! The progress of work that comes in pieces of a kind: a bar with the time left on a terminal, nothing in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::io::IsTerminal;

/// Counts pieces of work.
pub struct CountBar {
    bar: ProgressBar,
    begun: Cell<bool>,
}

impl CountBar {
    /// A bar on standard error if that is a terminal.
    pub fn new() -> CountBar {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = "{bar:30} {percent:>3} %  {human_pos} of {human_len}  {per_sec}  {eta} left  {msg}";
        let style = ProgressStyle::with_template(template).expect("the template is well formed");
        bar.set_style(style.progress_chars("█▌░"));
        CountBar { bar, begun: Cell::new(false) }
    }

    /// Shows how much is done. What was done at the first call doesn't count for the speed.
    pub fn set(&self, done: usize, total: usize) {
        if !self.begun.replace(true) {
            self.bar.set_length(total as u64);
            self.bar.set_position(done as u64);
            self.bar.reset_eta();
        }
        self.bar.set_position(done as u64);
    }

    /// Begins to count anew, with what is counted behind the numbers.
    pub fn restart(&self, message: &str) {
        self.begun.set(false);
        self.bar.set_message(message.to_owned());
    }

    /// What stands behind the numbers.
    pub fn say(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
