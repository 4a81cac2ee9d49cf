//! Native code of the interpreters, compiled once a machine.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io, process};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use crate::Python;
use crate::artefact::{Artefact, hex};

/// How many files an interpreter may have: native stacks of different sizes have one each, and so have older versions.
const KEPT: usize = 6;

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
    /// How the names of this interpreter's files begin.
    prefix: String,
}

/// How the name of a file of native code goes on for the one that holds its checksum.
const CHECKSUM: &str = ".blake3";

impl NativeCode {
    pub(crate) fn new(cache_dir: &Path, python: Python, artefact: &Artefact, engine: &Engine) -> NativeCode {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        let key = Sha256::new()
            .chain_update(artefact.sha256.as_bytes())
            .chain_update(env!("CARGO_PKG_VERSION"))
            .chain_update(settings.finish().to_le_bytes())
            .finalize();
        let prefix = format!("{}-", python.name());
        let name = format!("{prefix}{}.cwasm", &hex(&key)[..24]);
        NativeCode { path: cache_dir.join("native").join(name), prefix }
    }

    /// The file, if it is there and holds what was written.
    pub(crate) fn verified(&self) -> Option<&Path> {
        let recorded = fs::read_to_string(self.checksum_path()).ok()?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(&self.path).ok()?).ok()?;
        if hasher.finalize().to_hex().as_str() != recorded.trim() {
            return None;
        }
        // The time tells which files are in use: see `prune`.
        let _ = fs::File::options()
            .append(true)
            .open(self.checksum_path())
            .and_then(|it| it.set_modified(SystemTime::now()));
        Some(&self.path)
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
            .and_then(|()| write_whole(&self.checksum_path(), blake3::hash(code).to_hex().as_bytes()));
        match kept {
            Ok(()) => drop(self.prune()),
            Err(_) => drop(fs::remove_file(self.checksum_path())),
        }
    }

    /// Removes this interpreter's files but for the [`KEPT`] that were used last.
    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in self.path.parent().map(fs::read_dir).into_iter().flatten().flatten() {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&self.prefix) && name.ends_with(CHECKSUM) {
                files.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        files.sort();
        for (_, checksum) in files.iter().take(files.len().saturating_sub(KEPT)) {
            fs::remove_file(checksum)?;
            fs::remove_file(checksum.with_extension(""))?;
        }
        Ok(())
    }

    fn checksum_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(CHECKSUM);
        path.into()
    }
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = path.with_extension(format!("{}.half", process::id()));
    fs::write(&half, bytes).and_then(|()| fs::rename(&half, path)).inspect_err(|_| {
        let _ = fs::remove_file(&half);
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use std::time::Duration;

    fn native(folder: &Path, name: &str) -> NativeCode {
        NativeCode { path: folder.join(name), prefix: "cpython-".to_owned() }
    }

    #[test]
    fn code_that_was_damaged_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let code = native(folder.path(), "cpython-1.cwasm");
        assert!(code.verified().is_none());
        code.keep(b"native code");
        assert_eq!(code.verified(), Some(code.path.as_path()));
        fs::write(&code.path, b"native c0de").unwrap();
        assert!(code.verified().is_none());
    }

    #[test]
    fn files_long_unused_go_when_another_comes() {
        let folder = tempfile::tempdir().unwrap();
        let other = native(folder.path(), "rustpython-1.cwasm");
        other.keep(b"another interpreter's");
        for age in 0..KEPT as u64 {
            let code = native(folder.path(), &format!("cpython-{age}.cwasm"));
            code.keep(b"native code");
            let then = SystemTime::now() - Duration::from_secs(1000 + age);
            fs::File::options().append(true).open(code.checksum_path()).unwrap().set_modified(then).unwrap();
        }
        // The oldest is used again; so the next to go is the one before it.
        assert!(native(folder.path(), &format!("cpython-{}.cwasm", KEPT - 1)).verified().is_some());
        native(folder.path(), "cpython-new.cwasm").keep(b"native code");
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        left.retain(|name| name.ends_with(".cwasm"));
        left.sort();
        assert_eq!(
            left,
            [
                "cpython-0.cwasm",
                "cpython-1.cwasm",
                "cpython-2.cwasm",
                "cpython-3.cwasm",
                "cpython-5.cwasm",
                "cpython-new.cwasm",
                "rustpython-1.cwasm"
            ]
        );
    }
}
