//! The check's outcome as GitHub's workflow commands, which it shows as annotations.
//!
//! Escapes as in `actions/toolkit`, `packages/core/src/command.ts`: `%`, CR and LF in the message, and `:` and `,` as well in
//! a property.

use super::check::{CheckReport, CheckVerdict};

impl CheckReport {
    /// A line a score that is worth a look: `::error` for a regression, `::warning` for one that is missing or
    /// inconclusive, `::notice` for an improvement. Ends with a line break unless it is empty.
    pub fn to_github_annotations(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            let level = match row.verdict {
                CheckVerdict::Regressed => "error",
                CheckVerdict::Missing | CheckVerdict::Inconclusive => "warning",
                CheckVerdict::Improved => "notice",
                CheckVerdict::SmallChange | CheckVerdict::NoSignificantChange | CheckVerdict::New => continue,
            };
            let title = property(&format!("{} {}", row.task, row.metric));
            out.push_str(&format!("::{level} title={title}::{}\n", message(&self.sentence(row))));
        }
        out
    }
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
