//! A plain frame with ticks, the same for every picture.

use super::scene::{Anchor, Ink, Point, Scene};

/// Size of tick labels and axis titles.
pub(super) const LABEL: f64 = 16.0;

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
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        (self.column(x), self.row(y))
    }

    pub(super) fn column(&self, x: f64) -> f64 {
        self.left + (x - self.x.0) / (self.x.1 - self.x.0) * (self.right - self.left)
    }

    pub(super) fn row(&self, y: f64) -> f64 {
        self.bottom - (y - self.y.0) / (self.y.1 - self.y.0) * (self.bottom - self.top)
    }

    /// Horizontal grid lines with labels.
    pub(super) fn y_ticks(&self, scene: &mut Scene, label: impl Fn(f64) -> String) {
        for tick in ticks(self.y, 5) {
            let row = self.row(tick);
            scene.line([(self.left, row), (self.right, row)], Ink::Grid, 1.0);
            scene.text((self.left - 6.0, row), label(tick), LABEL, Ink::Text, Anchor::Right);
        }
    }

    /// Vertical grid lines with labels under the frame.
    pub(super) fn x_ticks(&self, scene: &mut Scene, n: usize, label: impl Fn(f64) -> String) {
        for tick in ticks(self.x, n) {
            let column = self.column(tick);
            scene.line([(column, self.top), (column, self.bottom)], Ink::Grid, 1.0);
            scene.text((column, self.bottom + 6.0), label(tick), LABEL, Ink::Text, Anchor::Top);
        }
    }

    pub(super) fn titles(&self, scene: &mut Scene, x: &str, y: &str) {
        let middle = (self.left + self.right) / 2.0;
        scene.text((middle, self.bottom + 27.0), x, LABEL, Ink::Muted, Anchor::Top);
        scene.text((2.0, (self.top + self.bottom) / 2.0), y, LABEL, Ink::Text, Anchor::Upright);
    }

    pub(super) fn base_line(&self, scene: &mut Scene) {
        scene.line([(self.left, self.bottom), (self.right, self.bottom)], Ink::Text, 1.0);
    }
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

/// The axis of a large quantity: the power of ten that its ticks are divided by, and its title.
pub(super) fn scaled(most: f64, unit: &str) -> (f64, String) {
    let power = if most >= 1e5 { most.log10().floor() as i32 } else { 0 };
    let title = if power == 0 { unit.to_owned() } else { format!("{unit} (×10{})", superscript(power)) };
    (10_f64.powi(power), title)
}

/// Superscript digits for a power of ten.
fn superscript(n: i32) -> String {
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
