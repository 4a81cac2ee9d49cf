//! Curves of training: a line for the mean over seeds, a band from the lowest to the highest seed.

use super::axis::{Frame, LABEL, decimals, scaled};
use super::scene::{Anchor, Ink, Point, Scene};
use super::{ArmStyle, Picture, WIDTH};
use crate::analysis::{is_share, mean};
use crate::{Analysis, ArmRun, Phase, Run};
use std::collections::BTreeMap;

const HEIGHT: f64 = 330.0;

/// One place of a curve: where, and the lowest, mean and highest value over the seeds.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: f64,
    low: f64,
    mean: f64,
    high: f64,
}

/// One measurement of one seed: its place in the order of training, x and y.
type Measurement = ((Phase, u64), f64, f64);

/// An arm's curve.
struct Curve<'a> {
    style: &'a ArmStyle,
    places: Vec<Place>,
}

pub(super) fn loss_against_flops(run: &Run, styles: &[ArmStyle]) -> Option<Picture> {
    let curves = curves(run, styles, |arm| losses(arm, |point| point.flops));
    draw_losses(run, curves, "FLOPs", Words {
        id: "loss-flops",
        title: "Pretraining loss against compute".to_owned(),
        caption: "Validation loss against FLOPs, inherited ones included: a grown arm starts at the FLOPs that its small \
                  model had already cost. Line: mean over seeds; band: lowest to highest seed."
            .to_owned(),
    })
}

pub(super) fn loss_against_steps(run: &Run, styles: &[ArmStyle]) -> Option<Picture> {
    let curves = curves(run, styles, |arm| losses(arm, |point| point.step as f64));
    draw_losses(
        run,
        curves,
        "steps",
        Words {
            id: "loss-steps",
            title: "Pretraining loss against steps".to_owned(),
            caption: "The same against each arm's own optimiser steps, the small model's not counted.".to_owned(),
        },
    )
}

/// The primary score during training, against tokens.
pub(super) fn score_against_tokens(run: &Run, analysis: &Analysis, styles: &[ArmStyle]) -> Option<Picture> {
    let (task, metric) = &analysis.primary;
    let points = || run.arms.iter().flat_map(|a| &a.score_curve).filter(|p| p.task == *task && p.metric == *metric);
    let shares = points().all(|p| is_share(metric, p.value));
    let scale = if shares { 100.0 } else { 1.0 };
    let curves = curves(run, styles, |arm| {
        let of_metric = arm.score_curve.iter().filter(|p| p.task == *task && p.metric == *metric);
        of_metric.map(|p| ((p.phase, p.step), p.tokens as f64, p.value * scale)).collect()
    });
    if curves.iter().all(|c| c.places.len() < 2) {
        return None;
    }
    let all = || curves.iter().flat_map(|c| &c.places);
    let most = all().map(|p| p.high).fold(0.0, f64::max);
    let top = if shares { (most / 10.0).ceil().clamp(1.0, 10.0) * 10.0 } else { most.max(1e-9) * 1.05 };
    let unit = if shares { format!("{metric} (%)") } else { metric.clone() };
    let scene = draw(&curves, (0.0, top), "tokens", &unit, None);
    Some(Picture {
        id: "score-tokens",
        title: format!("{task} {metric} against tokens"),
        caption: "Score of the model in training against the tokens that it had been trained on, the small model's not \
                  counted. Line: mean over seeds; band: lowest to highest seed, not a confidence interval. These scores \
                  are of fewer questions where the recipe says so."
            .to_owned(),
        scene,
        legend: legend(&curves),
    })
}

/// What a picture is called.
struct Words {
    id: &'static str,
    title: String,
    caption: String,
}

fn draw_losses(run: &Run, curves: Vec<Curve<'_>>, unit: &str, words: Words) -> Option<Picture> {
    if curves.iter().all(|c| c.places.len() < 2) {
        return None;
    }
    let all = || curves.iter().flat_map(|c| &c.places);
    let lowest = all().map(|p| p.low).fold(f64::INFINITY, f64::min);
    let (ceiling, is_cut) = ceiling(all().map(|p| p.mean).collect(), lowest);
    let pad = (ceiling - lowest).max(1e-6) * 0.05;
    let start = inherited(run).filter(|_| unit == "FLOPs");
    let scene = draw(&curves, (lowest - pad, ceiling + pad), unit, "validation loss (nats a token)", start);
    let cut = if is_cut { " Losses above the frame are cut off." } else { "" };
    let caption = format!("{}{cut}", words.caption);
    Some(Picture { id: words.id, title: words.title, caption, scene, legend: legend(&curves) })
}

