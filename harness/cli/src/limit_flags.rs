//! The flags that set what a model-written program may use.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_sandbox::Limits;

/// What a program may use, where a run wants something else than the task or the sandbox itself.
#[derive(Debug, Clone, Copy, Args)]
pub struct LimitFlags {
    /// Instructions of a program at most; ten thousand million take about a second [default: the task's, else 20000000000].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    fuel: Option<u64>,
    /// Memory of a program at most, interpreter included, in MiB [default: the task's, else 512].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u64>::new().range(1..=4096))]
    memory_mb: Option<u64>,
    /// Native stack of a program at most, in MiB [default: the task's, else 16].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u64>::new().range(1..=64))]
    stack_mb: Option<u64>,
    /// What a program may print at most, in KiB [default: the task's, else 1024].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u64>::new().range(1..=1 << 20))]
    print_kb: Option<u64>,
}

impl LimitFlags {
    /// `limits`, but for what the flags say.
    pub fn over(self, limits: Limits) -> Limits {
        Limits {
            fuel: self.fuel.unwrap_or(limits.fuel),
            memory_bytes: self.memory_mb.map_or(limits.memory_bytes, |mb| mb << 20),
            stack_bytes: self.stack_mb.map_or(limits.stack_bytes, |mb| mb << 20),
            output_bytes: self.print_kb.map_or(limits.output_bytes, |kb| kb << 10),
            ..limits
        }
    }
}
