//! The check's outcome for people and for machines: text, Markdown, JUnit XML, JSON.

use super::check::{CheckReport, CheckRow, CheckVerdict};
use crate::{Result, format, table};
use tabled::builder::Builder;
use tabled::settings::Style;

impl CheckVerdict {
    /// How the verdict reads.
    pub fn words(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Regressed => "REGRESSED",
            Self::WithinThreshold => "within threshold",
            Self::NoSignificantChange => "no change",
            Self::Inconclusive => "inconclusive",
            Self::Missing => "missing",
            Self::New => "new",
        }
    }
}

impl CheckReport {
    /// The outcome in one sentence.
    pub fn summary(&self) -> String {
        let count = |verdict| self.rows.iter().filter(|r| r.verdict == verdict).count();
        let limits = format!(
            "more than {} points, corrected p < {}",
            format::score_bare(self.threshold.points / 100.0, true),
            self.threshold.alpha
        );
        let others: Vec<String> = [
            CheckVerdict::Improved,
            CheckVerdict::NoSignificantChange,
            CheckVerdict::WithinThreshold,
            CheckVerdict::Inconclusive,
            CheckVerdict::Missing,
            CheckVerdict::New,
        ]
        .into_iter()
        .filter(|v| count(*v) > 0)
        .map(|v| format!("{} {}", count(v), v.words()))
        .collect();
        let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
        match count(CheckVerdict::Regressed) {
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
            ["arm", "score", "before", "after", "change", "95 % CI", "p", "verdict"]
                .map(|h| h.replace("95 %", &self.level())),
        );
        for row in &self.rows {
            builder.push_record(self.cells(row));
        }
        let mut table = builder.build();
        table.with(Style::sharp());
        let mut out = format!("{table}\n");
        for row in &self.rows {
            for note in notes(row) {
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
            for note in notes(row) {
                let name = format!("{} {} {}", row.arm, row.task, row.metric);
                out.push_str(&format!("- {}: {}\n", table::escape(&name), table::escape(&note)));
            }
        }
        out
    }

    /// For a CI server: one test case a score; regressions are failures, scores that are missing or new are skipped.
    pub fn to_junit_xml(&self) -> String {
        let failures = self.rows.iter().filter(|r| r.verdict == CheckVerdict::Regressed).count();
        let skipped =
            self.rows.iter().filter(|r| matches!(r.verdict, CheckVerdict::Missing | CheckVerdict::New)).count();
        let attributes =
            format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"", self.rows.len());
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"phi-bench check\" {attributes}>\n  <testsuite name=\"phi-bench check\" {attributes}>\n"
        );
        for row in &self.rows {
            let class = xml(&format!("{}.{}", row.arm, row.task));
            out.push_str(&format!("    <testcase classname=\"{class}\" name=\"{}\" time=\"0\">", xml(&row.metric)));
            let text = xml(&self.sentence(row));
            match row.verdict {
                CheckVerdict::Regressed => {
                    out.push_str(&format!("<failure type=\"regression\" message=\"{text}\">{text}</failure>"));
                }
                CheckVerdict::Missing | CheckVerdict::New => out.push_str(&format!("<skipped message=\"{text}\"/>")),
                _ => out.push_str(&format!("<system-out>{text}</system-out>")),
            }
            out.push_str("</testcase>\n");
        }
        out.push_str("  </testsuite>\n</testsuites>\n");
        out
    }

    /// For a machine: this report's own fields, with `version`, `passed` and `summary`.
    ///
    /// # Errors
    /// [`crate::ReportError::Json`].
    pub fn to_json(&self) -> Result<String> {
        let mut value = serde_json::json!({ "version": 1, "passed": self.passed(), "summary": self.summary() });
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
        let signed = |v| format::signed(v, is_share);
        let c = row.comparison;
        [
            row.arm.clone(),
            format!("{} {}{}", row.task, row.metric, if is_share { " %" } else { "" }),
            value(row.before),
            value(row.after),
            c.map_or_else(|| "–".to_owned(), |c| signed(c.difference)),
            c.map_or_else(|| "–".to_owned(), |c| format!("{} to {}", signed(c.interval.0), signed(c.interval.1))),
            c.map_or_else(|| "–".to_owned(), |c| format::p(c.p_corrected)),
            row.verdict.words().to_owned(),
        ]
    }

    fn sentence(&self, row: &CheckRow) -> String {
        let [arm, score, before, after, change, interval, p, verdict] = self.cells(row);
        let mut text = match row.comparison {
            Some(_) => format!(
                "{verdict}: {arm} {score} {before} -> {after} ({change}, {} CI {interval}, corrected p {p})",
                self.level()
            ),
            None => format!("{verdict}: {arm} {score} {before} -> {after}"),
        };
        for note in notes(row) {
            text.push_str(&format!(". {note}"));
        }
        text
    }
}

fn notes(row: &CheckRow) -> Vec<String> {
    let mut notes = Vec::new();
    if !row.note.is_empty() {
        notes.push(row.note.clone());
    }
    if row.verdict == CheckVerdict::Inconclusive
        && let Some(c) = row.comparison
    {
        let settle = match c.n_questions_to_settle {
            Some(n) if n > c.n_questions => {
                format!("; about {} would settle a drop of the threshold's size", format::count(n, "question"))
            }
            _ => String::new(),
        };
        notes.push(format!(
            "A drop beyond the threshold could have gone unseen (smallest detectable with {}: {}{settle}).",
            format::count(c.n_questions, "question"),
            format::points(c.minimum_detectable_effect, is_share(row))
        ));
    }
    notes
}

fn is_share(row: &CheckRow) -> bool {
    [row.before, row.after].into_iter().flatten().all(|v| crate::analysis::is_share(&row.metric, v))
}

/// Text for XML 1.0, which has no control characters.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
