//! A plain frame with ticks, drawn the same for every picture.

use super::{GRID, INK, centred, muted_text, text, upright};
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{PathElement, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), String>;

/// Size of tick labels and axis titles, in SVG units.
pub(super) const LABEL: u32 = 14;

/// Where data lie on the canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Frame {
    pub(super) fn at(&self, x: f64, y: f64) -> (i32, i32) {
        (self.column(x).round() as i32, self.row(y).round() as i32)
    }

    pub(super) fn column(&self, x: f64) -> f64 {
        self.left + (x - self.x.0) / (self.x.1 - self.x.0) * (self.right - self.left)
    }

    pub(super) fn row(&self, y: f64) -> f64 {
        self.bottom - (y - self.y.0) / (self.y.1 - self.y.0) * (self.bottom - self.top)
    }

    /// Horizontal grid lines with labels.
    pub(super) fn y_ticks(&self, canvas: &Canvas<'_>, label: impl Fn(f64) -> String) -> Drawn {
        let style = text(LABEL).pos(Pos::new(HPos::Right, VPos::Center));
        for tick in ticks(self.y, 5) {
            let (left, row) = self.at(self.x.0, tick);
            line(canvas, vec![(left, row), (self.right as i32, row)], &GRID, 1)?;
            put(canvas, label(tick), (left - 6, row), &style)?;
        }
        Ok(())
    }

    /// Vertical grid lines with labels under the frame.
    pub(super) fn x_ticks(&self, canvas: &Canvas<'_>, label: impl Fn(f64) -> String) -> Drawn {
        for tick in ticks(self.x, 5) {
            let (column, bottom) = self.at(tick, self.y.0);
            line(canvas, vec![(column, self.top as i32), (column, bottom)], &GRID, 1)?;
            put(canvas, label(tick), (column, bottom + 6), &centred(text(LABEL)))?;
        }
        Ok(())
    }

    pub(super) fn titles(&self, canvas: &Canvas<'_>, x: &str, y: &str) -> Drawn {
        let middle = ((self.left + self.right) / 2.0) as i32;
        put(canvas, x.to_owned(), (middle, self.bottom as i32 + 26), &centred(muted_text(LABEL)))?;
        put(canvas, y.to_owned(), (2, ((self.top + self.bottom) / 2.0) as i32), &upright(LABEL))
    }

    pub(super) fn base_line(&self, canvas: &Canvas<'_>) -> Drawn {
        let bottom = self.bottom as i32;
        line(canvas, vec![(self.left as i32, bottom), (self.right as i32, bottom)], &INK, 1)
    }
}

pub(super) fn line(
    canvas: &Canvas<'_>,
    points: Vec<(i32, i32)>,
    color: &plotters::style::RGBColor,
    width: u32,
) -> Drawn {
    use plotters::style::Color;
    canvas.draw(&PathElement::new(points, color.stroke_width(width))).map_err(|e| e.to_string())
}

pub(super) fn put(
    canvas: &Canvas<'_>,
    label: String,
    at: (i32, i32),
    style: &plotters::style::TextStyle<'static>,
) -> Drawn {
    canvas.draw(&Text::new(label, at, style.clone())).map_err(|e| e.to_string())
}

/// About `n` round numbers within the range (steps of 1, 2 or 5 times a power of ten).
pub(super) fn ticks((low, high): (f64, f64), n: usize) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low];
    }
    let raw = span / n as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= raw * 0.999).unwrap_or(10.0 * power);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// Decimals that tell ticks of a range apart.
pub(super) fn decimals((low, high): (f64, f64)) -> usize {
    let step = (high - low) / 5.0;
    if step > 0.0 && step.is_finite() { (-step.log10().floor()).clamp(0.0, 6.0) as usize } else { 1 }
}

/// Superscript digits for a power of ten.
pub(super) fn superscript(n: i32) -> String {
    n.to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            _ => char::from_u32(0x2070 + c as u32 - '0' as u32).unwrap_or(c),
        })
        .collect()
}
