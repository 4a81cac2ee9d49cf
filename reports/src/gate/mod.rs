//! The regression gate: a saved baseline, and whether a later run is worse.

mod baseline;
mod check;
mod compare;
mod file;
mod github;
mod junit;
mod report;
mod score;

pub use baseline::Baseline;
pub use check::{CheckReport, CheckRow, CheckVerdict, Threshold, check};
pub use compare::{CheckComparison, Pairing, Unit};
pub use score::BaselineScore;
