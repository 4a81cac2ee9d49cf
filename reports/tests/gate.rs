//! The gate fails for the right reasons only.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Dice, SPECS, redraw, run};
use phi_reports::{Baseline, CheckVerdict, Pairing, ReportError, Run, Threshold, check};

/// One arm, one metric kept, three seeds; question `q` is solved with the chance given.
fn one_score(n_questions: usize, chance: impl Fn(usize) -> f64, dice: &mut Dice) -> Run {
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
fn the_same_run_again_passes_with_no_change() {
    let run = run(&SPECS, 3, 60);
    let report = check(&Baseline::of(&run), &run, Threshold::default()).unwrap();
    assert!(report.passed());
    assert!(report.rows.iter().all(|r| r.verdict == CheckVerdict::NoSignificantChange), "{:#?}", report.rows);
    assert!(report.rows.iter().all(|r| r.arm != "no-alignment"), "controls are not watched");
}

#[test]
fn a_significant_drop_within_the_threshold_does_not_fail() {
    let dice = &mut Dice(13);
    let baseline = Baseline::of(&one_score(300, |_| 0.7, dice));
    let worse = one_score(300, |_| 0.5, dice);
    let report = check(&baseline, &worse, Threshold { points: 60.0, alpha: 0.05 }).unwrap();
    assert_eq!(report.rows[0].verdict, CheckVerdict::SmallChange);
    assert!(report.passed());
    let report = check(&baseline, &worse, Threshold { points: 1.0, alpha: 0.05 }).unwrap();
    assert_eq!(report.rows[0].verdict, CheckVerdict::Regressed);
}

#[test]
fn few_questions_are_inconclusive_and_it_says_how_many_would_settle_it() {
    let dice = &mut Dice(14);
    let report =
        check(&Baseline::of(&one_score(12, |_| 0.5, dice)), &one_score(12, |_| 0.5, dice), Threshold::default())
            .unwrap();
    assert_eq!(report.rows[0].verdict, CheckVerdict::Inconclusive);
    assert!(report.rows[0].comparison.unwrap().n_questions_to_settle.unwrap() > 12);
    assert!(report.to_text().contains("would settle it"), "{}", report.to_text());
}

#[test]
fn other_seeds_and_lost_questions_are_told() {
    let dice = &mut Dice(15);
    let baseline = Baseline::of(&one_score(60, mixed, dice));
    let mut other = one_score(60, mixed, dice);
    for (i, arm) in other.arms.iter_mut().enumerate() {
        arm.seed = 100 + i as u64;
    }
    let report = check(&baseline, &other, Threshold::default()).unwrap();
    assert_eq!(report.rows[0].comparison.unwrap().pairing, Pairing::SameQuestions);

    for arm in &mut other.arms {
        arm.samples.clear();
    }
    let report = check(&baseline, &other, Threshold::default()).unwrap();
    let comparison = report.rows[0].comparison.unwrap();
    assert_eq!(comparison.pairing, Pairing::Unpaired);
    assert!(report.rows[0].note.contains("less sharp"));
    assert!(comparison.p_value > 0.0 && comparison.p_value <= 1.0);
}

#[test]
fn a_score_that_is_gone_or_new_is_a_row_of_its_own() {
    let before = run(&SPECS[..2], 2, 30);
    let mut after = before.clone();
    for arm in &mut after.arms {
        arm.scores.retain(|s| s.metric != "pass@4");
        if arm.arm == "weight-reuse" {
            arm.arm = "tiling".to_owned();
        }
    }
    let report = check(&Baseline::of(&before), &after, Threshold::default()).unwrap();
    let count = |verdict| report.rows.iter().filter(|r| r.verdict == verdict).count();
    assert_eq!((count(CheckVerdict::Missing), count(CheckVerdict::New)), (4, 2));
}

#[test]
fn nothing_in_common_is_an_error_not_a_pass() {
    let before = run(&SPECS[..2], 2, 30);
    let mut after = before.clone();
    for arm in &mut after.arms {
        arm.arm = format!("another {}", arm.arm);
    }
    let error = check(&Baseline::of(&before), &after, Threshold::default()).unwrap_err();
    assert!(matches!(error, ReportError::NothingToCompare { .. }), "{error}");
}

#[test]
fn every_format_names_the_regression() {
    let dice = &mut Dice(16);
    let baseline = Baseline::of(&one_score(200, |_| 0.8, dice));
    let mut worse = one_score(200, |_| 0.4, dice);
    worse.key = "later".to_owned();
    let report = check(&baseline, &worse, Threshold::default()).unwrap();
    assert!(!report.passed());
    assert!(report.to_text().contains("REGRESSED") && report.to_text().contains("Failed: 1 score"));
    assert!(report.to_markdown().contains("REGRESSED"));
    let junit = report.to_junit_xml();
    assert!(junit.contains("failures=\"1\"") && junit.contains("<failure type=\"regression\""), "{junit}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!((json["version"].as_u64(), json["passed"].as_bool()), (Some(2), Some(false)));
    assert_eq!(json["rows"][0]["verdict"], "regressed");
    let annotations = report.to_github_annotations();
    assert!(annotations.starts_with("::error title=code_exercises pass@1::REGRESSED"), "{annotations}");
    assert!(annotations.contains("%25") && annotations.lines().count() == 1, "{annotations}");
}

#[test]
fn a_single_arm_is_compared_whatever_it_is_called() {
    let dice = &mut Dice(17);
    let baseline = Baseline::of(&one_score(60, mixed, dice));
    let mut later = one_score(60, mixed, dice);
    for arm in &mut later.arms {
        arm.arm = "out/today/model".to_owned();
    }
    let report = check(&baseline, &later, Threshold::default()).unwrap();
    assert_eq!(report.rows.len(), 1);
    assert!(report.rows[0].comparison.is_some() && report.rows[0].note.contains("out/today/model"));
}

/// A perplexity's questions hold log-probabilities, of which more is better, while less perplexity is.
#[test]
fn a_perplexity_that_falls_is_an_improvement() {
    let with = |shift: f64| {
        let mut run = one_score(200, |_| 0.5, &mut Dice(18));
        for arm in &mut run.arms {
            for (i, sample) in arm.samples.iter_mut().enumerate() {
                sample.metrics = [("perplexity".to_owned(), -2.0 + shift - (i % 7) as f64 / 10.0)].into();
            }
            arm.scores[0].metric = "perplexity".to_owned();
            arm.scores[0].higher_is_better = false;
        }
        run
    };
    let baseline = Baseline::of(&with(0.0));
    assert!((baseline.scores[0].value - 2.297_f64.exp()).abs() < 0.1, "{}", baseline.scores[0].value);
    let better = check(&baseline, &with(0.2), Threshold::default()).unwrap();
    assert_eq!(better.rows[0].verdict, CheckVerdict::Improved);
    assert!(better.rows[0].after < better.rows[0].before);
    let worse = check(&baseline, &with(-0.2), Threshold::default()).unwrap();
    assert_eq!(worse.rows[0].verdict, CheckVerdict::Regressed);
    assert!(worse.to_text().contains("nats"), "{}", worse.to_text());
}

/// Student's t calls four answers that all fell significant at 0.045; a fair coin does that once in eight.
#[test]
fn four_questions_that_fell_are_no_alarm() {
    let with = |right: usize| {
        let mut run = one_score(400, |_| 1.0, &mut Dice(19));
        run.arms.truncate(1);
        for sample in &mut run.arms[0].samples[right..] {
            sample.metrics.insert("pass@1".to_owned(), 0.0);
        }
        run
    };
    let report = check(&Baseline::of(&with(400)), &with(396), Threshold { points: 0.0, alpha: 0.05 }).unwrap();
    assert!(report.passed(), "{}", report.to_text());
    assert!((report.rows[0].comparison.unwrap().p_value - 0.125).abs() < 1e-9);
}
