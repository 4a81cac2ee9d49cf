//! Pictures are right in their coordinates, and come as whole SVG and PNG files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use phi_reports::{Analysis, Picture, Run, pictures};

fn all(run: &Run) -> Vec<Picture> {
    pictures(run, &Analysis::of(run))
}

fn attribute(element: &str, name: &str) -> f64 {
    element.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

/// The element whose text this is.
fn text<'a>(svg: &'a str, words: &str) -> &'a str {
    svg.split("<text")
        .skip(1)
        .find(|e| e.split_once('>').unwrap().1.split('<').next().unwrap().trim() == words)
        .unwrap()
}

#[test]
fn in_the_forest_plot_name_dot_interval_and_numbers_of_an_arm_stand_on_one_line() {
    let run = run(&SPECS, 3, 90);
    let analysis = Analysis::of(&run);
    let svg = pictures(&run, &analysis)[0].svg().unwrap();
    let dots: Vec<(f64, f64)> =
        svg.split("<circle").skip(1).map(|e| (attribute(e, "cx"), attribute(e, "cy"))).collect();
    let compared: Vec<_> = analysis.primary_metric().unwrap().comparisons.iter().filter(|c| !c.is_control).collect();
    assert_eq!(dots.len(), compared.len());
    let lines: Vec<Vec<f64>> = svg
        .split("<polyline")
        .skip(1)
        .map(|e| {
            let points = e.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
            points.split([' ', ',']).filter(|n| !n.is_empty()).map(|n| n.parse().unwrap()).collect()
        })
        .collect();
    for (comparison, (x, y)) in compared.iter().zip(&dots) {
        let name = text(&svg, &comparison.arm);
        assert_eq!(attribute(name, "y"), *y, "{}", comparison.arm);
        assert!(lines.iter().any(|l| l.len() == 4 && l[1] == *y && l[3] == *y && l[0] <= *x && *x <= l[2]));
    }
    // Dots lie in the order of their differences.
    for (a, (xa, _)) in compared.iter().zip(&dots) {
        for (b, (xb, _)) in compared.iter().zip(&dots) {
            assert!(a.difference <= b.difference || xa >= xb);
        }
    }
}

#[test]
fn every_picture_is_there_and_files_need_nothing_else() {
    let pictures = all(&run(&SPECS, 3, 90));
    let ids: Vec<&str> = pictures.iter().map(Picture::id).collect();
    assert_eq!(ids, ["forest", "loss-flops", "loss-steps", "score-tokens", "groups", "pass-at-k"]);
    for picture in &pictures {
        let svg = picture.svg().unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{}", picture.id());
        assert!(!svg.contains("var(") && !svg.contains("currentColor"), "{} needs a page", picture.id());
        assert!(!svg.contains("#0909") && !svg.contains("#01020"), "{} has a place-holder colour", picture.id());
        for arm in ["weight-reuse", "tiling-preserving"] {
            assert!(svg.contains(arm), "{} names its arms", picture.id());
        }
        let png = picture.png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width, 1512, "three pixels a unit");
        let dark = pixels.chunks(3).filter(|p| p.iter().all(|c| *c < 128)).count();
        assert!(dark > 2_000, "{} has letters and lines: {dark}", picture.id());
        assert!(png.len() < 400_000, "{}: {}", picture.id(), png.len());
    }
}

#[test]
fn a_picture_is_the_same_to_the_byte_each_time() {
    let run = run(&SPECS, 2, 30);
    for (a, b) in all(&run).iter().zip(&all(&run)) {
        assert_eq!((a.svg().unwrap(), a.png().unwrap()), (b.svg().unwrap(), b.png().unwrap()));
    }
}

#[test]
fn hostile_and_long_names_stay_text_within_the_picture() {
    let mut run = run(&SPECS[..2], 2, 30);
    for arm in run.arms.iter_mut().filter(|a| a.arm != "scratch") {
        arm.arm = format!("<script>alert(1)</script>{}", "x".repeat(300));
        arm.score_curve.clear();
    }
    for picture in all(&run) {
        assert!(!picture.svg().unwrap().contains("<script"));
        picture.png().unwrap();
    }
}
