//! Wasmtime's settings for guests.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use wasmtime::{Config, Engine};

use crate::memory::{Memories, Stacks};

/// How many programs run at once. More callers wait.
pub(crate) fn slots() -> u32 {
    thread::available_parallelism().map_or(8, |n| n.get() as u32 * 2).clamp(4, 64)
}

/// An engine for guests with a native stack of `stack_bytes`, whose memories are those of `memories`.
pub(crate) fn engine(stack_bytes: usize, memories: &Memories) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .with_host_memory(Arc::new(memories.clone()))
        .with_host_stack(Arc::new(Stacks::default()))
        // Memories aren't Wasmtime's own, which alone can begin with a module's data copy-on-write.
        .memory_init_cow(false)
        .consume_fuel(true)
        .max_wasm_stack(stack_bytes)
        // Host functions run on the same stack, above what the guest may use.
        .async_stack_size(stack_bytes + (1 << 20));
    Engine::new(&config)
}

/// Lets as many callers in as the pool has places.
pub(crate) struct Places {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A place in the pool; given back when dropped.
pub(crate) struct Place<'a>(&'a Places);

impl Places {
    pub(crate) fn new(count: u32) -> Places {
        Places { free: Mutex::new(count), freed: Condvar::new() }
    }

    pub(crate) fn take(&self) -> Place<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Place(self)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
