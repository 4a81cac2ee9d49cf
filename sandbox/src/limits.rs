//! What one program may use.

use serde::{Deserialize, Serialize};

/// What one program may use before the sandbox ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Instructions, in Wasmtime's fuel: about one a WebAssembly instruction, so that a verdict doesn't depend on how busy
    /// the machine is. Counting costs about 12 % of the run time. Sleeping uses [`FUEL_PER_SECOND`] a second.
    /// Over it: [`FuelExhausted`](crate::Verdict::FuelExhausted). Default: [`Limits::DEFAULT_FUEL`].
    pub fuel: u64,
    /// Linear memory, interpreter included (cpython about 34 MiB, rustpython about 75 MiB). Costs nothing until it is
    /// touched. Over it, Python sees a `MemoryError`; left uncaught: [`OutOfMemory`](crate::Verdict::OutOfMemory).
    /// At most 4 GiB. Default: 512 MiB.
    pub memory_bytes: u64,
    /// Native stack. Python's own recursion limit comes first in ordinary programs (`RecursionError`); this one is for
    /// recursion inside the interpreter. Over it: [`StackOverflow`](crate::Verdict::StackOverflow). Rounded up to a power
    /// of two from 1 to 64 MiB; each size in use costs a loaded copy of the guest. Default: 16 MiB.
    pub stack_bytes: u64,
    /// What may be written to standard output and standard error together.
    /// Over it: [`OutputLimit`](crate::Verdict::OutputLimit). Default: 1 MiB.
    pub output_bytes: u64,
    /// A backstop by the processor time of the worker, for what fuel doesn't see; looked at every few milliseconds, which costs
    /// nothing measurable. A machine that is busy, or sleeps, doesn't bring it nearer, but it isn't reproducible: it should be so
    /// large that fuel always ends a program first.
    /// Over it: [`TimedOut`](crate::Verdict::TimedOut). Default: 120 s.
    pub cpu_ms: u64,
}

/// The fuel that sleeping for a second uses: about what computing for a second uses.
pub const FUEL_PER_SECOND: u64 = 10_000_000_000;

impl Limits {
    /// About two seconds of computing.
    pub const DEFAULT_FUEL: u64 = 2 * FUEL_PER_SECOND;
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            fuel: Self::DEFAULT_FUEL,
            memory_bytes: 512 << 20,
            stack_bytes: 16 << 20,
            output_bytes: 1 << 20,
            cpu_ms: 120_000,
        }
    }
}
