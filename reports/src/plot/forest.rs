//! Forest plot: paired differences from the baseline with their intervals.

use super::axis::{Frame, LABEL, decimals};
use super::scene::{Anchor, Ink, Scene, short};
use super::{ArmStyle, Picture, WIDTH};
use crate::{Analysis, Comparison, format};

/// Height of a row.
const ROW: f64 = 34.0;
/// Widths of the arms' names on the left and of the numbers on the right of the plot.
const NAMES: f64 = 130.0;
const NUMBERS: f64 = 148.0;
const LONGEST_NAME: usize = 18;

pub(super) fn forest(analysis: &Analysis, styles: &[ArmStyle]) -> Option<Picture> {
    let metric = analysis.primary_metric()?;
    let scale = if metric.is_share { 100.0 } else { 1.0 };
    // A control lies so far off that it would press the others together; the table has it.
    let rows: Vec<&Comparison> = metric.comparisons.iter().filter(|c| !c.is_control).collect();
    if rows.is_empty() {
        return None;
    }
    let height = 8.0 + ROW * rows.len() as f64 + 48.0;
    let reach = rows
        .iter()
        .flat_map(|c| [c.interval.0, c.interval.1, c.difference])
        .filter(|v| v.is_finite())
        .fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v * scale), high.max(v * scale)));
    let pad = (reach.1 - reach.0).max(1e-3) * 0.08;
    let frame = Frame {
        left: NAMES,
        right: WIDTH - NUMBERS,
        top: 8.0,
        bottom: height - 48.0,
        x: (reach.0 - pad, reach.1 + pad),
        y: (0.0, 1.0),
    };
    let mut scene = Scene::new(WIDTH, height);
    frame.x_ticks(&mut scene, 4, |v| tick(v, decimals(frame.x)));
    let zero = frame.column(0.0);
    scene.line([(zero, frame.top), (zero, frame.bottom + 4.0)], Ink::Text, 1.0);
    for (i, c) in rows.iter().enumerate() {
        let style = styles.iter().find(|s| s.arm == c.arm).expect("every arm has a style");
        let ink = style.ink();
        // Name, dot and numbers of an arm stand on one line.
        let row = frame.top + ROW * (i as f64 + 0.5);
        scene.text((0.0, row), short(&c.arm, LONGEST_NAME), LABEL, Ink::Text, Anchor::Left);
        let signed = |v: f64| format::signed(v, metric.is_share);
        let numbers = format!("{} ({} to {})", signed(c.difference), signed(c.interval.0), signed(c.interval.1));
        scene.text((WIDTH - 2.0, row), numbers, 15.0, Ink::Muted, Anchor::Right);
        let x = |v: f64| frame.column(v * scale);
        scene.line([(x(c.interval.0), row), (x(c.interval.1), row)], ink, 3.0);
        for end in [c.interval.0, c.interval.1] {
            scene.line([(x(end), row - 5.0), (x(end), row + 5.0)], ink, 2.0);
        }
        scene.mark((x(c.difference), row), style.marker(), 6.0, ink);
    }
    let what = if metric.is_share { "points" } else { "difference" };
    let direction = if metric.higher_is_better { "right is better" } else { "left is better" };
    let title = format!("{what}, arm minus {} ({direction})", short(&analysis.baseline, 30));
    scene.text((WIDTH / 2.0, frame.bottom + 26.0), title, LABEL, Ink::Muted, Anchor::Top);
    let caption = format!(
        "Paired differences, question by question and seed by seed, with 95 % confidence intervals (not corrected; \
         p-values in the table are). An interval that crosses the line at 0 shows no difference from {}. Controls are in \
         the table only.",
        analysis.baseline
    );
    let title = format!("{} {}: difference from {}", metric.task, metric.metric, analysis.baseline);
    Some(Picture { id: "forest", title, caption, scene, legend: Vec::new() })
}

fn tick(value: f64, decimals: usize) -> String {
    let text = format!("{value:+.decimals$}").replace('-', "−");
    if text.contains(|c: char| ('1'..='9').contains(&c)) { text } else { "0".to_owned() }
}
