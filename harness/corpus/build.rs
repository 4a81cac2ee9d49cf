//! Gathers the Python standard library's sources, which the crate rustpython-pylib carries, into one compressed archive
//! that the library embeds: an installed binary has them without the crate's folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Test suites, tables and generated data: code in name only.
const LEFT_OUT: &[&str] = &["test", "tests", "encodings", "pydoc_data", "idlelib", "__pycache__"];
const MAX_BYTES: u64 = 1 << 20;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let root = Path::new(rustpython_pylib::LIB_PATH);
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = vec![];
    gather(root, &mut files)?;
    files.sort();
    let mut raw = vec![];
    for path in files {
        // A file that isn't UTF-8 (a test of codecs, say) is no text to learn from.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        writeln!(raw, "{name}")?;
        writeln!(raw, "{}", text.len())?;
        raw.extend_from_slice(text.as_bytes());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?);
    fs::write(out.join("stdlib.zst"), zstd::encode_all(raw.as_slice(), 9)?)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if path.is_dir() {
            if !LEFT_OUT.contains(&name.as_ref()) {
                gather(&path, files)?;
            }
        } else if name.ends_with(".py") && entry.metadata()?.len() <= MAX_BYTES {
            files.push(path);
        }
    }
    Ok(())
}
