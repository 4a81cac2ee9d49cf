//! Forest plot: paired differences from the baseline with their intervals.

use super::axis::{Frame, LABEL, decimals, line, put};
use super::{ArmStyle, INK, MUTED, Picture, WIDTH, centred, failed, finish, muted_text, text};
use crate::{Analysis, Comparison, Result, format};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::Circle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const ROW: u32 = 46;

pub(super) fn forest(analysis: &Analysis, styles: &[ArmStyle]) -> Result<Option<Picture>> {
    let Some(metric) = analysis.primary_metric() else { return Ok(None) };
    let scale = if metric.is_share { 100.0 } else { 1.0 };
    // A control lies so far off that it would press the others together; the table has it.
    let rows: Vec<&Comparison> = metric.comparisons.iter().filter(|c| !c.is_control).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let height = 16 + ROW * rows.len() as u32 + 48;
    let reach = rows
        .iter()
        .flat_map(|c| [c.interval.0, c.interval.1, c.difference])
        .filter(|v| v.is_finite())
        .fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v * scale), high.max(v * scale)));
    let pad = (reach.1 - reach.0).max(1e-3) * 0.08;
    let frame = Frame {
        left: 14.0,
        right: f64::from(WIDTH) - 14.0,
        top: 8.0,
        bottom: f64::from(height) - 48.0,
        x: (reach.0 - pad, reach.1 + pad),
        y: (0.0, 1.0),
    };
    let what = if metric.is_share { "points" } else { "difference" };
    let mut svg = String::new();
    let drawn = (|| -> Result<(), String> {
        let canvas = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        frame.x_ticks(&canvas, |v| tick(v, decimals(frame.x)))?;
        let zero = frame.column(0.0) as i32;
        line(&canvas, vec![(zero, frame.top as i32), (zero, frame.bottom as i32 + 4)], &INK, 1)?;
        for (i, c) in rows.iter().enumerate() {
            let color = styles.iter().find(|s| s.arm == c.arm).map_or(INK, ArmStyle::color);
            let top = frame.top as i32 + (ROW as usize * i) as i32;
            put(&canvas, c.arm.clone(), (frame.left as i32, top + 6), &text(15))?;
            let numbers = format!(
                "{} ({} to {})",
                format::signed(c.difference, metric.is_share),
                format::signed(c.interval.0, metric.is_share),
                format::signed(c.interval.1, metric.is_share)
            );
            let right = muted_text(14).pos(Pos::new(HPos::Right, VPos::Top));
            put(&canvas, numbers, (frame.right as i32, top + 6), &right)?;
            let row = top + 33;
            let x = |v: f64| frame.column(v * scale).round() as i32;
            line(&canvas, vec![(x(c.interval.0), row), (x(c.interval.1), row)], &color, 3)?;
            for end in [c.interval.0, c.interval.1] {
                line(&canvas, vec![(x(end), row - 5), (x(end), row + 5)], &color, 2)?;
            }
            canvas.draw(&Circle::new((x(c.difference), row), 6, color.filled())).map_err(|e| e.to_string())?;
        }
        let direction = if metric.higher_is_better { "right is better" } else { "left is better" };
        let title = format!("{what}, arm minus {} ({direction})", analysis.baseline);
        let middle = ((frame.left + frame.right) / 2.0) as i32;
        let style = centred(text(LABEL).color(&MUTED));
        put(&canvas, title, (middle, frame.bottom as i32 + 26), &style)?;
        canvas.present().map_err(|e| e.to_string())
    })();
    drawn.map_err(failed("forest"))?;
    let title = format!("{} {}: difference from {}", metric.task, metric.metric, analysis.baseline);
    let caption = format!(
        "Paired differences, question by question and seed by seed, with 95 % confidence intervals (not corrected; p-values in the table are). An interval that crosses the line at 0 shows no difference from {}. Controls are in the table only.",
        analysis.baseline
    );
    let svg = finish("forest", &title, &caption, &svg);
    Ok(Some(Picture { id: "forest", title, caption, svg }))
}

fn tick(value: f64, decimals: usize) -> String {
    let text = format!("{value:+.decimals$}").replace('-', "−");
    if text.contains(|c: char| ('1'..='9').contains(&c)) { text } else { "0".to_owned() }
}
