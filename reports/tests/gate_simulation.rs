//! How often the gate cries wolf, and how often it sees one: by simulation.
//!
//! Outcomes are right or wrong, and correlated as those of two checkpoints are: a question has an ease of its own (half of
//! the variance), which both runs share, so about one answer in three differs from the other run's.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Dice, SPECS, outcomes, redraw, run};
use phi_reports::{Baseline, CheckVerdict, Run, Threshold, check};

const METRICS: [(&str, &str); 6] = [
    ("arc_easy", "acc"),
    ("arc_easy", "acc_norm"),
    ("boolq", "acc"),
    ("gsm8k", "exact_match"),
    ("humaneval", "pass@1"),
    ("piqa", "acc"),
];

/// Whether each question is right, given its ease and a shift of all (0: half are right).
fn answers(ease: &[f64], shift: f64, dice: &mut Dice) -> Vec<f64> {
    ease.iter().map(|ease| f64::from(u8::from(ease + dice.normal() + shift > 0.0))).collect()
}

/// Two evaluations of six metrics; the second one's are shifted by so much each.
fn pair(n_questions: usize, shifts: [f64; 6], dice: &mut Dice) -> (Run, Run) {
    let ease: Vec<Vec<f64>> = METRICS.iter().map(|_| (0..n_questions).map(|_| dice.normal()).collect()).collect();
    let mut draw = |shifts: [f64; 6]| {
        let of = |i: usize, dice: &mut Dice| (METRICS[i].0, METRICS[i].1, answers(&ease[i], shifts[i], dice));
        outcomes(&(0..6).map(|i| of(i, dice)).collect::<Vec<_>>())
    };
    (draw([0.0; 6]), draw(shifts))
}

#[test]
fn fewer_than_50_of_1000_null_comparisons_of_six_metrics_fail_with_no_threshold_to_help() {
    let dice = &mut Dice(21);
    let threshold = Threshold { points: 0.0, alpha: 0.05 };
    let (mut alarms, mut improved) = (0, 0);
    for _ in 0..1_000 {
        let (before, after) = pair(80, [0.0; 6], dice);
        let report = check(&Baseline::of(&before), &after, threshold).unwrap();
        alarms += usize::from(!report.passed());
        improved += usize::from(report.count(CheckVerdict::Improved) > 0);
    }
    assert!(alarms < 50, "{alarms} of 1,000");
    assert!(alarms + improved < 70, "{alarms} + {improved}: either way");
    assert!(alarms + improved > 10, "{alarms} + {improved}: a test that never rejects sees nothing either");
}

/// The null hypothesis is a drop of the threshold, not of nothing.
#[test]
fn a_true_drop_of_just_the_threshold_fails_in_fewer_than_50_of_1000_comparisons() {
    let dice = &mut Dice(22);
    // Half of the questions are right; 0.2134 on the scale of sqrt(2) normal deviations is 6 points less.
    let drop_of_6_points = -0.2134;
    let threshold = Threshold { points: 6.0, alpha: 0.05 };
    let mut alarms = 0;
    for _ in 0..1_000 {
        let ease: Vec<f64> = (0..200).map(|_| dice.normal()).collect();
        let before = outcomes(&[("piqa", "acc", answers(&ease, 0.0, dice))]);
        let after = outcomes(&[("piqa", "acc", answers(&ease, drop_of_6_points, dice))]);
        alarms += usize::from(!check(&Baseline::of(&before), &after, threshold).unwrap().passed());
    }
    assert!(alarms < 50, "{alarms} of 1,000");
    assert!(alarms > 5, "{alarms}: the level is used");
}

/// With 500 questions each a drop of 11 points in one of six metrics, one more than the threshold, is found four times in
/// five, as `minimum_detectable_effect` promises.
#[test]
fn the_power_is_what_the_minimum_detectable_effect_promises() {
    let dice = &mut Dice(23);
    let threshold = Threshold { points: 1.0, alpha: 0.05 };
    let (mut found, mut promised) = (0, 0.0);
    const ROUNDS: usize = 120;
    for _ in 0..ROUNDS {
        // A shift of -0.4 is 11.1 points.
        let (before, after) = pair(500, [0.0, 0.0, -0.4, 0.0, 0.0, 0.0], dice);
        let report = check(&Baseline::of(&before), &after, threshold).unwrap();
        let row = report.rows.iter().find(|row| row.task == "boolq").unwrap();
        found += usize::from(row.verdict == CheckVerdict::Regressed);
        promised += row.comparison.unwrap().minimum_detectable_effect / ROUNDS as f64;
    }
    assert!((0.08..0.115).contains(&promised), "{promised}");
    assert!(found * 4 >= ROUNDS * 3, "found {found} of {ROUNDS}");
}

/// One arm, one metric kept, three seeds; question `q` is solved with the chance given.
fn three_seeds(n_questions: usize, chance: impl Fn(usize) -> f64, dice: &mut Dice) -> Run {
    let mut run = run(&SPECS[..1], 3, n_questions);
    redraw(&mut run, "scratch", chance, dice);
    for arm in &mut run.arms {
        arm.scores.truncate(1);
    }
    run
}

/// Easy and hard questions.
fn mixed(q: usize) -> f64 {
    [0.2, 0.5, 0.8][q % 3]
}

#[test]
fn fewer_than_50_of_1000_null_comparisons_of_three_seeds_fail() {
    let dice = &mut Dice(11);
    let threshold = Threshold { points: 0.0, alpha: 0.05 };
    let (mut alarms, mut improved) = (0, 0);
    for _ in 0..1_000 {
        let baseline = Baseline::of(&three_seeds(60, mixed, dice));
        let report = check(&baseline, &three_seeds(60, mixed, dice), threshold).unwrap();
        alarms += usize::from(!report.passed());
        improved += usize::from(report.rows[0].verdict == CheckVerdict::Improved);
    }
    assert!(alarms < 50, "{alarms} of 1,000 null comparisons failed, with no threshold to help");
    assert!(alarms + improved < 60, "{alarms} + {improved}");
}

/// The crossed test doesn't subtract the error's mean square, which costs power where seeds and questions vary little of
/// themselves, as here.
#[test]
fn a_drop_of_ten_points_over_three_seeds_and_600_questions_is_found_four_times_in_five() {
    let dice = &mut Dice(12);
    let found = (0..100)
        .filter(|_| {
            let baseline = Baseline::of(&three_seeds(600, mixed, dice));
            let worse = three_seeds(600, |q| mixed(q) - 0.1, dice);
            !check(&baseline, &worse, Threshold { points: 0.0, alpha: 0.05 }).unwrap().passed()
        })
        .count();
    assert!(found >= 80, "found {found} of 100");
}
