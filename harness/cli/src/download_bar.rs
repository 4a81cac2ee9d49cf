//! The progress of downloads: a bar for each file on a terminal, nothing in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phi_hub::Progress;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

/// A function that shows how far a file is.
pub fn show() -> impl Fn(&Progress<'_>) + Send + Sync {
    let is_terminal = std::io::stderr().is_terminal();
    let current: Mutex<Option<(String, ProgressBar)>> = Mutex::new(None);
    move |progress| {
        if !is_terminal {
            return;
        }
        let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_none_or(|(file, _)| file != progress.file) {
            *current = Some((progress.file.to_owned(), bar(progress)));
        }
        let is_done = progress.total == Some(progress.bytes);
        if let Some((_, bar)) = &*current {
            bar.set_position(progress.bytes);
            if is_done {
                bar.finish_and_clear();
            }
        }
    }
}

fn bar(progress: &Progress<'_>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(progress.total, ProgressDrawTarget::stderr());
    let template = "{msg}  {bar:30} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    bar.set_style(style.progress_chars("█▌░"));
    bar.set_message(progress.file.to_owned());
    bar.set_position(progress.bytes);
    bar.reset_eta();
    bar
}
