//! The check's outcome as JUnit XML, which GitLab, Jenkins and most CI servers show.

use super::check::{CheckReport, CheckVerdict};

impl CheckReport {
    /// One test case a score; regressions are failures, scores that are missing or new are skipped.
    pub fn to_junit_xml(&self) -> String {
        let skipped = self.count(CheckVerdict::Missing) + self.count(CheckVerdict::New);
        let attributes = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\"",
            self.rows.len(),
            self.count(CheckVerdict::Regressed)
        );
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
