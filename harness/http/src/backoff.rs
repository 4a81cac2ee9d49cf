//! Trying again: how long to wait, how often, and when not at all.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How often a request is tried, and how long the waits between are: they double, with jitter, so that many clients that
/// were turned away together don't come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Tries in all; at least one is made.
    pub attempts: u32,
    /// The first wait at most, in milliseconds.
    pub first_ms: u64,
    /// Any wait at most, in milliseconds, the server's own wish included.
    pub most_ms: u64,
}

impl Default for Backoff {
    /// Six tries within about half a minute, unless the server asks for more patience.
    fn default() -> Self {
        Self { attempts: 6, first_ms: 1_000, most_ms: 60_000 }
    }
}

/// What a fault means for the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Trying again won't help.
    Never,
    /// Try again: after this wait, where the server named one.
    After(Option<Duration>),
}

impl Backoff {
    /// The wait after the failed try `attempt` (from 0). `jitter` is in [0, 1): the wait lies between half and all of the
    /// doubled one. What the server asked for is kept to, up to `most_ms`.
    #[must_use]
    pub fn wait(&self, attempt: u32, asked: Option<Duration>, jitter: f64) -> Duration {
        let most = Duration::from_millis(self.most_ms);
        let doubled = self.first_ms.saturating_mul(1u64.checked_shl(attempt).unwrap_or(u64::MAX)).min(self.most_ms);
        let own = Duration::from_millis(doubled).mul_f64(0.5 + jitter / 2.0);
        asked.map_or(own, |asked| asked.max(own)).min(most)
    }
}

/// Tries until it succeeds, `judge` says never, the tries are used up, or the flag is set. The last error is returned.
///
/// # Errors
/// What the last try gave.
pub fn with_retries<T, E>(
    backoff: &Backoff,
    interrupt: &AtomicBool,
    judge: impl Fn(&E) -> Again,
    mut attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    let mut tried = 0;
    loop {
        let error = match attempt() {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let Again::After(asked) = judge(&error) else { return Err(error) };
        tried += 1;
        if tried >= backoff.attempts || !pause(backoff.wait(tried - 1, asked, jitter()), interrupt) {
            return Err(error);
        }
    }
}

/// Waits, in steps short enough to see the flag; false once it is set.
pub fn pause(wait: Duration, interrupt: &AtomicBool) -> bool {
    const STEP: Duration = Duration::from_millis(50);
    let mut left = wait;
    while !left.is_zero() {
        if interrupt.load(Ordering::Relaxed) {
            return false;
        }
        let step = left.min(STEP);
        std::thread::sleep(step);
        left -= step;
    }
    !interrupt.load(Ordering::Relaxed)
}

/// What a header `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3).
#[must_use]
pub fn retry_after(header: &str) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// A number in [0, 1) that differs between processes. It decides waits only, so no result depends on it, and no seed is
/// passed in.
fn jitter() -> f64 {
    let bits = RandomState::new().hash_one(()) >> 11;
    bits as f64 / (1u64 << 53) as f64
}
