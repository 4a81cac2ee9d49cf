//! The ledger and its change points.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Dice, SPECS, run};
use phi_reports::track::{Commit, History, Ledger, Measurement, Unit, change_points, measurements, sparkline};

fn commit(i: u64) -> Commit {
    Commit { id: format!("{i:040x}"), unix_s: 1_770_000_000 + i * 86_400 }
}

fn series(n: usize, shift_at: usize, shift: f64, dice: &mut Dice) -> Vec<f64> {
    (0..n).map(|i| dice.normal() + if i < shift_at { 0.0 } else { shift }).collect()
}

/// The level is a chance: of 400 series without a change, 4 at 1 % and 20 at 5 % would be expected.
#[test]
fn a_series_without_a_change_shows_one_as_rarely_as_the_level_says() {
    let dice = &mut Dice(31);
    let found = |alpha: f64, dice: &mut Dice| {
        let null = |dice: &mut Dice| !change_points(&series(30, 30, 0.0, dice), alpha).is_empty();
        (0..400).filter(|_| null(dice)).count()
    };
    let (at_1, at_5) = (found(0.01, dice), found(0.05, dice));
    assert!(at_1 <= 12, "{at_1} of 400 at 1 %");
    assert!((8..=35).contains(&at_5), "{at_5} of 400 at 5 %");
}

/// Values that tie, as shares of few questions do.
#[test]
fn coarse_values_without_a_change_show_one_as_rarely() {
    let dice = &mut Dice(32);
    let coarse = |dice: &mut Dice| (0..40).map(|_| (4.0 * dice.unit()).floor() / 4.0).collect::<Vec<f64>>();
    let found = (0..200).filter(|_| !change_points(&coarse(dice), 0.01).is_empty()).count();
    assert!(found <= 8, "{found} of 200");
    assert!(change_points(&[0.5; 50], 0.05).is_empty(), "nothing ever changed");
}

#[test]
fn a_shift_by_two_standard_deviations_is_found_nine_times_in_ten_and_where_it_is() {
    let dice = &mut Dice(33);
    let (mut found, mut near) = (0, 0);
    for _ in 0..100 {
        let changes = change_points(&series(40, 25, -2.0, dice), 0.01);
        if let Some(change) = changes.iter().min_by_key(|c| c.index.abs_diff(25)) {
            found += 1;
            near += usize::from(change.index.abs_diff(25) <= 2 && change.after < change.before);
        }
    }
    assert!(found >= 90 && near >= 80, "found {found}, near {near} of 100");
}

#[test]
fn two_shifts_are_two_change_points_and_one_outlier_is_none() {
    let mut values: Vec<f64> = (0..45).map(|i| f64::from(i % 3) * 0.01 + [0.5, 0.6, 0.4][i as usize / 15]).collect();
    let changes = change_points(&values, 0.01);
    assert_eq!(changes.iter().map(|c| c.index).collect::<Vec<_>>(), [15, 30]);
    assert!((changes[0].before - 0.51).abs() < 1e-9 && (changes[1].after - 0.41).abs() < 1e-9);
    values.truncate(15);
    values[7] = 0.9;
    assert!(change_points(&values, 0.01).is_empty());
    assert!(change_points(&[], 0.01).is_empty() && change_points(&[1.0, 2.0], 0.01).is_empty());
}

