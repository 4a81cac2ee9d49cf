//! The report's pictures, as SVG that takes its colours from the page.
//!
//! plotters writes fixed colours. The pictures are drawn with place-holder colours instead, which [`finish`] turns into
//! `currentColor` and CSS variables, so that one picture serves light and dark pages; each variable carries a fallback
//! for an SVG that stands alone. Pictures are drawn 480 wide, so that their letters stay readable at 400 pixels.

mod axis;
mod curves;
mod dots;
mod forest;

use crate::{Analysis, ReportError, Result, Run};
use plotters::style::{FontTransform, IntoFont, RGBColor, TextStyle, text_anchor};

/// Drawn width, in SVG units.
pub(crate) const WIDTH: u32 = 480;

/// Colour-blind-safe colours (Okabe and Ito 2008) in light and in dark mode; the baseline takes the text's colour.
pub(crate) const PALETTE: [(&str, &str); 7] = [
    ("#0072B2", "#56B4E9"),
    ("#D55E00", "#FF8A3D"),
    ("#009E73", "#2FCB9E"),
    ("#CC79A7", "#E5A3C8"),
    ("#B87700", "#F0B429"),
    ("#3D9BCB", "#9AD7F5"),
    ("#8A8000", "#F0E442"),
];

const INK: RGBColor = RGBColor(1, 2, 3);
const GRID: RGBColor = RGBColor(1, 2, 4);
const MUTED: RGBColor = RGBColor(1, 2, 5);

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) caption: String,
    pub(crate) svg: String,
}

/// How an arm is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArmStyle {
    pub(crate) arm: String,
    /// CSS value.
    pub(crate) css: String,
    is_baseline: bool,
    is_control: bool,
    index: usize,
}

impl ArmStyle {
    /// The place-holder that plotters draws.
    fn color(&self) -> RGBColor {
        match (self.is_baseline, self.is_control) {
            (true, _) => INK,
            (_, true) => MUTED,
            _ => RGBColor(9, 9, (self.index % PALETTE.len()) as u8),
        }
    }
}

/// Styles of all arms, in the run's order.
pub(crate) fn styles(analysis: &Analysis) -> Vec<ArmStyle> {
    let mut index = 0;
    analysis
        .arms
        .iter()
        .map(|arm| {
            let style = ArmStyle {
                arm: arm.arm.clone(),
                css: match (arm.is_baseline, arm.is_control) {
                    (true, _) => "currentColor".to_owned(),
                    (_, true) => "var(--muted)".to_owned(),
                    _ => format!("var(--arm-{})", index % PALETTE.len()),
                },
                is_baseline: arm.is_baseline,
                is_control: arm.is_control,
                index,
            };
            index += usize::from(!arm.is_baseline && !arm.is_control);
            style
        })
        .collect()
}

/// All pictures that the run has data for, in reading order.
pub(crate) fn pictures(run: &Run, analysis: &Analysis) -> Result<Vec<Picture>> {
    let styles = styles(analysis);
    let all = [
        forest::forest(analysis, &styles),
        curves::loss_against_flops(run, &styles),
        curves::loss_against_steps(run, &styles),
        dots::by_group(analysis, &styles),
        dots::pass_at_k(analysis, &styles),
    ];
    all.into_iter().filter_map(Result::transpose).collect()
}

fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

fn muted_text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&MUTED)
}

fn centred(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(text_anchor::Pos::new(text_anchor::HPos::Center, text_anchor::VPos::Top))
}

fn upright(size: u32) -> TextStyle<'static> {
    ("sans-serif", size)
        .into_font()
        .transform(FontTransform::Rotate270)
        .color(&INK)
        .pos(text_anchor::Pos::new(text_anchor::HPos::Center, text_anchor::VPos::Top))
}

/// Turns plotters' SVG into one that scales, that takes the page's colours, and that a screen reader can name.
fn finish(id: &str, title: &str, description: &str, svg: &str) -> String {
    let body = svg.split_once('>').map_or("", |(_, rest)| rest);
    let height =
        svg.split_once("height=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("320", |(height, _)| height);
    let mut body = body
        .replace("\"#010203\"", "\"currentColor\"")
        .replace("\"#010204\"", "\"var(--grid, #cccccc)\"")
        .replace("\"#010205\"", "\"var(--muted, #666666)\"")
        .replace("font-family=\"sans-serif\"", "font-family=\"inherit\"");
    for (i, (light, _)) in PALETTE.iter().enumerate() {
        body = body.replace(&format!("\"#09090{i:X}\""), &format!("\"var(--arm-{i}, {light})\""));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\" font-family=\"system-ui, sans-serif\">\n<title id=\"{id}-title\">{}</title>\
         <desc id=\"{id}-desc\">{}</desc>{body}",
        escape(title),
        escape(description)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn failed(plot: &'static str) -> impl Fn(String) -> ReportError {
    ReportError::plot(plot)
}
