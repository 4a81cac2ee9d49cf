//! Scores as dots with intervals: by group of questions, and pass@k against k.

use super::axis::{Frame, LABEL, line, put};
use super::{ArmStyle, INK, Picture, WIDTH, centred, failed, finish, text};
use crate::{Analysis, MetricAnalysis, Result};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::Circle;
use plotters::style::Color;

const HEIGHT: u32 = 320;

/// One dot: column, arm, value, interval.
struct Dot<'a> {
    column: usize,
    arm: &'a str,
    value: f64,
    interval: (f64, f64),
}

pub(super) fn by_group(analysis: &Analysis, styles: &[ArmStyle]) -> Result<Option<Picture>> {
    let Some(metric) = analysis.primary_metric() else { return Ok(None) };
    let mut labels: Vec<&str> = Vec::new();
    let mut dots = Vec::new();
    for score in &metric.groups {
        if !labels.contains(&score.group.as_str()) {
            labels.push(&score.group);
        }
        dots.push(Dot { column: labels.len() - 1, arm: &score.arm, value: score.value, interval: score.interval });
    }
    if labels.len() < 2 {
        return Ok(None);
    }
    let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    draw(
        "groups",
        format!("{} {} by group of questions", metric.task, metric.metric),
        "Mean over seeds with 95 % confidence intervals, by the questions' group (difficulty).".to_owned(),
        ("group", &metric.metric),
        metric,
        &labels,
        &dots,
        styles,
        Joined::No,
    )
    .map(Some)
}

pub(super) fn pass_at_k(analysis: &Analysis, styles: &[ArmStyle]) -> Result<Option<Picture>> {
    let mut metrics: Vec<(u64, &MetricAnalysis)> = analysis
        .metrics
        .iter()
        .filter(|m| m.task == analysis.primary.0)
        .filter_map(|m| Some((m.metric.strip_prefix("pass@")?.parse().ok()?, m)))
        .collect();
    metrics.sort_by_key(|(k, _)| *k);
    if metrics.len() < 2 {
        return Ok(None);
    }
    let dots: Vec<Dot<'_>> = metrics
        .iter()
        .enumerate()
        .flat_map(|(column, (_, m))| {
            m.arms.iter().map(move |a| Dot { column, arm: &a.arm, value: a.value, interval: a.interval })
        })
        .collect();
    let labels: Vec<String> = metrics.iter().map(|(k, _)| format!("k = {k}")).collect();
    draw(
        "pass-at-k",
        format!("{} pass@k", analysis.primary.0),
        "Share of questions that at least one of k answers solves, with 95 % confidence intervals. pass@1 may be of the greedy answer where the larger k are sampled.".to_owned(),
        ("answers a question", "pass@k"),
        metrics[0].1,
        &labels,
        &dots,
        styles,
        Joined::Yes,
    )
    .map(Some)
}

/// Whether an arm's dots are joined by a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    Yes,
    No,
}

#[expect(clippy::too_many_arguments, reason = "one picture's parts, said once by each of two callers above")]
fn draw(
    id: &'static str,
    title: String,
    caption: String,
    titles: (&str, &str),
    metric: &MetricAnalysis,
    labels: &[String],
    dots: &[Dot<'_>],
    styles: &[ArmStyle],
    joined: Joined,
) -> Result<Picture> {
    let scale = if metric.is_share { 100.0 } else { 1.0 };
    let highest = dots.iter().map(|d| d.interval.1.max(d.value) * scale).fold(0.0, f64::max);
    let top = if metric.is_share { (highest / 10.0).ceil().clamp(1.0, 10.0) * 10.0 } else { highest * 1.05 };
    let frame = Frame {
        left: 56.0,
        right: f64::from(WIDTH) - 10.0,
        top: 12.0,
        bottom: f64::from(HEIGHT) - 46.0,
        x: (0.0, labels.len() as f64),
        y: (0.0, top.max(1e-9)),
    };
    let slot = (0.8 / styles.len() as f64).min(0.14);
    let offset = |arm: &str| {
        let index = styles.iter().position(|s| s.arm == arm).unwrap_or(0) as f64;
        0.5 + (index - (styles.len() as f64 - 1.0) / 2.0) * slot
    };
    let mut svg = String::new();
    let drawn = (|| -> Result<(), String> {
        let canvas = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        frame.y_ticks(&canvas, |v| if metric.is_share { format!("{v:.0}") } else { format!("{v}") })?;
        frame.base_line(&canvas)?;
        for (i, label) in labels.iter().enumerate() {
            let (column, bottom) = frame.at(i as f64 + 0.5, 0.0);
            put(&canvas, label.clone(), (column, bottom + 6), &centred(text(LABEL)))?;
        }
        let unit = if metric.is_share { format!("{} (%)", titles.1) } else { titles.1.to_owned() };
        frame.titles(&canvas, titles.0, &unit)?;
        for style in styles {
            let color = style.color();
            let of_arm: Vec<&Dot<'_>> = dots.iter().filter(|d| d.arm == style.arm).collect();
            let at = |d: &Dot<'_>, y: f64| frame.at(d.column as f64 + offset(d.arm), y * scale);
            if joined == Joined::Yes {
                line(&canvas, of_arm.iter().map(|d| at(d, d.value)).collect(), &color, 1)?;
            }
            for dot in of_arm {
                line(&canvas, vec![at(dot, dot.interval.0), at(dot, dot.interval.1)], &color, 2)?;
                canvas.draw(&Circle::new(at(dot, dot.value), 5, color.filled())).map_err(|e| e.to_string())?;
            }
        }
        line(&canvas, vec![frame.at(0.0, 0.0), frame.at(frame.x.1, 0.0)], &INK, 1)?;
        canvas.present().map_err(|e| e.to_string())
    })();
    drawn.map_err(failed(id))?;
    let svg = finish(id, &title, &caption, &svg);
    Ok(Picture { id, title, caption, svg })
}
