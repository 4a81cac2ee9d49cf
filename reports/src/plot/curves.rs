//! Loss curves: a line for the mean over seeds, a band from the lowest to the highest seed.

use super::axis::{Canvas, Frame, LABEL, decimals, line, put, superscript};
use super::{ArmStyle, MUTED, Picture, WIDTH, failed, finish, muted_text};
use crate::analysis::mean;
use crate::{ArmRun, Phase, Result, Run};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, Polygon};
use plotters::style::Color;
use std::collections::BTreeMap;

const HEIGHT: u32 = 330;

/// One place of a curve: where, and the lowest, mean and highest loss over the seeds.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: f64,
    low: f64,
    mean: f64,
    high: f64,
}

pub(super) fn loss_against_flops(run: &Run, styles: &[ArmStyle]) -> Result<Option<Picture>> {
    draw(
        run,
        styles,
        "loss-flops",
        "Pretraining loss against compute",
        "Validation loss against FLOPs, inherited ones included: a grown arm starts at the FLOPs that its small model had already cost. Line: mean over seeds; band: lowest to highest seed.",
        "FLOPs",
        |point| point.flops,
    )
}

pub(super) fn loss_against_steps(run: &Run, styles: &[ArmStyle]) -> Result<Option<Picture>> {
    draw(
        run,
        styles,
        "loss-steps",
        "Pretraining loss against steps",
        "The same against each arm's own optimiser steps, the small model's not counted.",
        "steps",
        |point| point.step as f64,
    )
}

fn draw(
    run: &Run,
    styles: &[ArmStyle],
    id: &'static str,
    title: &str,
    caption: &str,
    unit: &str,
    x: fn(&crate::CurvePoint) -> f64,
) -> Result<Option<Picture>> {
    let mut curves: Vec<(&ArmStyle, Vec<Place>)> = styles
        .iter()
        .map(|style| (style, curve(run.arms.iter().filter(|a| a.arm == style.arm), x)))
        .filter(|(_, places)| !places.is_empty())
        .collect();
    // The arms over the baseline over the controls, where they cover each other.
    curves.sort_by_key(|(style, _)| (!style.is_control, !style.is_baseline));
    if curves.iter().all(|(_, places)| places.len() < 2) {
        return Ok(None);
    }
    let all = || curves.iter().flat_map(|(_, places)| places);
    let most = all().map(|p| p.x).fold(0.0, f64::max);
    let lowest = all().map(|p| p.low).fold(f64::INFINITY, f64::min);
    let (ceiling, is_cut) = ceiling(all().map(|p| p.mean).collect(), lowest);
    let pad = (ceiling - lowest).max(1e-6) * 0.05;
    let power = if most >= 1e5 { most.log10().floor() as i32 } else { 0 };
    let scale = 10_f64.powi(power);
    let frame = Frame {
        left: 62.0,
        right: f64::from(WIDTH) - 14.0,
        top: 10.0,
        bottom: f64::from(HEIGHT) - 46.0,
        x: (0.0, most.max(1e-9) / scale),
        y: (lowest - pad, ceiling + pad),
    };
    let mut svg = String::new();
    let drawn = (|| -> Result<(), String> {
        let canvas = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        frame.y_ticks(&canvas, |v| format!("{v:.*}", decimals(frame.y)))?;
        frame.x_ticks(&canvas, |v| format!("{v:.*}", if frame.x.1 < 10.0 { 1 } else { 0 }))?;
        frame.base_line(&canvas)?;
        let x_title = if power == 0 { unit.to_owned() } else { format!("{unit} (×10{})", superscript(power)) };
        frame.titles(&canvas, &x_title, "validation loss (nats a token)")?;
        if let Some(inherited) = inherited(run).filter(|_| unit == "FLOPs") {
            let (column, top) = frame.at(inherited / scale, frame.y.1);
            line(&canvas, vec![(column, top), (column, frame.bottom as i32)], &MUTED, 1)?;
            put(&canvas, "grown arms start".to_owned(), (column + 5, frame.bottom as i32 - 18), &muted_text(LABEL))?;
        }
        for (style, places) in &curves {
            let scaled: Vec<Place> = places.iter().map(|p| Place { x: p.x / scale, ..*p }).collect();
            draw_curve(&canvas, &frame, style, &scaled)?;
        }
        canvas.present().map_err(|e| e.to_string())
    })();
    drawn.map_err(failed(id))?;
    let cut = if is_cut { " Losses above the frame are cut off." } else { "" };
    let caption = format!("{caption}{cut}");
    let svg = finish(id, title, &caption, &svg);
    Ok(Some(Picture { id, title: title.to_owned(), caption, svg }))
}

fn draw_curve(canvas: &Canvas<'_>, frame: &Frame, style: &ArmStyle, places: &[Place]) -> Result<(), String> {
    let color = style.color();
    let top = frame.y.1;
    for pair in places.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if a.high.max(b.high) <= top && (a.high > a.low || b.high > b.low) {
            let corners =
                vec![frame.at(a.x, a.low), frame.at(b.x, b.low), frame.at(b.x, b.high), frame.at(a.x, a.high)];
            canvas.draw(&Polygon::new(corners, color.mix(0.18).filled())).map_err(|e| e.to_string())?;
        }
    }
    let mut run: Vec<(i32, i32)> = Vec::new();
    for (i, place) in places.iter().enumerate() {
        if i > 0 && (places[i - 1].mean > top) != (place.mean > top) {
            let before = places[i - 1];
            let share = (before.mean - top) / (before.mean - place.mean);
            run.push(frame.at(before.x + share * (place.x - before.x), top));
        }
        if place.mean <= top {
            run.push(frame.at(place.x, place.mean));
        } else if !run.is_empty() {
            line(canvas, std::mem::take(&mut run), &color, 2)?;
        }
    }
    line(canvas, run, &color, 2)?;
    for place in [places.first(), places.last()].into_iter().flatten().filter(|p| p.mean <= top) {
        canvas.draw(&Circle::new(frame.at(place.x, place.mean), 3, color.filled())).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// FLOPs that the grown arms begin with, on average; `None` if none grew.
fn inherited(run: &Run) -> Option<f64> {
    mean(run.arms.iter().map(|a| a.inherited_flops).filter(|flops| *flops > 0.0))
}

/// Over the seeds of one arm: points that stand at the same step belong together.
fn curve<'a>(seeds: impl Iterator<Item = &'a ArmRun>, x: fn(&crate::CurvePoint) -> f64) -> Vec<Place> {
    let mut by_step: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for arm in seeds {
        for point in arm.curve.iter().filter(|p| p.phase == Phase::Pretrain) {
            if let Some(loss) = point.val_loss.filter(|loss| loss.is_finite()) {
                by_step.entry(point.step).or_default().push((x(point), loss));
            }
        }
    }
    by_step
        .into_values()
        .filter_map(|points| {
            Some(Place {
                x: mean(points.iter().map(|p| p.0))?,
                low: points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min),
                mean: mean(points.iter().map(|p| p.1))?,
                high: points.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max),
            })
        })
        .collect()
}

/// The highest loss shown. The first evaluations are so much higher that they would press the rest together.
fn ceiling(mut losses: Vec<f64>, lowest: f64) -> (f64, bool) {
    losses.sort_by(f64::total_cmp);
    let highest = losses.last().copied().unwrap_or(1.0);
    let most = losses.get(losses.len() * 85 / 100).copied().unwrap_or(highest);
    let wanted = lowest + 1.3 * (most - lowest);
    if highest > wanted * 1.05 { (wanted, true) } else { (highest, false) }
}
