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
//! Its own instance's memory, and the five functions of the host in `guests/cpython/runner.wit`: sleep, exit, say that an answer
//! claims to equal everything, report a failure, write output. No WASI: the guests have no files, network, host clock, host
//! randomness or threads. `os`, `time`, `random` and the like import; clocks and randomness are virtual and seeded, and
//! the rest raises. Sleeping takes no time but costs [fuel](FUEL_PER_SECOND).
//!
//! # How a verdict is reached, and what can't forge it
//!
//! [`Verdict::Passed`] is given for one thing only: the guest's export returned true. In the cpython guest that is a matter of
//! control flow in one function (`guests/cpython/app.py`) all of whose names are constants of its code object, with no globals;
//! the compiled test waits on the evaluation stack while the solution runs. In the rustpython guest it is Rust code.
//! Printing, exiting, raising, reporting to the host, patching builtins or modules, redefining `check`, and writing to the locals
//! of frames below don't reach it; before the test runs, builtins and `sys.modules` are put back. `sys._getframe`, tracing,
//! profiling, monitoring, and `gc.get_objects` and its kin are gone.
//!
//! An answer that claims to equal everything is caught where the test compares it: if the solution's text could make such
//! an object, operands of comparisons and results of calls in the test are probed with values that nothing sensible equals.
//!
//! What is *not* covered, since solution and test share an interpreter: a solution can shadow in its own namespace a
//! builtin that the test calls by name (`abs`, `round`), patch methods of classes written in Python in the standard library,
//! read the test's constants from a traceback's frames, or return an object whose arithmetic or ordering lies
//! (`__sub__`, `__lt__`) rather than its equality. Byte code made by hand (`code.replace`) can corrupt the guest's own memory,
//! never the host's; such a program usually ends as [`Verdict::Fault`].

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
