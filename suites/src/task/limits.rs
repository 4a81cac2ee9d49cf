//! What a program may use: a task's own limits, or those of a run.

use phi_sandbox::Limits;
use serde::{Deserialize, Serialize};

/// Limits that differ from the sandbox's own; what isn't given stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Instructions.
    #[serde(default)]
    pub fuel: Option<u64>,
    /// Memory in MiB, interpreter included.
    #[serde(default)]
    pub memory_mb: Option<u64>,
    /// Native stack in MiB.
    #[serde(default)]
    pub stack_mb: Option<u64>,
    /// Standard output and standard error together, in KiB.
    #[serde(default)]
    pub print_kb: Option<u64>,
}

impl LimitsConfig {
    /// `limits`, but for what is given here.
    #[must_use]
    pub fn over(&self, limits: Limits) -> Limits {
        let bytes = |mb: u64| mb.saturating_mul(1 << 20);
        Limits {
            fuel: self.fuel.unwrap_or(limits.fuel),
            memory_bytes: self.memory_mb.map_or(limits.memory_bytes, bytes),
            stack_bytes: self.stack_mb.map_or(limits.stack_bytes, bytes),
            output_bytes: self.print_kb.map_or(limits.output_bytes, |kb| kb.saturating_mul(1 << 10)),
            ..limits
        }
    }
}
