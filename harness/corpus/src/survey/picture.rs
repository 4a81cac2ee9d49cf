//! Bars as SVG.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, IntoTextStyle, RGBColor};

const WIDTH: i32 = 480;
const HEIGHT: i32 = 240;
const LEFT: i32 = 12;
const TOP: i32 = 40;
const BOTTOM: i32 = 190;
const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);

/// A bar for each name, with its count above it. The empty string if the picture can't be drawn, which no input brings
/// about.
pub fn bars(title: &str, axis: &str, counts: &[(String, u64)]) -> String {
    let mut svg = String::new();
    let drawn = draw(&mut svg, title, axis, counts);
    if drawn.is_ok() { svg } else { String::new() }
}

fn draw(svg: &mut String, title: &str, axis: &str, counts: &[(String, u64)]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, (WIDTH as u32, HEIGHT as u32)).into_drawing_area();
    let write = |text: String, at: (i32, i32), size: f64, anchor: HPos| {
        let style = ("sans-serif", size).into_font().into_text_style(&root).pos(Pos::new(anchor, VPos::Bottom));
        root.draw(&Text::new(text, at, style.color(&INK)))
    };
    write(title.to_owned(), (LEFT, 22), 15.0, HPos::Left)?;
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let step = (WIDTH - 2 * LEFT) / counts.len().max(1) as i32;
    for (i, (name, count)) in counts.iter().enumerate() {
        let left = LEFT + i as i32 * step;
        let top = BOTTOM - (f64::from(BOTTOM - TOP) * *count as f64 / most as f64).round() as i32;
        root.draw(&Rectangle::new([(left + 1, top), (left + step - 1, BOTTOM)], BLUE.filled()))?;
        let size = if step < 28 { 7.0 } else { 9.0 };
        write(count.to_string(), (left + step / 2, top - 1), size, HPos::Center)?;
        write(name.clone(), (left + step / 2, BOTTOM + 14), size, HPos::Center)?;
    }
    write(axis.to_owned(), (WIDTH / 2, BOTTOM + 34), 11.0, HPos::Center)?;
    root.present()?;
    Ok(())
}
