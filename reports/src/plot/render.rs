//! Draws a [`Scene`] by plotters: for the page, as an SVG file, and as a PNG file.
//!
//! plotters writes fixed colours. For the page, place-holder colours become `currentColor` and CSS variables, so that one
//! picture serves light and dark pages.

use super::PALETTE;
use super::scene::{Anchor, Ink, Scene, Shape};
use plotters::backend::{BitMapBackend, DrawingBackend, RGBPixel, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, TextStyle, WHITE, register_font};
use std::sync::Once;

/// Pixels of a PNG for one unit of the scene.
const PNG_SCALE: usize = 3;
/// Each pixel of a PNG is the mean of so many drawn ones, each way: plotters doesn't smooth all edges.
const SUPERSAMPLING: usize = 2;
const FONT: &str = "Roboto";

/// How far down a PNG's text goes to stand in the middle of its line, as a share of its size: plotters centres the font's
/// whole height, descenders included.
const PNG_TEXT_SHIFT: f64 = 0.12;

type Drawn<T> = Result<T, String>;

/// SVG that takes its colours from the page, and that a screen reader can name.
pub(super) fn page_svg(scene: &Scene, id: &str, title: &str, description: &str) -> Drawn<String> {
    let mut body = svg_body(scene, |ink| match ink {
        Ink::Text => RGBColor(1, 2, 3),
        Ink::Grid => RGBColor(1, 2, 4),
        Ink::Muted => RGBColor(1, 2, 5),
        Ink::Arm(i) => RGBColor(9, 9, i),
    })?
    .replace("\"#010203\"", "\"currentColor\"")
    .replace("\"#010204\"", "\"var(--grid)\"")
    .replace("\"#010205\"", "\"var(--muted)\"")
    .replace(&format!("font-family=\"{FONT}\""), "font-family=\"inherit\"");
    for i in 0..PALETTE.len() {
        body = body.replace(&format!("\"#09090{i:X}\""), &format!("\"var(--arm-{i})\""));
    }
    let (title, description) = (escape(title), escape(description));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title \
         {id}-desc\">\n<title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc>{body}",
        scene.width, scene.height
    ))
}

/// SVG that stands alone: light, on white.
pub(super) fn svg_file(scene: &Scene, title: &str, description: &str) -> Drawn<String> {
    let (width, height) = (scene.width, scene.height);
    let body = svg_body(scene, light)?
        .replace(&format!("font-family=\"{FONT}\""), "font-family=\"Roboto, system-ui, sans-serif\"");
    let (title, description) = (escape(title), escape(description));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>{title}</title><desc>{description}</desc>\n<rect width=\"100%\" height=\"100%\" \
         fill=\"#ffffff\"/>{body}"
    ))
}

/// PNG: light, on white, three pixels a unit.
pub(super) fn png_file(scene: &Scene) -> Drawn<Vec<u8>> {
    let scale = PNG_SCALE * SUPERSAMPLING;
    let (width, height) = (scene.width.ceil() as usize * PNG_SCALE, scene.height.ceil() as usize * PNG_SCALE);
    let (drawn_width, drawn_height) = (width * SUPERSAMPLING, height * SUPERSAMPLING);
    let mut pixels = vec![0; drawn_width * drawn_height * 3];
    {
        let size = (drawn_width as u32, drawn_height as u32);
        let backend =
            BitMapBackend::<RGBPixel>::with_buffer_and_format(&mut pixels, size).map_err(|e| e.to_string())?;
        let area = backend.into_drawing_area();
        area.fill(&WHITE).map_err(|e| e.to_string())?;
        draw(scene, &area, scale as f64, PNG_TEXT_SHIFT, light)?;
        area.present().map_err(|e| e.to_string())?;
    }
    let smooth = shrink(&pixels, width, height);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|e| e.to_string())?;
    writer.write_image_data(&smooth).map_err(|e| e.to_string())?;
    writer.finish().map_err(|e| e.to_string())?;
    Ok(file)
}

