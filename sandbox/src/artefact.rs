//! The interpreters that this build carries: WebAssembly, compressed, checksummed.

use sha2::{Digest, Sha256};

use crate::{Python, SandboxError};

/// `guests/artefacts.json`, which records the checksums.
const RECORD: &str = include_str!("../guests/artefacts.json");

/// A compressed interpreter and its recorded checksum.
pub(crate) struct Artefact {
    python: Python,
    compressed: &'static [u8],
    /// SHA-256 of the uncompressed WebAssembly, in hex.
    pub(crate) sha256: String,
}

impl Artefact {
    pub(crate) fn of(python: Python) -> Result<Artefact, SandboxError> {
        let compressed: &[u8] = match python {
            Python::Cpython => include_bytes!("../guests/cpython.wasm.zst"),
            Python::Rustpython => include_bytes!("../guests/rustpython.wasm.zst"),
        };
        let record: serde_json::Value = serde_json::from_str(RECORD).map_err(|error| damaged(python, error))?;
        let sha256 = record[python.name()]["wasm_sha256"].as_str().ok_or_else(|| damaged(python, "no checksum"))?;
        Ok(Artefact { python, compressed, sha256: sha256.to_owned() })
    }

    /// The WebAssembly, after its checksum was found right.
    pub(crate) fn wasm(&self) -> Result<Vec<u8>, SandboxError> {
        let wasm = zstd::decode_all(self.compressed).map_err(|error| damaged(self.python, error))?;
        if hex(&Sha256::digest(&wasm)) != self.sha256 {
            return Err(damaged(self.python, "wrong checksum"));
        }
        Ok(wasm)
    }
}

fn damaged(python: Python, what: impl ToString) -> SandboxError {
    SandboxError::Artefact { python, what: what.to_string() }
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
