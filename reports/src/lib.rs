//! Run store, tables, plots, HTML report and regression gate.

mod analysis;
mod error;
mod format;
mod gate;
mod html;
mod plot;
mod run;
mod store;
mod table;

pub use analysis::{
    ALPHA, Analysis, ArmAnalysis, ArmScore, Comparison, EDGE, GroupScore, IntervalMethod, MetricAnalysis, Reach,
    SeedReach, Verdict,
};
pub use error::{ReportError, Result};
pub use gate::{
    Baseline, BaselineScore, CheckComparison, CheckReport, CheckRow, CheckVerdict, Pairing, Threshold, check,
};
pub use html::render_html;
pub use run::{ArmRun, CurvePoint, GrowthFacts, LeftOut, Phase, Run};
pub use store::{RunSummary, Store};
pub use table::{markdown, table};