/// The mean of each square of drawn pixels.
fn shrink(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let row = width * SUPERSAMPLING * 3;
    let mut out = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let square = (0..SUPERSAMPLING).flat_map(|i| (0..SUPERSAMPLING).map(move |j| (i, j)));
                let sum: usize = square
                    .map(|(i, j)| {
                        let at = (y * SUPERSAMPLING + i) * row + (x * SUPERSAMPLING + j) * 3 + channel;
                        usize::from(pixels[at])
                    })
                    .sum();
                out.push((sum / (SUPERSAMPLING * SUPERSAMPLING)) as u8);
            }
        }
    }
    out
}

/// Colours on white.
fn light(ink: Ink) -> RGBColor {
    match ink {
        Ink::Text => RGBColor(0x1b, 0x1d, 0x21),
        Ink::Muted => RGBColor(0x5d, 0x63, 0x6e),
        Ink::Grid => RGBColor(0xdc, 0xdf, 0xe4),
        Ink::Arm(i) => {
            let (light, _) = PALETTE[usize::from(i) % PALETTE.len()];
            let channel = |at: usize| u8::from_str_radix(&light[at..at + 2], 16).expect("the palette is in hex");
            RGBColor(channel(1), channel(3), channel(5))
        }
    }
}

/// The elements within the `<svg>` element, its end tag included.
fn svg_body(scene: &Scene, color: fn(Ink) -> RGBColor) -> Drawn<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (scene.width as u32, scene.height as u32)).into_drawing_area();
        draw(scene, &area, 1.0, 0.0, color)?;
        area.present().map_err(|e| e.to_string())?;
    }
    Ok(svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(_, rest)| rest).to_owned())
}

fn draw<DB: DrawingBackend>(
    scene: &Scene,
    area: &DrawingArea<DB, Shift>,
    scale: f64,
    text_shift: f64,
    color: fn(Ink) -> RGBColor,
) -> Drawn<()> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let known = register_font(FONT, FontStyle::Normal, include_bytes!("../../assets/Roboto-Regular.subset.ttf"));
        assert!(known.is_ok(), "the font that the crate carries is whole");
    });
    let at = |(x, y): (f64, f64)| ((x * scale).round() as i32, (y * scale).round() as i32);
    let all = |points: &[(f64, f64)]| -> Vec<(i32, i32)> { points.iter().map(|p| at(*p)).collect() };
    for shape in &scene.shapes {
        let drawn = match shape {
            Shape::Line { points, ink, width } => {
                let stroke = color(*ink).stroke_width((width * scale).round().max(1.0) as u32);
                area.draw(&PathElement::new(all(points), stroke))
            }
            Shape::Band { corners, ink } => area.draw(&Polygon::new(all(corners), color(*ink).mix(0.18).filled())),
            Shape::Mark { at: centre, marker, radius, ink } => match marker.corners(*centre, *radius) {
                None => area.draw(&Circle::new(at(*centre), (radius * scale).round() as i32, color(*ink).filled())),
                Some(corners) => area.draw(&Polygon::new(all(&corners), color(*ink).filled())),
            },
            Shape::Text { at: (x, y), text, size, ink, anchor } => {
                let down = if matches!(anchor, Anchor::Left | Anchor::Right) { text_shift * size } else { 0.0 };
                let style = text_style(size * scale, color(*ink), *anchor);
                area.draw(&Text::new(text.clone(), at((*x, y + down)), style))
            }
        };
        drawn.map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn text_style(size: f64, color: RGBColor, anchor: Anchor) -> TextStyle<'static> {
    let font = (FONT, size).into_font();
    let (font, pos) = match anchor {
        Anchor::Left => (font, Pos::new(HPos::Left, VPos::Center)),
        Anchor::Right => (font, Pos::new(HPos::Right, VPos::Center)),
        Anchor::Top => (font, Pos::new(HPos::Center, VPos::Top)),
        Anchor::Upright => (font.transform(FontTransform::Rotate270), Pos::new(HPos::Center, VPos::Top)),
    };
    font.color(&color).pos(pos)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
