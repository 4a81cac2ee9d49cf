//! The analysis says what a run shows, and no more.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Dice, SPECS, redraw, run};
use phi_reports::{Analysis, CurvePoint, Phase, Verdict, markdown, table};

fn comparison<'a>(analysis: &'a Analysis, arm: &str) -> &'a phi_reports::Comparison {
    analysis.primary_metric().unwrap().comparisons.iter().find(|c| c.arm == arm).unwrap()
}

#[test]
fn a_clearly_better_arm_beats_the_baseline_and_the_answer_says_so() {
    let mut run = run(&SPECS, 3, 400);
    let dice = &mut Dice(7);
    redraw(&mut run, "scratch", |_| 0.5, dice);
    redraw(&mut run, "weight-reuse", |_| 0.5, dice);
    redraw(&mut run, "tiling", |_| 0.5, dice);
    redraw(&mut run, "tiling-preserving", |_| 0.7, dice);
    let analysis = Analysis::of(&run);
    let better = comparison(&analysis, "tiling-preserving");
    assert_eq!(better.verdict, Verdict::Better);
    assert!((better.difference - 0.2).abs() < 0.06, "{better:?}");
    assert_eq!((better.n_seeds, better.n_questions), (3, 400));
    assert!(
        analysis.answer.starts_with("On code_exercises pass@1, tiling-preserving beat scratch by "),
        "{}",
        analysis.answer
    );
    assert!(
        analysis.answer.contains(
            "weight-reuse and tiling showed no difference that this run could have seen (smallest detectable: "
        ),
        "{}",
        analysis.answer
    );
    assert!(!analysis.answer.contains("no-alignment"), "a control is not part of the answer: {}", analysis.answer);
    assert_eq!(analysis.answer.matches(". ").count(), 0, "one sentence: {}", analysis.answer);
}

#[test]
fn a_worse_arm_is_called_worse() {
    let mut run = run(&SPECS[..2], 3, 400);
    let dice = &mut Dice(8);
    redraw(&mut run, "scratch", |_| 0.6, dice);
    redraw(&mut run, "weight-reuse", |_| 0.4, dice);
    let analysis = Analysis::of(&run);
    assert_eq!(comparison(&analysis, "weight-reuse").verdict, Verdict::Worse);
    assert!(analysis.answer.contains("weight-reuse was worse than scratch by "), "{}", analysis.answer);
}

#[test]
fn holm_corrects_the_arms_of_the_primary_metric_and_leaves_controls_out() {
    let analysis = Analysis::of(&run(&SPECS, 3, 100));
    let primary = analysis.primary_metric().unwrap();
    let smallest =
        primary.comparisons.iter().filter(|c| !c.is_control).min_by(|a, b| a.p_value.total_cmp(&b.p_value)).unwrap();
    assert!((smallest.p_corrected - (3.0 * smallest.p_value).min(1.0)).abs() < 1e-12, "three arms, not four");
    let control = comparison(&analysis, "no-alignment");
    assert_eq!(control.p_corrected, control.p_value);
    assert_eq!(analysis.metrics.iter().filter(|m| m.is_primary).count(), 1);
    let secondary: Vec<f64> = analysis
        .metrics
        .iter()
        .filter(|m| !m.is_primary)
        .flat_map(|m| &m.comparisons)
        .filter(|c| !c.is_control)
        .map(|c| c.p_value)
        .collect();
    assert_eq!(secondary.len(), 6);
}

#[test]
fn at_the_floor_the_run_says_that_it_cannot_tell_arms_apart() {
    let mut run = run(&SPECS[..3], 3, 100);
    for arm in ["scratch", "weight-reuse", "tiling"] {
        redraw(&mut run, arm, |_| 0.0, &mut Dice(1));
    }
    let analysis = Analysis::of(&run);
    assert!(analysis.answer.contains("can't tell the arms apart"), "{}", analysis.answer);
    assert!(analysis.answer.contains("floor"), "{}", analysis.answer);
    assert!(analysis.warnings.iter().any(|w| w.contains("floor")), "{:?}", analysis.warnings);
    let score = &analysis.primary_metric().unwrap().arms[0];
    assert!(score.interval.1 > 0.0, "no question right is no proof that none ever will be: {score:?}");
    assert!(!table(&analysis).contains("NaN"));
}

#[test]
fn at_the_ceiling_too() {
    let mut run = run(&SPECS[..2], 3, 100);
    for arm in ["scratch", "weight-reuse"] {
        redraw(&mut run, arm, |_| 1.1, &mut Dice(1));
    }
    assert!(Analysis::of(&run).answer.contains("ceiling"));
}

