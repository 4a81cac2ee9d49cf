//! The check's outcome in words: a table for the terminal, Markdown, JSON.

use super::check::{CheckReport, CheckRow, CheckVerdict};
use super::compare::{CheckComparison, Unit};
use crate::{Result, format, table};
use tabled::builder::Builder;
use tabled::settings::Style;

/// Version of the JSON's fields. One is only added within a version; docs/src/gate.md lists them.
const VERSION: u32 = 2;

impl CheckVerdict {
    /// How the verdict reads.
    pub fn words(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Regressed => "REGRESSED",
            Self::SmallChange => "small change",
            Self::NoSignificantChange => "no significant change",
            Self::Inconclusive => "inconclusive",
            Self::Missing => "missing",
            Self::New => "new",
        }
    }
}

impl CheckReport {
    /// The outcome in one sentence.
    pub fn summary(&self) -> String {
        let limits = format!(
            "by more than {} points, corrected p < {}",
            format::score_bare(self.threshold.points / 100.0, true),
            self.threshold.alpha
        );
        let others: Vec<String> = [
            CheckVerdict::Improved,
            CheckVerdict::NoSignificantChange,
            CheckVerdict::SmallChange,
            CheckVerdict::Inconclusive,
            CheckVerdict::Missing,
            CheckVerdict::New,
        ]
        .into_iter()
        .filter(|v| self.count(*v) > 0)
        .map(|v| format!("{} {}", self.count(v), v.words()))
        .collect();
        let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
        match self.count(CheckVerdict::Regressed) {
            0 => format!("Passed: no score is significantly worse than the baseline ({limits}){others}."),
            n => format!(
                "Failed: {} significantly worse than the baseline ({limits}){others}.",
                format::count(n, "score")
            ),
        }
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut builder = Builder::default();
        builder.push_record(
            ["arm", "score", "before", "after", "change", "95 % CI", "corr. p", "verdict"]
                .map(|h| h.replace("95 %", &self.level())),
        );
        for row in &self.rows {
            builder.push_record(self.cells(row));
        }
        let mut table = builder.build();
        table.with(Style::sharp());
        let mut out = format!("{table}\n");
        for row in &self.rows {
            for note in self.notes(row) {
                out.push_str(&format!("{} {} {}: {note}\n", row.arm, row.task, row.metric));
            }
        }
        out.push_str(&format!("\n{}\n", self.summary()));
        out
    }

    /// For a job summary or a pull request.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("**{}**\n\n", table::escape(&self.summary()));
        out.push_str(&format!(
            "| Arm | Score | Before | After | Change | {} CI | Corrected p | Verdict |\n",
            self.level()
        ));
        out.push_str("| :-- | :-- | --: | --: | --: | --: | --: | :-- |\n");
        for row in &self.rows {
            let cells: Vec<String> = self.cells(row).iter().map(|cell| table::escape(cell)).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        out.push('\n');
        for row in &self.rows {
            for note in self.notes(row) {
                let name = format!("{} {} {}", row.arm, row.task, row.metric);
                out.push_str(&format!("- {}: {}\n", table::escape(&name), table::escape(&note)));
            }
        }
        out
    }

    /// For a machine: this report's own fields, with `version`, `passed` and `summary`.
    ///
    /// # Errors
    /// [`crate::ReportError::Json`].
    pub fn to_json(&self) -> Result<String> {
        let mut value = serde_json::json!({ "version": VERSION, "passed": self.passed(), "summary": self.summary() });
        if let (Some(out), serde_json::Value::Object(own)) = (value.as_object_mut(), serde_json::to_value(self)?) {
            out.extend(own);
        }
        Ok(serde_json::to_string_pretty(&value)?)
    }

    fn level(&self) -> String {
        format!("{} %", ((1.0 - self.threshold.alpha) * 1000.0).round() / 10.0)
    }

    fn cells(&self, row: &CheckRow) -> [String; 8] {
        let is_share = is_share(row);
        let value = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format::score_bare(v, is_share));
        let change = |v, c: &CheckComparison| match c.unit {
            Unit::Score => format::signed(v, is_share),
            Unit::Nats => format!("{} nats", format::signed(v, false)),
        };
        let c = row.comparison.as_ref();
        [
            row.arm.clone(),
            format!("{} {}{}", row.task, row.metric, if is_share { " %" } else { "" }),
            value(row.before),
            value(row.after),
            c.map_or_else(|| "–".to_owned(), |c| change(c.difference, c)),
            c.map_or_else(|| "–".to_owned(), |c| format!("{} to {}", change(c.interval.0, c), change(c.interval.1, c))),
            c.map_or_else(|| "–".to_owned(), |c| format::p(c.p_corrected)),
            row.verdict.words().to_owned(),
        ]
    }

    /// One row in a sentence, with all that a reader should know of it.
    pub(super) fn sentence(&self, row: &CheckRow) -> String {
        let [arm, score, before, after, change, interval, p, verdict] = self.cells(row);
        let mut text = match row.comparison {
            Some(_) => format!(
                "{verdict}: {arm} {score} {before} -> {after} ({change}, {} CI {interval}, corrected p {p})",
                self.level()
            ),
            None => format!("{verdict}: {arm} {score} {before} -> {after}"),
        };
        for note in self.notes(row) {
            text.push_str(&format!(". {note}"));
        }
        text
    }

    fn notes(&self, row: &CheckRow) -> Vec<String> {
        let mut notes = Vec::new();
        if !row.note.is_empty() {
            notes.push(row.note.clone());
        }
        if let Some(c) = row.comparison.as_ref().filter(|_| row.verdict == CheckVerdict::Inconclusive) {
            notes.push(self.inconclusive(row, c));
        }
        notes
    }

    /// Why a row is inconclusive, and what would settle it.
    fn inconclusive(&self, row: &CheckRow, c: &CheckComparison) -> String {
        let is_share = is_share(row);
        let size = |value| match c.unit {
            Unit::Score => format::points(value, is_share),
            Unit::Nats => format!("{} nats", format::score_bare(value, false)),
        };
        let is_drop = c.difference < 0.0 && c.improves_upwards(row.higher_is_better)
            || c.difference > 0.0 && !c.improves_upwards(row.higher_is_better);
        let what = match c.p_corrected < self.threshold.alpha && is_drop {
            true => "It is worse, but not surely by more than the threshold",
            false => "A drop beyond the threshold could have gone unseen",
        };
        let settle = match c.n_questions_to_settle {
            Some(n) if n > c.n_questions && c.n_seeds == 1 => {
                format!("; about {} more would settle it", format::count(n - c.n_questions, "question"))
            }
            Some(n) if n > c.n_questions => format!(
                "; about {:.1} times as many questions and seeds would settle it",
                n as f64 / c.n_questions as f64
            ),
            _ => String::new(),
        };
        format!(
            "{what} (smallest detectable change with {}: {}{settle}).",
            format::count(c.n_questions, "question"),
            size(c.minimum_detectable_effect)
        )
    }
}

fn is_share(row: &CheckRow) -> bool {
    [row.before, row.after].into_iter().flatten().all(|v| crate::analysis::is_share(&row.metric, v))
}
