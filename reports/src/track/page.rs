//! The history as a page: one HTML file without outside parts.

use super::history::{History, Series};
use crate::Result;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde_json::json;

const PAGE: &str = include_str!("../../templates/history.html");

/// The picture's size and margins, in SVG units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 110.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 30.0;

impl History {
    /// A page with a picture a series: values, intervals, and the levels between change points.
    ///
    /// # Errors
    /// [`crate::ReportError::Template`], which no history should bring about.
    pub fn to_html(&self, title: &str) -> Result<String> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template("history.html", PAGE)?;
        let series: Vec<_> = self.series.iter().map(view).collect();
        Ok(environment.get_template("history.html")?.render(Serde(json!({ "title": title, "series": series })))?)
    }
}

fn view(series: &Series) -> serde_json::Value {
    let last = series.last();
    let interval = last.interval.map(|(low, high)| format!("{} to {}", series.unit.show(low), series.unit.show(high)));
    json!({
        "arm": series.arm,
        "measure": series.measure,
        "direction": if series.higher_is_better { "more is better" } else { "less is better" },
        "n_points": series.points.len(),
        "last": series.unit.show(last.value),
        "interval": interval,
        "commit": last.commit,
        "changes": series.change_points.iter().map(|c| series.sentence(c)).collect::<Vec<_>>(),
        "svg": picture(series),
    })
}

/// The picture. It holds numbers and dates alone, no text that a ledger could smuggle in.
fn picture(series: &Series) -> String {
    let ends = series.points.iter().flat_map(|p| {
        let (low, high) = p.interval.unwrap_or((p.value, p.value));
        [low, high, p.value]
    });
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let margin = if high > low { (high - low) * 0.05 } else { high.abs().max(1e-9) * 0.05 };
    let (low, high) = (low - margin, high + margin);
    let steps = (series.points.len() - 1).max(1) as f64;
    let x = |i: f64| LEFT + (WIDTH - LEFT - RIGHT) * i / steps;
    let y = |v: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (v - low) / (high - low);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"history\">"
    );
    for value in [low + margin, (low + high) / 2.0, high - margin] {
        let row = y(value);
        let right = WIDTH - RIGHT;
        out.push_str(&format!("<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{row:.1}\" y2=\"{row:.1}\"/>"));
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            row + 4.0,
            series.unit.show(value)
        ));
    }
    for (i, anchor) in [(0, "start"), (series.points.len() - 1, "end")] {
        let date = crate::date::parse(&series.points[i].date).map(crate::date::iso).unwrap_or_default();
        out.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            x(i as f64),
            HEIGHT - 8.0,
            &date[..date.len().min(10)]
        ));
        if series.points.len() == 1 {
            break;
        }
    }
    levels(series, &x, &y, &mut out);
    let line: Vec<String> =
        series.points.iter().enumerate().map(|(i, p)| format!("{:.1},{:.1}", x(i as f64), y(p.value))).collect();
    out.push_str(&format!("<polyline class=\"values\" points=\"{}\"/>", line.join(" ")));
    for (i, point) in series.points.iter().enumerate() {
        let column = x(i as f64);
        if let Some((low, high)) = point.interval {
            out.push_str(&format!(
                "<line class=\"interval\" x1=\"{column:.1}\" x2=\"{column:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
                y(low),
                y(high)
            ));
        }
        out.push_str(&format!("<circle cx=\"{column:.1}\" cy=\"{:.1}\" r=\"3\"/>", y(point.value)));
    }
    out.push_str("</svg>");
    out
}

/// The mean of each stretch between change points, and a line where the level changes.
fn levels(series: &Series, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64, out: &mut String) {
    for (i, change) in series.change_points.iter().enumerate() {
        let from = if i == 0 { 0 } else { series.change_points[i - 1].index };
        let to = series.change_points.get(i + 1).map_or(series.points.len(), |next| next.index);
        let column = x(change.index as f64 - 0.5);
        out.push_str(&format!(
            "<line class=\"change\" x1=\"{column:.1}\" x2=\"{column:.1}\" y1=\"{TOP}\" y2=\"{}\"/>",
            HEIGHT - BOTTOM
        ));
        for (start, end, level) in [(from, change.index, change.before), (change.index, to, change.after)] {
            let (left, right, row) = (x(start as f64), x(end as f64 - 1.0), y(level));
            out.push_str(&format!(
                "<line class=\"level\" x1=\"{left:.1}\" x2=\"{right:.1}\" y1=\"{row:.1}\" y2=\"{row:.1}\"/>"
            ));
        }
    }
}
