//! Rate limits: requests and tokens a minute, kept by waiting before and not by being turned away.

use phi_http::pause;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Spaces units out evenly, so that no minute has more than its share.
#[derive(Debug)]
pub(crate) struct Pace {
    unit: Duration,
    free_at: Mutex<Instant>,
}

impl Pace {
    /// So many units a minute.
    pub fn per_minute(units: u32) -> Self {
        Self { unit: Duration::from_secs(60) / units.max(1), free_at: Mutex::new(Instant::now()) }
    }

    /// Waits for its turn, and takes some units; false if it was interrupted.
    pub fn take(&self, units: u32, interrupt: &AtomicBool) -> bool {
        let turn = {
            let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*free_at).max(Instant::now());
            *free_at = turn + self.unit * units;
            turn
        };
        pause(turn.saturating_duration_since(Instant::now()), interrupt)
    }
}
