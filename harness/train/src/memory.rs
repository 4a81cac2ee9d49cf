//! Memory of this process and of the machine, and what a run will take of it.

use crate::{TrainError, TrainSpec};
use phi_model::{PhiConfig, Workspace};
use serde::Serialize;
use std::fmt;

/// The most memory that this process had so far, in bytes, where the system tells (Linux).
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    kib_of(&status, "VmHWM:")
}

/// A number of KiB in a file of `/proc`, in bytes.
fn kib_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Memory that this process may still take, in bytes, where the system tells (Linux): what is available, or less where a
/// control group sets a limit.
pub fn available_memory_bytes() -> Option<u64> {
    let available = kib_of(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?;
    let number = |path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max");
    let used = number("/sys/fs/cgroup/memory.current").unwrap_or(0);
    Some(limit.map_or(available, |limit| available.min(limit.saturating_sub(used))))
}

/// What a training run will hold in memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryForecast {
    /// Weights.
    pub weights: u64,
    /// Both moments of AdamW.
    pub moments: u64,
    /// Gradients, of each thread.
    pub gradients: u64,
    /// Activations of the rows that are worked on at a time, of each thread.
    pub activations: u64,
}

impl MemoryForecast {
    /// The memory of a run on the processor, over rows of `seq_len` tokens.
    pub fn new(config: &PhiConfig, spec: &TrainSpec, seq_len: usize) -> MemoryForecast {
        let weights = 4 * config.num_params();
        let threads = spec.threads as u64;
        let rows = spec.options.rows_at_a_time(seq_len).min(spec.batch_rows);
        MemoryForecast {
            weights,
            moments: 2 * weights,
            gradients: threads * weights,
            activations: threads * Workspace::forecast_bytes(config, rows * seq_len) as u64,
        }
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.weights + self.moments + self.gradients + self.activations
    }

    /// Refuses a run that doesn't fit the memory that is left.
    ///
    /// # Errors
    /// [`TrainError::Memory`], with what could be changed.
    pub fn check(&self) -> Result<(), TrainError> {
        match available_memory_bytes() {
            Some(available) if available < self.total() => Err(TrainError::Memory { forecast: *self, available }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for MemoryForecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        let MemoryForecast { weights, moments, gradients, activations } = *self;
        write!(
            f,
            "{} MiB (weights {}, moments {}, gradients {}, activations {})",
            mib(self.total()),
            mib(weights),
            mib(moments),
            mib(gradients),
            mib(activations)
        )
    }
}
