//! Runs untrusted Python in WebAssembly and says how it ended.
//!
//! A [`Sandbox`] holds one interpreter ([`Python`]), compiled to WebAssembly, started, and snapshotted with the standard
//! library imported. Each program gets a fresh instance of it, which costs well under a millisecond, and ends with one of
//! a closed set of [`Verdict`]s.
//!
//! ```
//! use phi_sandbox::{Limits, Python, Sandbox, Verdict, default_cache_dir};
//!
//! let sandbox = Sandbox::new(Python::Cpython, &default_cache_dir())?;
//! let limits = Limits::default();
//!
//! let outcome = sandbox.grade("def add(x, y):\n    return x + y\n", "assert add(2, 3) == 5", &limits);
//! assert_eq!(outcome.verdict, Verdict::Passed);
//!
//! let outcome = sandbox.run("print('hello')\nraise SystemExit(0)", &limits);
//! assert_eq!(outcome.stdout, "hello\n");
//! assert_eq!(outcome.verdict, Verdict::Exited { code: 0 });
//! # Ok::<(), phi_sandbox::SandboxError>(())
//! ```
//!
//! # What a program can touch
//!
//! The memory of its own instance, and five functions of the host: write output, report a failure, say that an answer deceives
//! its test, sleep, exit. No WASI: the guests have no files, network, threads, host clock or host randomness. `os`, `sys`,
//! `time`, `random` import; clocks and randomness are virtual and seeded, and the rest raises. Sleeping takes no time but
//! costs [fuel](FUEL_PER_SECOND).
//!
//! # How a verdict is reached
//!
//! [`Verdict::Passed`] is given for one thing only: the guest's export `run` returned 1. That is the flow of one native
//! function, in C (`guests/cpython/src/guest.c`) or Rust (`guests/rustpython/src/lib.rs`), which executes the solution, then
//! the test. No Python object holds it and no import can say it, so printing, exiting, raising and reporting don't reach it.
//! `docs/src/sandbox.md` says what keeps a solution from changing what its test means, and what is left.

mod artefact;
mod cache;
mod engine;
mod error;
mod guest;
#[cfg(test)]
mod hostile;
mod limits;
mod memory;
mod module;
mod outcome;
mod python;
mod sandbox;
mod snapshot;
mod state;

pub use cache::default_cache_dir;
pub use error::SandboxError;
pub use limits::{FUEL_PER_SECOND, Limits};
pub use outcome::{Outcome, Verdict};
pub use python::{Python, UnknownPython};
pub use sandbox::Sandbox;