/// The curves in a frame; `start` is where the grown arms begin.
fn draw(curves: &[Curve<'_>], y: (f64, f64), x_unit: &str, y_title: &str, start: Option<f64>) -> Scene {
    let most = curves.iter().flat_map(|c| &c.places).map(|p| p.x).fold(0.0, f64::max).max(1e-9);
    let least = curves.iter().flat_map(|c| &c.places).map(|p| p.x).fold(f64::INFINITY, f64::min);
    // From 0, unless most of the frame would be empty.
    let from = if least > 0.4 * most { least } else { 0.0 };
    let (scale, x_title) = scaled(most, x_unit);
    let frame =
        Frame { left: 62.0, right: WIDTH - 14.0, top: 10.0, bottom: HEIGHT - 46.0, x: (from / scale, most / scale), y };
    let mut scene = Scene::new(WIDTH, HEIGHT);
    frame.y_ticks(&mut scene, |v| format!("{v:.*}", decimals(frame.y)));
    frame.x_ticks(&mut scene, 5, |v| format!("{v:.*}", if frame.x.1 < 10.0 { 1 } else { 0 }));
    frame.base_line(&mut scene);
    frame.titles(&mut scene, &x_title, y_title);
    if let Some(start) = start {
        let column = frame.column(start / scale);
        scene.line([(column, frame.top), (column, frame.bottom)], Ink::Muted, 1.0);
        let note = (column + 5.0, frame.bottom - 12.0);
        scene.text(note, "grown arms start", LABEL, Ink::Muted, Anchor::Left);
    }
    for curve in curves {
        let places: Vec<Place> = curve.places.iter().map(|p| Place { x: p.x / scale, ..*p }).collect();
        draw_curve(&mut scene, &frame, curve.style, &places);
    }
    scene
}

fn draw_curve(scene: &mut Scene, frame: &Frame, style: &ArmStyle, places: &[Place]) {
    let ink = style.ink();
    let top = frame.y.1;
    // One polygon for each stretch under the top, along the upper edge and back along the lower one.
    for stretch in places.split(|p| p.high > top) {
        if stretch.len() > 1 && stretch.iter().any(|p| p.high > p.low) {
            let upper = stretch.iter().map(|p| frame.at(p.x, p.high));
            let lower = stretch.iter().rev().map(|p| frame.at(p.x, p.low));
            scene.band(upper.chain(lower).collect::<Vec<Point>>(), ink);
        }
    }
    let mut line: Vec<Point> = Vec::new();
    for (i, place) in places.iter().enumerate() {
        if i > 0 && (places[i - 1].mean > top) != (place.mean > top) {
            let before = places[i - 1];
            let share = (before.mean - top) / (before.mean - place.mean);
            line.push(frame.at(before.x + share * (place.x - before.x), top));
        }
        if place.mean <= top {
            line.push(frame.at(place.x, place.mean));
        } else if !line.is_empty() {
            scene.line(std::mem::take(&mut line), ink, 2.0);
        }
    }
    scene.line(line, ink, 2.0);
    for place in [places.first(), places.last()].into_iter().flatten().filter(|p| p.mean <= top) {
        scene.mark(frame.at(place.x, place.mean), style.marker(), 4.0, ink);
    }
}

fn legend(curves: &[Curve<'_>]) -> Vec<ArmStyle> {
    curves.iter().map(|c| c.style.clone()).collect()
}

/// FLOPs that the grown arms begin with, on average; `None` if none grew.
fn inherited(run: &Run) -> Option<f64> {
    mean(run.arms.iter().map(|a| a.inherited_flops).filter(|flops| *flops > 0.0))
}

/// Each arm's curve, the arms over the baseline over the controls where they cover each other.
fn curves<'a>(run: &Run, styles: &'a [ArmStyle], measure: impl Fn(&ArmRun) -> Vec<Measurement>) -> Vec<Curve<'a>> {
    let of_arm = |style: &'a ArmStyle| {
        let seeds = run.arms.iter().filter(|a| a.arm == style.arm);
        Curve { style, places: over_seeds(seeds.flat_map(&measure)) }
    };
    let mut curves: Vec<Curve<'a>> = styles.iter().map(of_arm).filter(|c| !c.places.is_empty()).collect();
    curves.sort_by_key(|c| (!c.style.is_control, !c.style.is_baseline));
    curves
}

/// Validation losses of pretraining.
fn losses(arm: &ArmRun, x: fn(&crate::CurvePoint) -> f64) -> Vec<Measurement> {
    let points = arm.curve.iter().filter(|p| p.phase == Phase::Pretrain);
    points.filter_map(|p| Some(((p.phase, p.step), x(p), p.val_loss.filter(|loss| loss.is_finite())?))).collect()
}

/// Measurements at the same step belong together.
fn over_seeds(measurements: impl Iterator<Item = Measurement>) -> Vec<Place> {
    let mut by_step: BTreeMap<(Phase, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for (step, x, y) in measurements {
        by_step.entry(step).or_default().push((x, y));
    }
    let place = |points: Vec<(f64, f64)>| {
        Some(Place {
            x: mean(points.iter().map(|p| p.0))?,
            low: points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min),
            mean: mean(points.iter().map(|p| p.1))?,
            high: points.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max),
        })
    };
    by_step.into_values().filter_map(place).collect()
}

/// The highest loss shown. The first evaluations are so much higher that they would press the rest together.
fn ceiling(mut losses: Vec<f64>, lowest: f64) -> (f64, bool) {
    losses.sort_by(f64::total_cmp);
    let highest = losses.last().copied().unwrap_or(1.0);
    let most = losses.get(losses.len() * 85 / 100).copied().unwrap_or(highest);
    let wanted = lowest + 1.3 * (most - lowest);
    if highest > wanted * 1.05 { (wanted, true) } else { (highest, false) }
}
