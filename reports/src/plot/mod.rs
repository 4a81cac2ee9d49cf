//! The report's pictures. Each is a scene of shapes, which [`render`] draws for the page, as SVG or as PNG.
//!
//! Pictures are drawn 480 wide, so that their letters stay readable at 400 pixels.

mod axis;
mod by_data;
mod curves;
mod dots;
mod forest;
mod render;
mod scene;

use crate::{Analysis, ReportError, Result, Run};
pub(crate) use scene::short;
use scene::{Anchor, Ink, Marker, Scene, text_width};

/// Drawn width.
const WIDTH: f64 = 480.0;

/// Colour-blind-safe colours (after Okabe and Ito 2008) in light and in dark mode; the baseline takes the text's colour.
/// Their third to fifth are darkened for white paper, where theirs have too little contrast.
pub(crate) const PALETTE: [(&str, &str); 7] = [
    ("#0072B2", "#56B4E9"),
    ("#D55E00", "#FF8A3D"),
    ("#009E73", "#2FCB9E"),
    ("#CC79A7", "#E5A3C8"),
    ("#B87700", "#F0B429"),
    ("#3D9BCB", "#9AD7F5"),
    ("#8A8000", "#F0E442"),
];

/// One picture of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    id: &'static str,
    title: String,
    caption: String,
    scene: Scene,
    /// Arms that a picture which stands alone must name; empty where the picture names them.
    legend: Vec<ArmStyle>,
}

impl Picture {
    /// Short name, fit for a file (`by-data`, `forest`, `loss-flops`, `loss-steps`, `score-tokens`, `groups`, `pass-at-k`).
    pub fn id(&self) -> &str {
        self.id
    }

    /// Title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is seen, and how it was made.
    pub fn caption(&self) -> &str {
        &self.caption
    }

    /// An SVG file: light, on white, with a legend.
    ///
    /// # Errors
    /// [`ReportError::Plot`], which no run should bring about.
    pub fn svg(&self) -> Result<String> {
        render::svg_file(&self.with_legend(), &self.title, &self.caption).map_err(self.failed())
    }

    /// A PNG file: light, on white, with a legend, 1440 pixels wide.
    ///
    /// # Errors
    /// [`ReportError::Plot`], which no run should bring about.
    pub fn png(&self) -> Result<Vec<u8>> {
        render::png_file(&self.with_legend()).map_err(self.failed())
    }

    /// SVG that takes its colours from the page, which has the legend.
    pub(crate) fn for_page(&self) -> Result<String> {
        render::page_svg(&self.scene, self.id, &self.title, &self.caption).map_err(self.failed())
    }

    fn failed(&self) -> impl Fn(String) -> ReportError {
        ReportError::plot(self.id)
    }

    /// The scene with a margin, its title over it and the arms' names under it.
    fn with_legend(&self) -> Scene {
        const MARGIN: f64 = 12.0;
        const TITLE: f64 = 30.0;
        const LINE: f64 = 22.0;
        let mut scene = Scene::new(self.scene.width + 2.0 * MARGIN, 0.0);
        let title = scene::short(&self.title, 58);
        scene.text((MARGIN, MARGIN + 8.0), title, 16.0, Ink::Text, Anchor::Left);
        scene.shapes.extend(self.scene.shapes.iter().map(|shape| shape.moved(MARGIN, TITLE)));
        let (mut x, mut y) = (MARGIN, TITLE + self.scene.height + 8.0);
        for style in &self.legend {
            let name = scene::short(&style.arm, 30);
            let width = 18.0 + text_width(&name, 13.0) + 12.0;
            if x > MARGIN && x + width > scene.width {
                (x, y) = (MARGIN, y + LINE);
            }
            scene.mark((x + 6.0, y), style.marker(), 5.0, style.ink());
            scene.text((x + 18.0, y), name, 13.0, Ink::Text, Anchor::Left);
            x += width;
        }
        scene.height = y + if self.legend.is_empty() { 0.0 } else { MARGIN };
        scene
    }
}

/// How an arm is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArmStyle {
    pub(crate) arm: String,
    is_baseline: bool,
    is_control: bool,
    /// Among the arms that are neither.
    index: usize,
}

impl ArmStyle {
    fn ink(&self) -> Ink {
        match (self.is_baseline, self.is_control) {
            (true, _) => Ink::Text,
            (_, true) => Ink::Muted,
            _ => Ink::Arm((self.index % PALETTE.len()) as u8),
        }
    }

    fn marker(&self) -> Marker {
        Marker::ALL[self.index / PALETTE.len() % Marker::ALL.len()]
    }

    /// The colour as CSS.
    pub(crate) fn css(&self) -> String {
        match self.ink() {
            Ink::Text => "currentColor".to_owned(),
            Ink::Muted | Ink::Grid => "var(--muted)".to_owned(),
            Ink::Arm(i) => format!("var(--arm-{i})"),
        }
    }

    /// The form of its marks, as a CSS class.
    pub(crate) fn form(&self) -> &'static str {
        match self.marker() {
            Marker::Circle => "circle",
            Marker::Square => "square",
            Marker::Diamond => "diamond",
            Marker::Triangle => "triangle",
        }
    }
}

/// Styles of all arms, in the run's order.
pub(crate) fn styles(analysis: &Analysis) -> Vec<ArmStyle> {
    let mut others = 0;
    let style = |arm: &crate::ArmAnalysis| {
        let is_plain = !arm.is_baseline && !arm.is_control;
        let index = if is_plain { others } else { 0 };
        others += usize::from(is_plain);
        ArmStyle { arm: arm.arm.clone(), is_baseline: arm.is_baseline, is_control: arm.is_control, index }
    };
    analysis.arms.iter().map(style).collect()
}

/// All pictures that the run has data for, in reading order.
pub fn pictures(run: &Run, analysis: &Analysis) -> Vec<Picture> {
    let styles = styles(analysis);
    let all = [
        by_data::by_data(analysis, &styles),
        forest::forest(analysis, &styles),
        curves::loss_against_flops(run, &styles),
        curves::loss_against_steps(run, &styles),
        curves::score_against_tokens(run, analysis, &styles),
        dots::by_group(analysis, &styles),
        dots::pass_at_k(analysis, &styles),
    ];
    all.into_iter().flatten().collect()
}
