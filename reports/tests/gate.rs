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
fn the_false_alarm_rate_over_1000_null_comparisons_is_under_5_per_cent() {
    let dice = &mut Dice(11);
    let threshold = Threshold { points: 0.0, alpha: 0.05 };
    let mut alarms = 0;
    let mut improved = 0;
    for _ in 0..1_000 {
        let baseline = Baseline::of(&one_score(60, mixed, dice));
        let report = check(&baseline, &one_score(60, mixed, dice), threshold).unwrap();
        alarms += usize::from(!report.passed());
        improved += usize::from(report.rows[0].verdict == CheckVerdict::Improved);
    }
    assert!(alarms < 50, "{alarms} of 1,000 null comparisons failed, with no threshold to help");
    assert!(alarms + improved < 60, "{alarms} + {improved}");
}

/// The crossed test doesn't subtract the error's mean square, which costs power where seeds and questions vary little of
/// themselves, as here: three seeds and 300 questions find this drop 72 times, 400 find it 75 times.
#[test]
fn a_drop_of_ten_points_in_600_questions_is_found_four_times_in_five() {
    let dice = &mut Dice(12);
    let found = (0..100)
        .filter(|_| {
            let baseline = Baseline::of(&one_score(600, mixed, dice));
            let worse = one_score(600, |q| mixed(q) - 0.1, dice);
            !check(&baseline, &worse, Threshold::default()).unwrap().passed()
        })
        .count();
    assert!(found >= 80, "found {found} of 100");
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
    let report = check(&baseline, &worse, Threshold { points: 30.0, alpha: 0.05 }).unwrap();
    assert_eq!(report.rows[0].verdict, CheckVerdict::WithinThreshold);
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
    assert!(report.to_text().contains("would settle"), "{}", report.to_text());
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
    let before = run(&SPECS[..1], 2, 30);
    let mut after = before.clone();
    for arm in &mut after.arms {
        arm.arm = "another".to_owned();
    }
    let error = check(&Baseline::of(&before), &after, Threshold::default()).unwrap_err();
    assert!(matches!(error, ReportError::NothingToCompare { .. }), "{error}");
}

#[test]
fn a_baseline_file_has_one_sorted_line_a_score_and_comes_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let baseline = Baseline::of(&run(&SPECS, 3, 40));
    baseline.save(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().filter(|l| l.contains("\"arm\"")).collect();
    assert_eq!(lines.len(), 4 * 3);
    let mut sorted = lines.iter().map(|l| l.trim_end_matches(',')).collect::<Vec<_>>();
    sorted.sort_unstable();
    assert_eq!(sorted, lines.iter().map(|l| l.trim_end_matches(',')).collect::<Vec<_>>());
    let back = Baseline::load(&path).unwrap();
    assert!(back == baseline && back.to_json().unwrap() == text, "comes back the same");

    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    let error = Baseline::load(&path).unwrap_err();
    assert!(matches!(error, ReportError::NotABaseline { .. }) && error.to_string().contains("line"), "{error}");
    assert!(matches!(Baseline::load(folder.path().join("none.json")), Err(ReportError::Io { .. })));
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
    assert_eq!((json["version"].as_u64(), json["passed"].as_bool()), (Some(1), Some(false)));
    assert_eq!(json["rows"][0]["verdict"], "regressed");
}
