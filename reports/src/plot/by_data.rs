//! phi-1's Figure 2.1 for a run whose arms differ in their data: its scores with intervals, and the published ones under them.

use super::axis::{Frame, LABEL};
use super::scene::{Anchor, Ink, Marker, Scene, short};
use super::{ArmStyle, Picture, WIDTH};
use crate::phi_1::FIGURE_2_1;
use crate::{Analysis, format};

const ROW: f64 = 30.0;
const NAMES: f64 = 205.0;
const NUMBERS: f64 = 112.0;
const LONGEST_NAME: usize = 28;

/// How the published models are drawn: marker, name.
const PUBLISHED: [(Marker, &str); 3] =
    [(Marker::Circle, "350 M, 26 B tokens"), (Marker::Square, "350 M, 76 B tokens"), (Marker::Diamond, "1.3 B")];

pub(super) fn by_data(analysis: &Analysis, styles: &[ArmStyle]) -> Option<Picture> {
    let metric = analysis.primary_metric().filter(|metric| metric.is_share && analysis.compares_data())?;
    let ours = metric.arms.len();
    // A heading over each half, and one line to tell the markers.
    let rows = 1 + ours + 1 + FIGURE_2_1.len() + 1;
    let height = 8.0 + ROW * rows as f64 + 48.0;
    let highest = metric.arms.iter().map(|arm| 100.0 * arm.interval.1).chain(FIGURE_2_1.map(|it| f64::from(it.1[2])));
    let top = (highest.fold(10.0, f64::max) / 10.0).ceil() * 10.0;
    let frame = Frame {
        left: NAMES,
        right: WIDTH - NUMBERS,
        top: 8.0,
        bottom: height - 48.0,
        x: (0.0, top.min(100.0)),
        y: (0.0, 1.0),
    };
    let mut scene = Scene::new(WIDTH, height);
    frame.x_ticks(&mut scene, 4, |v| format!("{v:.0}"));
    let row = |i: usize| frame.top + ROW * (i as f64 + 0.5);
    let heading = format!("This run: {} {}", metric.task, metric.metric);
    scene.text((0.0, row(0)), short(&heading, 48), LABEL, Ink::Muted, Anchor::Left);
    for (i, score) in metric.arms.iter().enumerate() {
        let y = row(1 + i);
        let style = styles.iter().find(|style| style.arm == score.arm).expect("every arm has a style");
        scene.text((0.0, y), short(&score.arm, LONGEST_NAME), LABEL, Ink::Text, Anchor::Left);
        let x = |value: f64| frame.column(100.0 * value);
        scene.line([(x(score.interval.0), y), (x(score.interval.1), y)], style.ink(), 3.0);
        scene.mark((x(score.value), y), style.marker(), 6.0, style.ink());
        let bare = |value| format::score_bare(value, true);
        let numbers = format!("{} ({}–{})", bare(score.value), bare(score.interval.0), bare(score.interval.1));
        scene.text((WIDTH - 2.0, y), numbers, 14.0, Ink::Muted, Anchor::Right);
    }
    let published = 1 + ours;
    scene.text((0.0, row(published)), "Published: phi-1, HumanEval pass@1", LABEL, Ink::Muted, Anchor::Left);
    for (i, (data, scores)) in FIGURE_2_1.iter().enumerate() {
        let y = row(published + 1 + i);
        scene.text((0.0, y), short(data, LONGEST_NAME), LABEL, Ink::Text, Anchor::Left);
        for (score, (marker, _)) in scores.iter().zip(PUBLISHED) {
            scene.mark((frame.column(f64::from(*score)), y), marker, 5.0, Ink::Muted);
        }
        scene.text((WIDTH - 2.0, y), scores.map(|it| it.to_string()).join(" · "), 14.0, Ink::Muted, Anchor::Right);
    }
    let y = row(rows - 1);
    for (i, (marker, name)) in PUBLISHED.into_iter().enumerate() {
        let x = 8.0 + 172.0 * i as f64;
        scene.mark((x, y), marker, 5.0, Ink::Muted);
        scene.text((x + 12.0, y), name, 14.0, Ink::Muted, Anchor::Left);
    }
    scene.text((WIDTH / 2.0, frame.bottom + 26.0), "per cent", LABEL, Ink::Muted, Anchor::Top);
    let caption = "Scores by training data with 95 % confidence intervals over seeds and questions, and phi-1's Figure 2.1 \
                   (arXiv 2306.11644), which gives no intervals. Models, data and tasks are of another scale: look at the \
                   direction of the steps, not at the heights."
        .to_owned();
    let title = "By training data, beside phi-1's Figure 2.1".to_owned();
    Some(Picture { id: "by-data", title, caption, scene, legend: Vec::new() })
}
