//! Which modules Python itself brings.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::sources::stdlib_sources;

/// Modules that are written in C, or that the embedded sources lack.
const COMPILED: &[&str] = &[
    "array",
    "atexit",
    "audioop",
    "binascii",
    "builtins",
    "cmath",
    "curses",
    "errno",
    "faulthandler",
    "fcntl",
    "gc",
    "grp",
    "itertools",
    "marshal",
    "math",
    "mmap",
    "msvcrt",
    "nt",
    "posix",
    "pwd",
    "pyexpat",
    "readline",
    "resource",
    "select",
    "spwd",
    "syslog",
    "sys",
    "termios",
    "time",
    "tkinter",
    "turtle",
    "unicodedata",
    "winreg",
    "winsound",
    "xxlimited",
    "zlib",
    "encodings",
    "test",
    "idlelib",
    "pydoc_data",
    "sqlite3",
    "ctypes",
    "ssl",
    "bz2",
    "lzma",
    "distutils",
    "imp",
    "asyncore",
    "asynchat",
    "smtpd",
    "lib2to3",
    "venv",
    "ensurepip",
    "dbm",
    "wsgiref",
    "crypt",
];

static MODULES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let sources = stdlib_sources().unwrap_or_default();
    let names = sources.iter().filter_map(|document| {
        let path = document.id.strip_prefix("stdlib/")?;
        Some(path.split('/').next()?.trim_end_matches(".py").to_owned())
    });
    names.chain(COMPILED.iter().map(|name| (*name).to_owned())).collect()
});

/// Whether `module`, as written behind `import` or `from`, is part of Python's standard library.
pub(crate) fn is_standard_module(module: &str) -> bool {
    let top = module.split('.').next().unwrap_or_default();
    !top.is_empty() && (MODULES.contains(top) || top.starts_with('_') && top != "__main__")
}
