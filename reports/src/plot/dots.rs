//! Scores as dots with intervals: by group of questions, and pass@k against k.

use super::axis::{Frame, LABEL};
use super::scene::{Anchor, Ink, Point, Scene, short, text_width};
use super::{ArmStyle, Picture, WIDTH};
use crate::{Analysis, MetricAnalysis};

const HEIGHT: f64 = 320.0;

/// One dot: column, arm, value, interval.
struct Dot<'a> {
    column: usize,
    arm: &'a str,
    value: f64,
    interval: (f64, f64),
}

pub(super) fn by_group(analysis: &Analysis, styles: &[ArmStyle]) -> Option<Picture> {
    let metric = analysis.primary_metric()?;
    let mut labels: Vec<&str> = Vec::new();
    let mut dots = Vec::new();
    for score in &metric.groups {
        if !labels.contains(&score.group.as_str()) {
            labels.push(&score.group);
        }
        dots.push(Dot { column: labels.len() - 1, arm: &score.arm, value: score.value, interval: score.interval });
    }
    if labels.len() < 2 {
        return None;
    }
    let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    let scene = draw(metric, &labels, &dots, styles, Joined::No, ("group", &metric.metric));
    Some(Picture {
        id: "groups",
        title: format!("{} {} by group of questions", metric.task, metric.metric),
        caption: "Mean over seeds with 95 % confidence intervals, by the questions' group (difficulty).".to_owned(),
        scene,
        legend: styles.to_vec(),
    })
}

pub(super) fn pass_at_k(analysis: &Analysis, styles: &[ArmStyle]) -> Option<Picture> {
    let mut metrics: Vec<(u64, &MetricAnalysis)> = analysis
        .metrics
        .iter()
        .filter(|m| m.task == analysis.primary.0)
        .filter_map(|m| Some((m.metric.strip_prefix("pass@")?.parse().ok()?, m)))
        .collect();
    metrics.sort_by_key(|(k, _)| *k);
    if metrics.len() < 2 {
        return None;
    }
    let dots: Vec<Dot<'_>> = metrics
        .iter()
        .enumerate()
        .flat_map(|(column, (_, m))| {
            m.arms.iter().map(move |a| Dot { column, arm: &a.arm, value: a.value, interval: a.interval })
        })
        .collect();
    let labels: Vec<String> = metrics.iter().map(|(k, _)| format!("k = {k}")).collect();
    let scene = draw(metrics[0].1, &labels, &dots, styles, Joined::Yes, ("answers a question", "pass@k"));
    Some(Picture {
        id: "pass-at-k",
        title: format!("{} pass@k", analysis.primary.0),
        caption:
            "Share of questions that at least one of k answers solves, with 95 % confidence intervals. pass@1 may be \
                  of the greedy answer where the larger k are sampled."
                .to_owned(),
        scene,
        legend: styles.to_vec(),
    })
}

/// Whether an arm's dots are joined by a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    Yes,
    No,
}

fn draw(
    metric: &MetricAnalysis,
    labels: &[String],
    dots: &[Dot<'_>],
    styles: &[ArmStyle],
    joined: Joined,
    titles: (&str, &str),
) -> Scene {
    let scale = if metric.is_share { 100.0 } else { 1.0 };
    let highest = dots.iter().map(|d| d.interval.1.max(d.value) * scale).fold(0.0, f64::max);
    let top = if metric.is_share { (highest / 10.0).ceil().clamp(1.0, 10.0) * 10.0 } else { highest * 1.05 };
    let frame = Frame {
        left: 56.0,
        right: WIDTH - 10.0,
        top: 12.0,
        bottom: HEIGHT - 46.0,
        x: (0.0, labels.len() as f64),
        y: (0.0, top.max(1e-9)),
    };
    let slot = (0.8 / styles.len() as f64).min(0.14);
    let offset = |arm: &str| {
        let index = styles.iter().position(|s| s.arm == arm).unwrap_or(0) as f64;
        0.5 + (index - (styles.len() as f64 - 1.0) / 2.0) * slot
    };
    let mut scene = Scene::new(WIDTH, HEIGHT);
    frame.y_ticks(&mut scene, |v| if metric.is_share { format!("{v:.0}") } else { format!("{v}") });
    frame.base_line(&mut scene);
    // As many labels as have room, evenly.
    let room = (frame.right - frame.left) / labels.len() as f64;
    let widest = labels.iter().map(|l| text_width(&short(l, 14), LABEL)).fold(1.0, f64::max) + 6.0;
    let every = (widest / room).ceil().max(1.0) as usize;
    for (i, label) in labels.iter().enumerate().step_by(every) {
        let (column, bottom) = frame.at(i as f64 + 0.5, 0.0);
        scene.text((column, bottom + 6.0), short(label, 14), LABEL, Ink::Text, Anchor::Top);
    }
    let unit = if metric.is_share { format!("{} (%)", titles.1) } else { titles.1.to_owned() };
    frame.titles(&mut scene, titles.0, &unit);
    let radius = if slot * room < 9.0 { 3.0 } else { 5.0 };
    for style in styles {
        let ink = style.ink();
        let of_arm: Vec<&Dot<'_>> = dots.iter().filter(|d| d.arm == style.arm).collect();
        let at = |d: &Dot<'_>, y: f64| frame.at(d.column as f64 + offset(d.arm), y * scale);
        if joined == Joined::Yes {
            scene.line(of_arm.iter().map(|d| at(d, d.value)).collect::<Vec<Point>>(), ink, 1.0);
        }
        for dot in of_arm {
            scene.line([at(dot, dot.interval.0), at(dot, dot.interval.1)], ink, 2.0);
            scene.mark(at(dot, dot.value), style.marker(), radius, ink);
        }
    }
    scene
}
