//! Which interpreter runs a program.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An interpreter that the sandbox can run a program with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Python {
    /// CPython 3.13.5, built for WebAssembly. Its verdicts are CPython's, so scores use it.
    Cpython,
    /// RustPython 0.6. An instance costs less; the language and the library differ from CPython's in places.
    Rustpython,
}

impl Python {
    /// Both interpreters.
    pub const ALL: [Python; 2] = [Python::Cpython, Python::Rustpython];

    /// The name that [`FromStr`] reads back.
    pub fn name(self) -> &'static str {
        match self {
            Python::Cpython => "cpython",
            Python::Rustpython => "rustpython",
        }
    }
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no interpreter's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no interpreter is called {0:?}: use cpython or rustpython")]
pub struct UnknownPython(pub String);

impl FromStr for Python {
    type Err = UnknownPython;

    fn from_str(name: &str) -> Result<Self, UnknownPython> {
        Python::ALL.into_iter().find(|python| python.name() == name).ok_or_else(|| UnknownPython(name.to_owned()))
    }
}
