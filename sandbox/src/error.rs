//! Why a sandbox couldn't be made.

use crate::Python;

/// Why a sandbox couldn't be made.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The interpreter that this build carries doesn't have the checksum recorded for it.
    #[error("the {python} interpreter in this build is damaged ({what}): build phi-bench again from a clean checkout")]
    Artefact {
        /// Which interpreter.
        python: Python,
        /// What is wrong with it.
        what: String,
    },
    /// Wasmtime doesn't work here.
    #[error("can't set up WebAssembly for the {python} interpreter: {source}")]
    Engine {
        /// Which interpreter.
        python: Python,
        /// What Wasmtime said.
        source: wasmtime::Error,
    },
}
