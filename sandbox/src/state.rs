//! What the host holds for one running program, and what the program may ask of it.

use wasmtime::{ResourceLimiter, StoreContextMut, Trap};

use crate::limits::FUEL_PER_SECOND;
use crate::{Limits, Verdict};

/// The longest text of a report that is kept, in bytes.
const MAX_REPORT_BYTES: usize = 16 << 10;

/// How CPython's parser begins its `MemoryError` about source that is nested too deeply, which isn't about memory.
const PARSER_OVERFLOW: &str = "Parser stack overflowed";

/// The host's side of one running program.
pub(crate) struct State {
    output_left: u64,
    memory_left: u64,
    memory_bytes: u64,
    pub(crate) memory_refused: bool,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// How the guest says that a program failed. Never says that it passed.
    pub(crate) report: Option<Verdict>,
}

/// Why the host ended a program.
#[derive(Debug, thiserror::Error)]
#[error("the host ended the program: {}", .0.detail())]
pub(crate) struct Stop(pub(crate) Verdict);

impl State {
    pub(crate) fn new(limits: &Limits) -> State {
        State {
            output_left: limits.output_bytes,
            memory_left: limits.memory_bytes,
            memory_bytes: 0,
            memory_refused: false,
            stdout: Vec::new(),
            stderr: Vec::new(),
            report: None,
        }
    }

    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    pub(crate) fn write(&mut self, to_stderr: bool, bytes: &[u8]) -> wasmtime::Result<()> {
        let fits = bytes.len().min(usize::try_from(self.output_left).unwrap_or(usize::MAX));
        let stream = if to_stderr { &mut self.stderr } else { &mut self.stdout };
        stream.extend_from_slice(&bytes[..fits]);
        self.output_left -= fits as u64;
        if fits < bytes.len() { Err(Stop(Verdict::OutputLimit).into()) } else { Ok(()) }
    }

    pub(crate) fn report(&mut self, kind: &str, exception: &str, message: &str, traceback: &str, code: i32) {
        self.report = Some(match kind {
            "syntax_error" => Verdict::SyntaxError { message: bounded(message) },
            "exited" => Verdict::Exited { code },
            "unsupported" => Verdict::Unsupported { module: bounded(message) },
            _ if exception == "MemoryError" && !message.starts_with(PARSER_OVERFLOW) => Verdict::OutOfMemory,
            // What a 64-bit Python would try to allocate, a 32-bit one can't even count.
            _ if exception == "OverflowError" && message.ends_with("into an index-sized integer") => {
                Verdict::OutOfMemory
            }
            _ => Verdict::Failed {
                exception: bounded(exception),
                message: bounded(message),
                traceback: bounded(traceback),
            },
        });
    }
}

/// What sleeping costs: fuel.
pub(crate) fn sleep(mut store: StoreContextMut<'_, State>, nanoseconds: u64) -> wasmtime::Result<()> {
    let cost = u128::from(nanoseconds) * u128::from(FUEL_PER_SECOND) / 1_000_000_000;
    let left = store.get_fuel()?;
    match u64::try_from(cost).ok().and_then(|cost| left.checked_sub(cost)) {
        Some(rest) => store.set_fuel(rest),
        None => {
            store.set_fuel(0)?;
            Err(Trap::OutOfFuel.into())
        }
    }
}

pub(crate) fn exit(code: i32) -> wasmtime::Result<()> {
    Err(Stop(Verdict::Exited { code }).into())
}

/// Ends a program that tried to deceive its test.
pub(crate) fn deceived(how: &str) -> wasmtime::Result<()> {
    Err(Stop(Verdict::Failed {
        exception: "AssertionError".to_owned(),
        message: bounded(how),
        traceback: String::new(),
    })
    .into())
}

fn bounded(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_REPORT_BYTES)].to_owned()
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let allowed = more <= self.memory_left && maximum.is_none_or(|maximum| desired <= maximum);
        if allowed {
            self.memory_left -= more;
            self.memory_bytes += more;
        } else {
            self.memory_refused = true;
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= 100_000)
    }
}
