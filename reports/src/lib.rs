//! Run store, tables, plots, HTML report and regression gate.

mod run;

pub use run::{ArmRun, CurvePoint, GrowthFacts, LeftOut, Phase, Run};
