//! Ctrl-C and SIGTERM: the first asks to stop and save, the second stops at once.

use crate::exit::Exit;
use crate::printer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that the first Ctrl-C sets.
///
/// # Errors
/// The handler can't be set.
pub fn flag() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
        printer::note("stopping: saving what is under way (once more to stop at once)");
    })?;
    Ok(flag)
}
