//! A run as flat tables, whatever they are written as.

use crate::store::phase_name;
use crate::{ArmRun, Result, Store};
use std::path::PathBuf;

/// A table's name and columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    OptionalText,
    Whole,
    /// May be missing.
    Real,
    Truth,
    OptionalTruth,
}

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Text(Option<&'a str>),
    Whole(i64),
    Real(Option<f64>),
    Truth(Option<bool>),
}

/// Where a table's rows go.
pub(super) trait Sink {
    /// Takes a row: a cell a column.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()>;
    /// Ends the file; its path.
    fn finish(self) -> Result<PathBuf>;
}

const SCORES: Table = Table {
    name: "scores",
    columns: &[
        ("arm", Kind::Text),
        ("seed", Kind::Whole),
        ("task", Kind::Text),
        ("metric", Kind::Text),
        ("value", Kind::Real),
        ("stderr", Kind::Real),
        ("n", Kind::Whole),
        ("clusters", Kind::Whole),
        ("interval_low", Kind::Real),
        ("interval_high", Kind::Real),
        ("interval_method", Kind::Text),
        ("higher_is_better", Kind::Truth),
    ],
};

const CURVES: Table = Table {
    name: "curves",
    columns: &[
        ("arm", Kind::Text),
        ("seed", Kind::Whole),
        ("phase", Kind::Text),
        ("step", Kind::Whole),
        ("tokens", Kind::Whole),
        ("flops", Kind::Real),
        ("train_loss", Kind::Real),
        ("val_loss", Kind::Real),
    ],
};

const SCORE_CURVES: Table = Table {
    name: "score_curves",
    columns: &[
        ("arm", Kind::Text),
        ("seed", Kind::Whole),
        ("phase", Kind::Text),
        ("step", Kind::Whole),
        ("tokens", Kind::Whole),
        ("flops", Kind::Real),
        ("task", Kind::Text),
        ("metric", Kind::Text),
        ("value", Kind::Real),
        ("interval_low", Kind::Real),
        ("interval_high", Kind::Real),
    ],
};

const VALUES: Table = Table {
    name: "values",
    columns: &[
        ("arm", Kind::Text),
        ("seed", Kind::Whole),
        ("task", Kind::Text),
        ("key", Kind::Text),
        ("cluster", Kind::Text),
        ("group", Kind::Text),
        ("metric", Kind::Text),
        ("value", Kind::Real),
    ],
};

const ANSWERS: Table = Table {
    name: "answers",
    columns: &[
        ("arm", Kind::Text),
        ("seed", Kind::Whole),
        ("task", Kind::Text),
        ("key", Kind::Text),
        ("prompt", Kind::Text),
        ("target", Kind::Text),
        ("position", Kind::Whole),
        ("answer", Kind::Text),
        ("log_likelihood", Kind::Real),
        ("is_greedy", Kind::OptionalTruth),
        ("verdict", Kind::OptionalText),
        ("detail", Kind::OptionalText),
    ],
};

/// Writes all tables; the files.
pub(super) fn write<S: Sink>(store: &Store, key: &str, open: impl Fn(Table) -> Result<S>) -> Result<Vec<PathBuf>> {
    let mut sinks = [open(SCORES)?, open(CURVES)?, open(SCORE_CURVES)?, open(VALUES)?, open(ANSWERS)?];
    store.for_each_arm(key, |arm| {
        let [scores_to, curves_to, score_curves_to, values_to, answers_to] = &mut sinks;
        scores(&arm, scores_to)?;
        curves(&arm, curves_to)?;
        score_curves(&arm, score_curves_to)?;
        values(&arm, values_to)?;
        answers(&arm, answers_to)
    })?;
    sinks.into_iter().map(Sink::finish).collect()
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Some(text))
}

fn whole(number: impl TryInto<i64>) -> Cell<'static> {
    Cell::Whole(number.try_into().unwrap_or(i64::MAX))
}

fn real(number: f64) -> Cell<'static> {
    Cell::Real(Some(number).filter(|v| !v.is_nan()))
}

fn scores(arm: &ArmRun, to: &mut impl Sink) -> Result<()> {
    arm.scores.iter().try_for_each(|s| {
        to.row(&[
            text(&arm.arm),
            whole(arm.seed),
            text(&s.task),
            text(&s.metric),
            real(s.value),
            real(s.stderr),
            whole(s.n),
            whole(s.clusters),
            real(s.interval.0),
            real(s.interval.1),
            text(&s.interval_method),
            Cell::Truth(Some(s.higher_is_better)),
        ])
    })
}

fn curves(arm: &ArmRun, to: &mut impl Sink) -> Result<()> {
    arm.curve.iter().try_for_each(|p| {
        to.row(&[
            text(&arm.arm),
            whole(arm.seed),
            text(phase_name(p.phase)),
            whole(p.step),
            whole(p.tokens),
            real(p.flops),
            Cell::Real(p.train_loss),
            Cell::Real(p.val_loss),
        ])
    })
}

fn score_curves(arm: &ArmRun, to: &mut impl Sink) -> Result<()> {
    arm.score_curve.iter().try_for_each(|p| {
        to.row(&[
            text(&arm.arm),
            whole(arm.seed),
            text(phase_name(p.phase)),
            whole(p.step),
            whole(p.tokens),
            real(p.flops),
            text(&p.task),
            text(&p.metric),
            real(p.value),
            real(p.interval.0),
            real(p.interval.1),
        ])
    })
}

fn values(arm: &ArmRun, to: &mut impl Sink) -> Result<()> {
    for s in &arm.samples {
        for (metric, value) in &s.metrics {
            let own = [text(&arm.arm), whole(arm.seed), text(&s.task), text(&s.key), text(&s.cluster), text(&s.group)];
            let [a, b, c, d, e, f] = own;
            to.row(&[a, b, c, d, e, f, text(metric), real(*value)])?;
        }
    }
    Ok(())
}

fn answers(arm: &ArmRun, to: &mut impl Sink) -> Result<()> {
    for s in &arm.samples {
        for (position, r) in s.responses.iter().enumerate() {
            to.row(&[
                text(&arm.arm),
                whole(arm.seed),
                text(&s.task),
                text(&s.key),
                text(&s.prompt),
                text(&s.target),
                whole(position),
                text(&r.text),
                Cell::Real(r.log_likelihood),
                Cell::Truth(r.is_greedy),
                Cell::Text(r.verdict.as_deref()),
                Cell::Text(r.detail.as_deref()),
            ])?;
        }
    }
    Ok(())
}
