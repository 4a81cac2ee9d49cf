//! Ctrl-C and SIGTERM: the first asks to stop and save, the second stops at once.

use crate::exit::Exit;
use crate::printer;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The one flag of the process, once somebody asked for it.
static FLAG: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);

/// A flag that the first Ctrl-C sets; always the same one.
///
/// # Errors
/// The handler can't be set.
pub fn flag() -> anyhow::Result<Arc<AtomicBool>> {
    let mut known = FLAG.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(flag) = &*known {
        return Ok(Arc::clone(flag));
    }
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
        printer::note("stopping: saving what is under way (once more to stop at once)");
    })?;
    *known = Some(Arc::clone(&flag));
    Ok(flag)
}
