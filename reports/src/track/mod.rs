//! Scores, speed and memory over the life of a repository: a ledger, its history, and where it changed.
//!
//! - [`Ledger`] is a file of JSON lines, a line a measurement, that is only ever added to; git's union merge keeps both
//!   sides' lines.
//! - [`measurements`] takes a run's scores, latency, memory and training speed.
//! - [`History`] orders a ledger into series and marks change points by [`change_points`].

mod change_points;
mod history;
mod ledger;
mod measurement;
mod page;
mod sparkline;

pub use change_points::{ChangePoint, change_points};
pub use history::{History, Series};
pub use ledger::{BrokenLine, Ledger};
pub use measurement::{Commit, Measurement, Unit, measurements};
pub use sparkline::sparkline;
