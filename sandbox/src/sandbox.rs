//! The door: a sandbox for one interpreter.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::artefact::Artefact;
use crate::cache::NativeCode;
use crate::engine::{self, Places};
use crate::guest::Guest;
use crate::memory::Memories;
use crate::{Limits, Outcome, Python, SandboxError, Verdict};

/// Runs untrusted Python programs with one interpreter, each in an instance of its own.
///
/// Cheap to clone; [`run`](Sandbox::run) and [`grade`](Sandbox::grade) may be called from many threads at once. As many
/// programs run at a time as twice the machine's cores; more callers wait for a place.
#[derive(Clone)]
pub struct Sandbox(Arc<Shared>);

struct Shared {
    python: Python,
    cache_dir: PathBuf,
    places: Places,
    /// Loaded guests by the size of their stack.
    guests: Mutex<HashMap<usize, Arc<Guest>>>,
}

impl Sandbox {
    /// Loads an interpreter. Its native code is kept under `cache_dir` (see [`default_cache_dir`](crate::default_cache_dir)):
    /// compiling it takes seconds, loading it milliseconds. A cache that can't be read, is damaged or can't be written does
    /// no harm: the code is compiled again.
    pub fn new(python: Python, cache_dir: &Path) -> Result<Sandbox, SandboxError> {
        let sandbox = Sandbox(Arc::new(Shared {
            python,
            cache_dir: cache_dir.to_owned(),
            places: Places::new(engine::slots()),
            guests: Mutex::default(),
        }));
        sandbox.guest(&Limits::default())?;
        Ok(sandbox)
    }

    /// Whether native code for `python` lies under `cache_dir`, so that [`Sandbox::new`] will be quick.
    pub fn is_compiled(python: Python, cache_dir: &Path) -> bool {
        let engine = engine::engine(stack_size(&Limits::default()), &Memories::default());
        let artefact = Artefact::of(python);
        engine.is_ok_and(|engine| artefact.is_ok_and(|it| NativeCode::new(cache_dir, python, &it, &engine).exists()))
    }

    /// Which interpreter it runs programs with.
    pub fn python(&self) -> Python {
        self.0.python
    }

    /// What the interpreter's module imports from the host, as `module.name`, sorted.
    pub fn imports(&self) -> Result<Vec<String>, SandboxError> {
        Ok(self.guest(&Limits::default())?.imports())
    }

    /// Runs a whole program. It passes if it runs to its end.
    pub fn run(&self, program: &str, limits: &Limits) -> Outcome {
        self.judge(program, None, limits)
    }

    /// Executes `solution`, then `test` in the same namespace. It passes if the test runs to its end, and no value that the
    /// test compares claims to equal everything.
    pub fn grade(&self, solution: &str, test: &str, limits: &Limits) -> Outcome {
        self.judge(solution, Some(test), limits)
    }

    fn judge(&self, solution: &str, test: Option<&str>, limits: &Limits) -> Outcome {
        match self.guest(limits) {
            Ok(guest) => {
                let _place = self.0.places.take();
                guest.judge(solution, test, limits)
            }
            Err(error) => Outcome {
                verdict: Verdict::Fault { reason: error.to_string() },
                stdout: String::new(),
                stderr: String::new(),
                fuel_used: 0,
                peak_memory_bytes: 0,
                wall_ms: 0.0,
            },
        }
    }

    fn guest(&self, limits: &Limits) -> Result<Arc<Guest>, SandboxError> {
        let stack_bytes = stack_size(limits);
        let mut guests = self.0.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(guest) = guests.get(&stack_bytes) {
            return Ok(guest.clone());
        }
        let guest = Arc::new(Guest::load(self.0.python, stack_bytes, &self.0.cache_dir)?);
        guests.insert(stack_bytes, guest.clone());
        Ok(guest)
    }
}

/// The stack that is reserved for these limits: a power of two, so that few guests are loaded.
fn stack_size(limits: &Limits) -> usize {
    (limits.stack_bytes.clamp(1 << 20, 64 << 20) as usize).next_power_of_two()
}
