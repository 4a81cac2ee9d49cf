//! What a picture consists of, before anything is drawn: shapes in drawing order, coloured by what they stand for.
//!
//! Every picture is such a list, so that the page, an SVG file and a PNG file show the same.

/// What a shape stands for; each way of drawing gives it a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Text, axes and the baseline arm.
    Text,
    /// Notes and control arms.
    Muted,
    /// Grid lines.
    Grid,
    /// An arm, by its place in the palette.
    Arm(u8),
}

/// Form of an arm's marks: with more arms than colours, colour and form tell them apart together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    Circle,
    Square,
    Diamond,
    Triangle,
}

impl Marker {
    pub(crate) const ALL: [Self; 4] = [Self::Circle, Self::Square, Self::Diamond, Self::Triangle];

    /// Corners about a centre; `None` for a circle.
    pub(crate) fn corners(self, (x, y): Point, radius: f64) -> Option<Vec<Point>> {
        let r = radius;
        Some(match self {
            Self::Circle => return None,
            Self::Square => vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
            Self::Diamond => {
                let r = r * 1.3;
                vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
            }
            Self::Triangle => {
                let r = r * 1.2;
                vec![(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)]
            }
        })
    }
}

/// Which part of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The middle of the left edge.
    Left,
    /// The middle of the right edge.
    Right,
    /// The middle of the upper edge.
    Top,
    /// The middle of the upper edge, read upwards.
    Upright,
}

/// Column and row, from the upper left corner.
pub(crate) type Point = (f64, f64);

/// One shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Line { points: Vec<Point>, ink: Ink, width: f64 },
    Band { corners: Vec<Point>, ink: Ink },
    Mark { at: Point, marker: Marker, radius: f64, ink: Ink },
    Text { at: Point, text: String, size: f64, ink: Ink, anchor: Anchor },
}

impl Shape {
    /// The same shape elsewhere.
    pub(crate) fn moved(&self, right: f64, down: f64) -> Self {
        let by = |(x, y): &Point| (x + right, y + down);
        let all = |points: &[Point]| points.iter().map(by).collect();
        let mut moved = self.clone();
        match &mut moved {
            Self::Line { points, .. } => *points = all(points),
            Self::Band { corners, .. } => *corners = all(corners),
            Self::Mark { at, .. } | Self::Text { at, .. } => *at = by(at),
        }
        moved
    }
}

/// Shapes in drawing order on a canvas of this size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) shapes: Vec<Shape>,
}

impl Scene {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub(crate) fn line(&mut self, points: impl Into<Vec<Point>>, ink: Ink, width: f64) {
        let points = points.into();
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, ink, width });
        }
    }

    pub(crate) fn band(&mut self, corners: impl Into<Vec<Point>>, ink: Ink) {
        self.shapes.push(Shape::Band { corners: corners.into(), ink });
    }

    pub(crate) fn mark(&mut self, at: Point, marker: Marker, radius: f64, ink: Ink) {
        self.shapes.push(Shape::Mark { at, marker, radius, ink });
    }

    pub(crate) fn text(&mut self, at: Point, text: impl Into<String>, size: f64, ink: Ink, anchor: Anchor) {
        self.shapes.push(Shape::Text { at, text: text.into(), size, ink, anchor });
    }
}

/// About how wide a text is; the widths of Roboto's letters average 0.52 of their size.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    0.54 * size * text.chars().count() as f64
}

/// Cut in the middle to so many letters.
pub(crate) fn short(name: &str, longest: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= longest {
        return name.to_owned();
    }
    let end = longest / 2;
    let start: String = letters[..longest - end - 1].iter().collect();
    let end: String = letters[letters.len() - end..].iter().collect();
    format!("{start}…{end}")
}
