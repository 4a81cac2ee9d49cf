//! Native code of the interpreters, compiled once a machine.

use std::fs::File;
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

/// A file of native code, named by all that it depends on: interpreter, Wasmtime, processor, settings. Beside it lie the memory
/// that the interpreter starts with, and the checksum of both.
pub(crate) struct NativeCode {
    path: PathBuf,
    /// How the names of this interpreter's files begin.
    prefix: String,
}

/// How the name of a file of native code goes on for the one that holds the checksum.
const CHECKSUM: &str = ".blake3";
/// How it goes on for the one that holds the memory.
const MEMORY: &str = ".memory";

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

    /// Code and memory, if they are there and hold what was written.
    pub(crate) fn verified(&self) -> Option<(&Path, File)> {
        let recorded = fs::read_to_string(self.beside(CHECKSUM)).ok()?;
        let memory = File::open(self.beside(MEMORY)).ok()?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_mmap(&self.path).ok()?.update_mmap(self.beside(MEMORY)).ok()?;
        if hasher.finalize().to_hex().as_str() != recorded.trim() {
            return None;
        }
        // The time tells which files are in use: see `prune`.
        let _ =
            File::options().append(true).open(self.beside(CHECKSUM)).and_then(|it| it.set_modified(SystemTime::now()));
        Some((&self.path, memory))
    }

    pub(crate) fn exists(&self) -> bool {
        self.path.exists() && self.beside(CHECKSUM).exists()
    }

    /// Keeps both for later. What goes wrong is no one's concern: they are made again next time.
    pub(crate) fn keep(&self, code: &[u8], memory: &[u8]) {
        let checksum = blake3::Hasher::new().update(code).update(memory).finalize().to_hex();
        let kept = self
            .path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| write_whole(&self.path, code))
            .and_then(|()| write_whole(&self.beside(MEMORY), memory))
            .and_then(|()| write_whole(&self.beside(CHECKSUM), checksum.as_bytes()));
        match kept {
            Ok(()) => drop(self.prune()),
            Err(_) => drop(fs::remove_file(self.beside(CHECKSUM))),
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
            let code = checksum.with_extension("");
            let _ = fs::remove_file(beside(&code, MEMORY));
            fs::remove_file(code)?;
        }
        Ok(())
    }

    fn beside(&self, ending: &str) -> PathBuf {
        beside(&self.path, ending)
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
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
        code.keep(b"native code", b"memory");
        assert_eq!(code.verified().unwrap().0, code.path);
        for (path, whole) in [(code.path.clone(), "native code"), (code.beside(MEMORY), "memory")] {
            fs::write(&path, whole.replace('o', "0")).unwrap();
            assert!(code.verified().is_none());
            fs::remove_file(&path).unwrap();
            assert!(code.verified().is_none());
            fs::write(&path, whole).unwrap();
            assert!(code.verified().is_some());
        }
    }

    #[test]
    fn files_long_unused_go_when_another_comes() {
        let folder = tempfile::tempdir().unwrap();
        let other = native(folder.path(), "rustpython-1.cwasm");
        other.keep(b"another interpreter's", b"memory");
        for age in 0..KEPT as u64 {
            let code = native(folder.path(), &format!("cpython-{age}.cwasm"));
            code.keep(b"native code", b"memory");
            let then = SystemTime::now() - Duration::from_secs(1000 + age);
            File::options().append(true).open(code.beside(CHECKSUM)).unwrap().set_modified(then).unwrap();
        }
        // The oldest is used again; so the next to go is the one before it.
        assert!(native(folder.path(), &format!("cpython-{}.cwasm", KEPT - 1)).verified().is_some());
        native(folder.path(), "cpython-new.cwasm").keep(b"native code", b"memory");
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
