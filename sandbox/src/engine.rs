//! Wasmtime's settings for guests.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How many programs run at once. More callers wait.
pub(crate) fn slots() -> u32 {
    thread::available_parallelism().map_or(8, |n| n.get() as u32 * 2).clamp(4, 64)
}

/// An engine for guests with a native stack of `stack_bytes`.
pub(crate) fn engine(stack_bytes: usize) -> wasmtime::Result<Engine> {
    let slots = slots();
    let mut pool = PoolingAllocationConfig::default();
    pool.total_core_instances(slots)
        .total_memories(slots)
        .total_tables(slots)
        .total_stacks(slots)
        .max_core_instance_size(4 << 20)
        .table_elements(100_000)
        .max_memory_size(4 << 30)
        // Between programs, dirty pages are copied back rather than mapped anew: fewer page faults.
        .linear_memory_keep_resident(16 << 20)
        .table_keep_resident(1 << 20)
        .async_stack_keep_resident(1 << 16)
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(slots);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .memory_init_cow(true)
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