#[test]
fn one_seed_is_compared_over_questions_and_the_reader_is_warned() {
    let analysis = Analysis::of(&run(&SPECS, 1, 300));
    assert!(analysis.answer.contains("with one seed"), "{}", analysis.answer);
    assert!(analysis.warnings.iter().any(|w| w.starts_with("One seed")), "{:?}", analysis.warnings);
    assert!(comparison(&analysis, "tiling").p_value.is_finite());
}

#[test]
fn missing_arms_seeds_and_scores_are_told_not_hidden() {
    let mut gone = run(&SPECS, 3, 30);
    gone.arms.retain(|a| a.arm != "scratch");
    let analysis = Analysis::of(&gone);
    assert!(analysis.answer.contains("has no score"), "{}", analysis.answer);
    assert!(analysis.warnings.iter().any(|w| w.contains("missing from this run")));

    let mut half = run(&SPECS, 3, 30);
    half.arms.retain(|a| !(a.arm == "tiling" && a.seed == 2));
    let analysis = Analysis::of(&half);
    assert_eq!(comparison(&analysis, "tiling").n_seeds, 2);
    assert!(analysis.warnings.iter().any(|w| w.contains("tiling has no result for seed 2")), "{:?}", analysis.warnings);

    let mut empty = run(&SPECS, 3, 30);
    empty.arms.clear();
    assert!(Analysis::of(&empty).answer.contains("shows nothing"));
    assert!(!table(&Analysis::of(&empty)).is_empty());

    let mut unscored = run(&SPECS, 2, 30);
    for arm in &mut unscored.arms {
        arm.samples.clear();
    }
    let analysis = Analysis::of(&unscored);
    assert!(analysis.answer.contains("compares nothing"), "{}", analysis.answer);
}

#[test]
fn steps_to_the_baselines_loss_are_interpolated_for_each_seed() {
    let mut run = run(&SPECS[..2], 1, 20);
    let point = |step: u64, loss: f64| CurvePoint {
        phase: Phase::Pretrain,
        step,
        tokens: step,
        flops: 1_000.0 + 10.0 * step as f64,
        train_loss: None,
        val_loss: Some(loss),
    };
    run.arms[0].curve = vec![point(0, 5.0), point(100, 3.0), point(200, 2.0)];
    run.arms[1].curve = vec![point(0, 4.0), point(50, 3.0), point(100, 1.0), point(150, 2.5)];
    let analysis = Analysis::of(&run);
    let reach = &analysis.arm("weight-reuse").unwrap().reach;
    assert_eq!(reach.by_seed[0].target, Some(2.0));
    assert_eq!(reach.by_seed[0].steps, Some(75.0));
    assert_eq!(reach.by_seed[0].flops, Some(1_750.0));
    assert_eq!(analysis.arm("scratch").unwrap().reach.mean_steps, Some(200.0));

    run.arms[1].curve = vec![point(0, 4.0), point(50, 3.0)];
    let analysis = Analysis::of(&run);
    let reach = &analysis.arm("weight-reuse").unwrap().reach;
    assert_eq!((reach.mean_steps, reach.n_reached), (None, 0));
    assert!(table(&analysis).contains("never"));
}

#[test]
fn groups_come_in_order_of_difficulty() {
    let analysis = Analysis::of(&run(&SPECS[..2], 3, 60));
    let mut groups: Vec<&str> = analysis.primary_metric().unwrap().groups.iter().map(|g| g.group.as_str()).collect();
    groups.dedup();
    assert_eq!(groups, ["one rule", "two rules", "three rules"]);
}

#[test]
fn the_terminal_table_fits_100_columns_and_markdown_is_escaped() {
    let mut run = run(&SPECS, 3, 60);
    for arm in run.arms.iter_mut().filter(|a| a.arm == "tiling") {
        arm.arm = "a|b <i>x</i> and a very long name indeed".to_owned();
    }
    let analysis = Analysis::of(&run);
    for line in table(&analysis).lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let markdown = markdown(&analysis);
    assert!(!markdown.contains("<i>"));
    let pipes: Vec<usize> =
        markdown.lines().filter(|l| l.starts_with('|')).map(|l| l.replace("\\|", "").matches('|').count()).collect();
    assert!(pipes.iter().all(|n| *n == pipes[0]), "{markdown}");
}
