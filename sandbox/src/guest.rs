//! A loaded interpreter: makes an instance, runs one program in it, and reads the verdict off how that ended.

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{Engine, Module, Store, Trap};

use crate::artefact::Artefact;
use crate::cache::NativeCode;
use crate::memory::Memories;
use crate::module::ModuleGuest;
use crate::snapshot::{Image, Snapshot};
use crate::state::{State, Stop};
use crate::{Limits, Outcome, Python, SandboxError, Verdict, engine};

/// How much fuel is used between two looks at the clock: about five milliseconds' worth.
const FUEL_BETWEEN_LOOKS: u64 = 50_000_000;

/// An interpreter ready to make instances.
pub(crate) struct Guest {
    engine: Engine,
    module: ModuleGuest,
}

impl Guest {
    pub(crate) fn load(python: Python, stack_bytes: usize, cache_dir: &Path) -> Result<Guest, SandboxError> {
        let broken = |source| SandboxError::Engine { python, source };
        let memories = Memories::default();
        let engine = engine::engine(stack_bytes, &memories).map_err(broken)?;
        let artefact = Artefact::of(python)?;
        let native = NativeCode::new(cache_dir, python, &artefact, &engine);
        let cached = native.verified().and_then(|(code, memory)| {
            // SAFETY: the file holds what `precompile_module` gave for this engine's settings: its name says so, and its
            // checksum, written after it, was found right. Who can write to the cache can also replace this program.
            let module = unsafe { Module::deserialize_file(&engine, code) }.ok()?;
            Some((module, Image::of_file(memory).ok()?))
        });
        let (module, image) = match cached {
            Some(cached) => cached,
            None => {
                let snapshot = Snapshot::of(&artefact.wasm()?).map_err(broken)?;
                let code = engine.precompile_module(&snapshot.wasm).map_err(broken)?;
                native.keep(&code, &snapshot.memory);
                // SAFETY: `code` is what `precompile_module` of this very engine gave.
                let module = unsafe { Module::deserialize(&engine, &code) }.map_err(broken)?;
                (module, Image::of_bytes(&snapshot.memory).map_err(|error| broken(error.into()))?)
            }
        };
        memories.begin_with(image);
        let module = ModuleGuest::new(&engine, &module).map_err(broken)?;
        Ok(Guest { engine, module })
    }

    /// A guest that isn't one of the interpreters.
    #[cfg(test)]
    pub(crate) fn of_module(engine: &Engine, module: &Module) -> wasmtime::Result<Guest> {
        Ok(Guest { engine: engine.clone(), module: ModuleGuest::new(engine, module)? })
    }

    pub(crate) fn imports(&self) -> Vec<String> {
        let mut imports = self.module.imports();
        imports.sort();
        imports
    }

    pub(crate) fn judge(&self, solution: &str, test: Option<&str>, limits: &Limits) -> Outcome {
        let start = Instant::now();
        let mut store = Store::new(&self.engine, State::new(limits));
        store.limiter(|state| state);
        let ended = store
            .set_fuel(limits.fuel)
            .and_then(|()| store.fuel_async_yield_interval(Some(FUEL_BETWEEN_LOOKS)))
            .and_then(|()| {
                let deadline = processor_time() + Duration::from_millis(limits.cpu_ms);
                until(deadline, self.module.call(&mut store, solution, test))
            });
        let fuel_used = limits.fuel - store.get_fuel().unwrap_or(0).min(limits.fuel);
        let verdict = verdict(ended, store.data_mut());
        let state = store.data_mut();
        let stdout = text(std::mem::take(&mut state.stdout));
        let stderr = text(std::mem::take(&mut state.stderr));
        let peak_memory_bytes = state.peak_memory_bytes();
        drop(store);
        let wall_ms = start.elapsed().as_secs_f64() * 1e3;
        Outcome { verdict, stdout, stderr, fuel_used, peak_memory_bytes, wall_ms }
    }
}

/// How the guest's call ended: what it returned, or the deadline passed.
enum Ended {
    Returned { passed: bool },
    Late,
}

/// The processor time that this thread has used. Unlike the time on the wall it doesn't go on while others have the
/// processor, or while the machine sleeps.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Polls a guest's call, which gives way every [`FUEL_BETWEEN_LOOKS`], until it ends or this thread's processor time has
/// come to `deadline`.
fn until(deadline: Duration, call: impl Future<Output = wasmtime::Result<bool>>) -> wasmtime::Result<Ended> {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match call.as_mut().poll(&mut context) {
            Poll::Ready(passed) => return Ok(Ended::Returned { passed: passed? }),
            Poll::Pending if processor_time() >= deadline => return Ok(Ended::Late),
            Poll::Pending => {}
        }
    }
}

fn verdict(ended: wasmtime::Result<Ended>, state: &mut State) -> Verdict {
    let error = match ended {
        Ok(Ended::Returned { passed: true }) => return Verdict::Passed,
        Ok(Ended::Returned { passed: false }) => {
            return state.report.take().unwrap_or_else(|| Verdict::Failed {
                exception: "BaseException".to_owned(),
                message: "the exception could not be described".to_owned(),
                traceback: String::new(),
            });
        }
        Ok(Ended::Late) => return Verdict::TimedOut,
        Err(error) => error,
    };
    if let Some(Stop(verdict)) = error.downcast_ref::<Stop>() {
        return verdict.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Verdict::FuelExhausted,
        Some(Trap::StackOverflow) => Verdict::StackOverflow,
        _ if state.memory_refused => Verdict::OutOfMemory,
        _ => Verdict::Fault { reason: format!("{error:#}") },
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
