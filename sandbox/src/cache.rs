//! Native code of the interpreters, compiled once a machine.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use crate::Python;
use crate::artefact::{Artefact, hex};

/// Where phi-bench keeps what it can make again: `$PHI_BENCH_HOME`, else `$XDG_CACHE_HOME/phi-bench`, else
/// `~/.cache/phi-bench`, else a folder for temporary files.
pub fn default_cache_dir() -> PathBuf {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("PHI_BENCH_HOME")
        .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("phi-bench")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache").join("phi-bench")))
        .unwrap_or_else(|| env::temp_dir().join("phi-bench"))
}

/// A file of native code, named by all that it depends on: interpreter, Wasmtime, processor, settings.
pub(crate) struct NativeCode {
    path: PathBuf,
}

impl NativeCode {
    pub(crate) fn new(cache_dir: &Path, python: Python, artefact: &Artefact, engine: &Engine) -> NativeCode {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        let key = Sha256::new()
            .chain_update(artefact.sha256.as_bytes())
            .chain_update(env!("CARGO_PKG_VERSION"))
            .chain_update(settings.finish().to_le_bytes())
            .finalize();
        let name = format!("{}-{}.cwasm", python.name(), &hex(&key)[..24]);
        NativeCode { path: cache_dir.join("native").join(name) }
    }

    /// The file, if it is there and holds what was written.
    pub(crate) fn verified(&self) -> Option<&Path> {
        let recorded = fs::read_to_string(self.checksum_path()).ok()?;
        let code = fs::read(&self.path).ok()?;
        (hex(&Sha256::digest(&code)) == recorded.trim()).then_some(&self.path)
    }

    pub(crate) fn exists(&self) -> bool {
        self.path.exists() && self.checksum_path().exists()
    }

    /// Keeps `code` for later. What goes wrong is no one's concern: it is compiled again next time.
    pub(crate) fn keep(&self, code: &[u8]) {
        let kept = self
            .path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| write_whole(&self.path, code))
            .and_then(|()| write_whole(&self.checksum_path(), hex(&Sha256::digest(code)).as_bytes()));
        if kept.is_err() {
            let _ = fs::remove_file(self.checksum_path());
        }
    }

    fn checksum_path(&self) -> PathBuf {
        self.path.with_extension("cwasm.sha256")
    }
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = path.with_extension(format!("{}.half", process::id()));
    fs::write(&half, bytes).and_then(|()| fs::rename(&half, path)).inspect_err(|_| {
        let _ = fs::remove_file(&half);
    })
}
