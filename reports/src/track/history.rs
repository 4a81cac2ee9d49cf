//! A ledger's measurements as series over time.

use super::change_points::{ChangePoint, change_points};
use super::measurement::{Measurement, Unit};
use std::collections::BTreeMap;

/// A ledger's history.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Sorted by arm and measure.
    pub series: Vec<Series>,
}

/// One measure of one arm over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The arm.
    pub arm: String,
    /// The measure.
    pub measure: String,
    /// What it is measured in.
    pub unit: Unit,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
    /// By the commits' dates; of one commit the line that stands last in the ledger.
    pub points: Vec<Measurement>,
    /// Where its level changed.
    pub change_points: Vec<ChangePoint>,
}

impl History {
    /// Orders measurements into series; a change point is marked where a series without one would show it with a chance of
    /// at most `alpha`.
    pub fn of(measurements: &[Measurement], alpha: f64) -> Self {
        let mut series: BTreeMap<(&str, &str, Unit), Vec<&Measurement>> = BTreeMap::new();
        for m in measurements {
            series.entry((&m.arm, &m.measure, m.unit)).or_default().push(m);
        }
        let series = series.into_values().map(|points| one(&points, alpha)).collect();
        Self { series }
    }
}

fn one(all: &[&Measurement], alpha: f64) -> Series {
    // The last line of a commit stands in for its earlier ones, in their place.
    let mut of_commit: BTreeMap<&str, usize> = BTreeMap::new();
    let mut points: Vec<Measurement> = Vec::new();
    for m in all {
        match of_commit.get(m.commit.as_str()) {
            Some(&i) => points[i] = (*m).clone(),
            None => {
                of_commit.insert(&m.commit, points.len());
                points.push((*m).clone());
            }
        }
    }
    points.sort_by(|a, b| a.date.cmp(&b.date));
    let values: Vec<f64> = points.iter().map(|p| p.value).collect();
    let last = points.last().expect("a series has a measurement");
    Series {
        arm: last.arm.clone(),
        measure: last.measure.clone(),
        unit: last.unit,
        higher_is_better: last.higher_is_better,
        change_points: change_points(&values, alpha),
        points,
    }
}

impl Series {
    /// The last value.
    pub fn last(&self) -> &Measurement {
        self.points.last().expect("a series has a measurement")
    }

    /// A change point in a sentence.
    pub fn sentence(&self, change: &ChangePoint) -> String {
        let at = &self.points[change.index];
        let is_better = (change.after > change.before) == self.higher_is_better;
        format!(
            "{} from {} to {} at {} ({}), p = {:.3}",
            if is_better { "better" } else { "worse" },
            self.unit.show(change.before),
            self.unit.show(change.after),
            at.commit.chars().take(10).collect::<String>(),
            at.date.get(..10).unwrap_or(&at.date),
            change.p_value
        )
    }
}
