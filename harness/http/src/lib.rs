//! What the hub and model servers share: a blocking HTTP client that never waits for ever, and retries that back off.
//!
//! - [`Http`]: one request, no redirects, no retries; a status is an answer, not an error.
//! - [`Backoff`] and [`with_retries`]: try again after faults that may pass, as the server's `Retry-After` says or after a
//!   wait that doubles, and stop soon after an interrupt.
//!
//! It stands on the crate `ureq`: blocking, so that nothing here is async, and small.
//!
//! ```
//! use phi_http::{Again, Backoff, with_retries};
//! use std::sync::atomic::AtomicBool;
//!
//! let backoff = Backoff { attempts: 3, first_ms: 1, most_ms: 2 };
//! let mut tries = 0;
//! let answer = with_retries(&backoff, &AtomicBool::new(false), |_: &&str| Again::After(None), || {
//!     tries += 1;
//!     if tries < 3 { Err("busy") } else { Ok(tries) }
//! });
//! assert_eq!(answer, Ok(3));
//! ```

mod backoff;
mod client;
mod fault;

pub use backoff::{Again, Backoff, pause, retry_after, with_retries};
pub use client::{Answer, Http, HttpSettings};
pub use fault::{Fault, FaultKind, excerpt};