#[test]
fn a_ledger_is_only_added_to_and_skips_broken_lines_by_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let run = run(&SPECS, 2, 30);
    let first = measurements(&run, &commit(1));
    assert_eq!(Ledger::append(&path, &first).unwrap(), first.len());
    assert_eq!(Ledger::append(&path, &first).unwrap(), 0, "the same lines again");
    let before = std::fs::read_to_string(&path).unwrap();
    // Cut off in the middle of a line by a full disk, say; then a conflict that somebody committed.
    std::fs::write(&path, format!("{before}{}", &before[..40])).unwrap();
    let second = measurements(&run, &commit(2));
    Ledger::append(&path, &second).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&before));
    std::fs::write(
        &path,
        format!("{text}<<<<<<< HEAD\n{}\n{{\"date\":\"yesterday\"}}\n", text.lines().next().unwrap()),
    )
    .unwrap();
    let ledger = Ledger::load(&path).unwrap();
    assert_eq!(ledger.measurements, [first.clone(), second].concat(), "a line that stands twice counts once");
    let n = first.len();
    assert_eq!(ledger.broken.iter().map(|b| b.number).collect::<Vec<_>>(), [n + 1, 2 * n + 2, 2 * n + 4]);
    assert!(ledger.broken[1].reason.contains("merge=union"), "{:?}", ledger.broken);
}

#[test]
fn a_run_gives_scores_with_intervals_speed_latency_and_memory_but_no_controls() {
    let all = measurements(&run(&SPECS, 3, 60), &commit(7));
    let names = |arm: &str| all.iter().filter(|m| m.arm == arm).map(|m| m.measure.as_str()).collect::<Vec<_>>();
    let expected = [
        "code_exercises pass@1",
        "code_exercises pass@2",
        "code_exercises pass@4",
        "latency",
        "peak memory",
        "training speed",
    ];
    assert_eq!(names("scratch"), expected);
    assert_eq!(names("no-alignment"), [""; 0], "a control");
    let score = &all[0];
    let (low, high) = score.interval.unwrap();
    assert!(low < score.value && score.value < high && score.n == Some(60) && score.unit == Unit::Share);
    assert_eq!((score.date.as_str(), score.commit.len()), ("2026-02-09T02:40:00Z", 40));
    let speed = all.iter().find(|m| m.measure == "training speed").unwrap();
    assert!(speed.value > 50_000.0 && speed.unit == Unit::TokensPerSecond && speed.higher_is_better, "{speed:?}");
    assert!(all.iter().filter(|m| m.measure == "latency").all(|m| !m.higher_is_better && m.value < 1.0));
}

#[test]
fn a_history_orders_commits_by_date_and_its_page_escapes_what_a_ledger_holds() {
    let of = |i: u64, value: f64| Measurement {
        date: phi_reports::date::iso(commit(i).unix_s),
        commit: commit(i).id,
        arm: "<script>alert(1)</script>".to_owned(),
        measure: "piqa acc".to_owned(),
        value,
        unit: Unit::Share,
        higher_is_better: true,
        n: Some(100),
        interval: Some((value - 0.05, value + 0.05)),
    };
    let mut lines: Vec<Measurement> =
        (0..24).map(|i| of(i, if i < 12 { 0.8 } else { 0.6 } + 0.001 * (i % 5) as f64)).collect();
    lines.reverse();
    // Measured again: the later line counts.
    lines.push(of(3, 0.802));
    let history = History::of(&lines, 0.01);
    let [series] = history.series.as_slice() else { panic!("one series") };
    assert_eq!(series.points.len(), 24);
    assert!(series.points.is_sorted_by_key(|p| &p.date));
    assert_eq!(series.points[3].value, 0.802);
    assert_eq!(series.change_points.len(), 1);
    let sentence = series.sentence(&series.change_points[0]);
    assert!(sentence.starts_with("worse from 80.") && sentence.contains("2026-02-14"), "{sentence}");
    let page = history.to_html("History").unwrap();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
    assert_eq!(page.matches("<circle").count(), 24);
    assert_eq!((page.matches("class=\"change\"").count(), page.matches("class=\"level\"").count()), (1, 2));
}

#[test]
fn a_sparkline_shows_the_last_forty_values_and_the_changes_among_them() {
    assert_eq!(sparkline(&[0.0, 0.5, 1.0], &[2]), "▁▅|█");
    assert_eq!(sparkline(&[1.0], &[]), "▅");
    assert_eq!(sparkline(&vec![1.0; 100], &[10]).chars().count(), 40);
}
