//! The regression gate: a saved baseline, and whether a later run is worse.

mod baseline;
mod check;
mod report;

pub use baseline::{Baseline, BaselineScore};
pub use check::{CheckComparison, CheckReport, CheckRow, CheckVerdict, Pairing, Threshold, check};
