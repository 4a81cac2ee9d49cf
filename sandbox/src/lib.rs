//! Runs untrusted Python in WebAssembly and says how it ended.

mod artefact;
mod cache;
mod component;
mod engine;
mod error;
mod guest;
mod limits;
mod module;
mod outcome;
mod python;
mod sandbox;
mod state;

pub use cache::default_cache_dir;
pub use error::SandboxError;
pub use limits::{FUEL_PER_SECOND, Limits};
pub use outcome::{Outcome, Verdict};
pub use python::{Python, UnknownPython};
pub use sandbox::Sandbox;
