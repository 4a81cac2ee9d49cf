//! A loaded interpreter: makes an instance, runs one program in it, and reads the verdict off how that ended.

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use wasmtime::{Engine, Store, Trap, WasmBacktrace};

use crate::artefact::Artefact;
use crate::cache::NativeCode;
use crate::component::ComponentGuest;
use crate::module::ModuleGuest;
use crate::state::{State, Stop};
use crate::{Limits, Outcome, Python, SandboxError, Verdict, engine};

/// How much fuel is used between two looks at the wall clock: about five milliseconds' worth.
const FUEL_BETWEEN_LOOKS: u64 = 50_000_000;

/// An interpreter ready to make instances.
pub(crate) struct Guest {
    engine: Engine,
    kind: Kind,
}

enum Kind {
    Component(ComponentGuest),
    Module(ModuleGuest),
}

impl Guest {
    pub(crate) fn load(python: Python, stack_bytes: usize, cache_dir: &Path) -> Result<Guest, SandboxError> {
        let broken = |source| SandboxError::Engine { python, source };
        let engine = engine::engine(stack_bytes).map_err(broken)?;
        let artefact = Artefact::of(python)?;
        let native = NativeCode::new(cache_dir, python, &artefact, &engine);
        let cached = native.verified().and_then(|path| Kind::from_file(python, &engine, path).ok());
        let kind = match cached {
            Some(kind) => kind,
            None => {
                let wasm = artefact.wasm()?;
                let code = match python {
                    Python::Cpython => engine.precompile_component(&wasm),
                    Python::Rustpython => engine.precompile_module(&wasm),
                }
                .map_err(broken)?;
                drop(wasm);
                native.keep(&code);
                Kind::from_code(python, &engine, &code).map_err(broken)?
            }
        };
        Ok(Guest { engine, kind })
    }

    pub(crate) fn imports(&self) -> Vec<String> {
        let mut imports = match &self.kind {
            Kind::Component(guest) => guest.imports(&self.engine),
            Kind::Module(guest) => guest.imports(),
        };
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
                let deadline = start + Duration::from_millis(limits.wall_ms);
                match &self.kind {
                    Kind::Component(guest) => until(deadline, guest.call(&mut store, solution, test)),
                    Kind::Module(guest) => until(deadline, guest.call(&mut store, solution, test)),
                }
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

impl Kind {
    fn from_file(python: Python, engine: &Engine, path: &Path) -> wasmtime::Result<Kind> {
        // SAFETY: the file holds what `precompile_*` gave for this engine's settings: its name says so, and its checksum,
        // written after it, was found right. Who can write to the cache folder can also replace this program.
        match python {
            Python::Cpython => {
                let component = unsafe { wasmtime::component::Component::deserialize_file(engine, path) }?;
                ComponentGuest::new(engine, component).map(Kind::Component)
            }
            Python::Rustpython => {
                let module = unsafe { wasmtime::Module::deserialize_file(engine, path) }?;
                ModuleGuest::new(engine, module).map(Kind::Module)
            }
        }
    }

    fn from_code(python: Python, engine: &Engine, code: &[u8]) -> wasmtime::Result<Kind> {
        // SAFETY: `code` is what `precompile_*` of this very engine gave.
        match python {
            Python::Cpython => {
                let component = unsafe { wasmtime::component::Component::deserialize(engine, code) }?;
                ComponentGuest::new(engine, component).map(Kind::Component)
            }
            Python::Rustpython => {
                let module = unsafe { wasmtime::Module::deserialize(engine, code) }?;
                ModuleGuest::new(engine, module).map(Kind::Module)
            }
        }
    }
}

/// How the guest's call ended: what it returned, or the deadline passed.
enum Ended {
    Returned { passed: bool },
    Late,
}

/// Polls a guest's call, which gives way every [`FUEL_BETWEEN_LOOKS`], until it ends or `deadline` has passed.
fn until(deadline: Instant, call: impl Future<Output = wasmtime::Result<bool>>) -> wasmtime::Result<Ended> {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match call.as_mut().poll(&mut context) {
            Poll::Ready(passed) => return Ok(Ended::Returned { passed: passed? }),
            Poll::Pending if Instant::now() >= deadline => return Ok(Ended::Late),
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
        Some(Trap::UnreachableCodeReached) if asked_for_the_host(&error) => Verdict::Failed {
            exception: "PermissionError".to_owned(),
            message: "the program asked the operating system for something the sandbox doesn't have".to_owned(),
            traceback: String::new(),
        },
        _ => Verdict::Fault { reason: format!("{error:#}") },
    }
}

/// Whether a trap comes from a stub that stands where a WASI function would.
fn asked_for_the_host(error: &wasmtime::Error) -> bool {
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let innermost = backtrace.and_then(|backtrace| backtrace.frames().first());
    innermost.is_some_and(|frame| frame.func_name().is_none_or(|name| name.starts_with("wasi")))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
