//! Run store, tables, plots, HTML report and regression gate.
//!
//! Everything here starts from a [`Run`]: what one ablation found out.
//!
//! - [`Store`] keeps runs in one SQLite file.
//! - [`Analysis`] works out what a run shows: scores over seeds, paired differences from the baseline arm with intervals
//!   and corrected p-values, training until the baseline's loss, and one honest sentence.
//! - [`table`], [`markdown`] and [`render_html`] show it; [`pictures`] are its plots, as SVG or PNG.
//! - [`SideBySide`] compares two models or arms question by question.
//! - [`Baseline`] and [`check`] are the gate for CI: a run fails only where it is significantly worse, by more than a
//!   [`Threshold`].
//!
//! ```
//! # fn show(run: &phi_reports::Run) -> phi_reports::Result<()> {
//! use phi_reports::{Analysis, Baseline, Threshold, check, render_html, table};
//!
//! let analysis = Analysis::of(run);
//! let text = table(&analysis);
//! let page = render_html(run, &analysis)?;
//! let report = check(&Baseline::load("baseline.jsonl")?, run, Threshold::default())?;
//! if !report.passed() {
//!     let summary = report.to_markdown();
//! }
//! # Ok(())
//! # }
//! ```

mod analysis;
mod compare;
pub mod date;
mod error;
mod export;
mod format;
mod gate;
mod html;
mod lm_eval;
mod paper;
mod phi_1;
mod plot;
mod run;
mod store;
mod table;
pub mod track;

pub use analysis::{
    ALPHA, Analysis, ArmAnalysis, ArmScore, Comparison, EDGE, GroupScore, IntervalMethod, MetricAnalysis, Reach,
    SeedReach, StatedAnalysis, Verdict,
};
pub use compare::{
    COMPARISON_SCHEMA, Flip, Outcomes, Side, SideBySide, TaskComparison, Test, comparison_table, flips_text,
    render_comparison,
};
pub use error::{ReportError, Result};
pub use export::{Format, MlflowServer, Sent, export, export_mlflow};
pub use gate::{
    Baseline, BaselineScore, CheckComparison, CheckReport, CheckRow, CheckVerdict, Pairing, Threshold, Unit, check,
};
pub use html::{PageOptions, render_html, render_html_with};
pub use lm_eval::{Keep, is_lm_eval, read_lm_eval};
pub use paper::{csv, latex};
pub use plot::{Picture, pictures};
pub use run::{
    ArmRun, CurvePoint, GrowthFacts, LeftOut, Phase, RankFact, Run, ScorePoint, StatedComparison, StepRecord,
};
pub use store::{
    ChangedQuestion, Collected, FoundSample, RunDiff, RunFilter, RunSummary, RunWriter, SampleFilter, ScoreDiff, Store,
};
pub use table::{markdown, table};
