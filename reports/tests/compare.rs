//! Two sides, question by question.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Dice, SPECS, redraw, run, sample};
use phi_reports::{
    PageOptions, ReportError, Run, Side, SideBySide, Test, Verdict, comparison_table, flips_text, render_comparison,
};
use phi_suites::stats::mcnemar_exact;

/// One side at one seed, right on these questions.
fn side(right: &[bool]) -> Side {
    let mut run = run(&SPECS[..1], 1, 1);
    run.arms[0].samples = right.iter().enumerate().map(|(q, right)| sample(q, [*right; 4])).collect();
    Side::of_run(run, None).unwrap()
}

fn pattern(counts: [usize; 4]) -> (Side, Side) {
    let [both, only_a, only_b, neither] = counts;
    let repeat = |values: [bool; 4]| {
        let all = values.into_iter().zip([both, only_a, only_b, neither]);
        all.flat_map(|(value, n)| std::iter::repeat_n(value, n)).collect::<Vec<bool>>()
    };
    (side(&repeat([true, true, false, false])), side(&repeat([true, false, true, false])))
}

#[test]
fn the_counts_are_those_of_the_questions_and_the_test_is_mcnemars() {
    let (a, b) = pattern([40, 5, 25, 30]);
    let compared = SideBySide::of(&a, &b, None).unwrap();
    let task = &compared.tasks[0];
    let o = task.outcomes.unwrap();
    assert_eq!([o.both, o.only_a, o.only_b, o.neither], [40, 5, 25, 30]);
    assert_eq!((task.metric.as_str(), task.n_questions), ("pass@1", 100));
    assert!((task.difference - 0.2).abs() < 1e-12 && (task.score_a - 0.45).abs() < 1e-12);
    assert_eq!((task.test, task.p_value), (Test::McnemarExact, mcnemar_exact(5, 25)));
    assert_eq!(task.verdict, Verdict::Better);
    assert!(task.interval.0 > 0.0 && task.interval.0 < 0.2 && task.minimum_detectable_effect > 0.0);
    assert_eq!(task.flips.len(), 30);
    assert_eq!(task.flips.iter().filter(|f| f.is_gain).count(), 25);
}

#[test]
fn swapping_the_sides_turns_the_signs_and_nothing_else() {
    let (a, b) = pattern([17, 9, 3, 11]);
    let there = &SideBySide::of(&a, &b, None).unwrap().tasks[0];
    let back = &SideBySide::of(&b, &a, None).unwrap().tasks[0];
    assert_eq!(there.difference, -back.difference);
    assert_eq!((there.p_value, there.n_questions), (back.p_value, back.n_questions));
    assert_eq!(there.outcomes.unwrap().only_a, back.outcomes.unwrap().only_b);
}

#[test]
fn questions_that_only_one_side_answered_are_left_out_and_told() {
    let (a, mut b) = pattern([10, 10, 10, 10]);
    let samples = b.seeds.get_mut(&0).unwrap();
    samples.drain(..5);
    samples[0].prompt = "another prompt".to_owned();
    let compared = SideBySide::of(&a, &b, None).unwrap();
    let task = &compared.tasks[0];
    assert_eq!((task.n_questions, task.only_in_a, task.only_in_b, task.different_prompts), (35, 5, 0, 1));
    assert!(compared.notes.iter().any(|n| n.contains("5 only A")), "{:?}", compared.notes);
    assert!(compared.notes.iter().any(|n| n.contains("another prompt")), "{:?}", compared.notes);
    assert!(comparison_table(&compared).contains("5 only A"));
}

#[test]
fn shared_clusters_and_several_seeds_take_the_tests_that_know_them() {
    let (a, b) = pattern([40, 5, 25, 30]);
    let clustered = |mut side: Side| {
        for sample in side.seeds.get_mut(&0).unwrap() {
            sample.cluster = format!("passage {}", sample.doc_id / 10);
        }
        side
    };
    let task = &SideBySide::of(&clustered(a), &clustered(b), None).unwrap().tasks[0];
    assert_eq!((task.test, task.n_clusters), (Test::PairedT, 10));

    let mut arms = run(&SPECS[..2], 3, 200);
    redraw(&mut arms, "scratch", |_| 0.4, &mut Dice(1));
    redraw(&mut arms, "weight-reuse", |_| 0.7, &mut Dice(2));
    let of = |arm| Side::of_run(arms.clone(), Some(arm)).unwrap();
    let task = &SideBySide::of(&of("scratch"), &of("weight-reuse"), None).unwrap().tasks[0];
    assert_eq!((task.test, task.n_seeds, task.verdict), (Test::Crossed, 3, Verdict::Better));
    let o = task.outcomes.unwrap();
    assert_eq!(o.both + o.only_a + o.only_b + o.neither, 600);
}

#[test]
fn a_side_against_itself_shows_nothing() {
    let (a, _) = pattern([10, 5, 5, 10]);
    let compared = SideBySide::of(&a, &a, None).unwrap();
    assert_eq!((compared.tasks[0].verdict, compared.tasks[0].p_value), (Verdict::NotShown, 1.0));
    assert!(compared.tasks[0].flips.is_empty() && !comparison_table(&compared).contains("NaN"));
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_there_is() {
    let two = |keep: &[&str]| -> Run {
        let mut run = run(&SPECS, 1, 5);
        run.arms.retain(|a| keep.contains(&a.arm.as_str()));
        run
    };
    let error = Side::of_run(two(&["scratch", "tiling"]), None).unwrap_err();
    assert!(matches!(error, ReportError::WhichArm { .. }) && error.to_string().contains("scratch, tiling"), "{error}");
    let error = Side::of_run(two(&["scratch"]), Some("tilling")).unwrap_err();
    assert!(error.to_string().contains("\"tilling\"") && error.to_string().contains("scratch"), "{error}");
    let mut empty = two(&["scratch"]);
    empty.arms[0].samples.clear();
    assert!(matches!(Side::of_run(empty, None).unwrap_err(), ReportError::NoSamples { .. }));
    let (a, mut b) = pattern([5, 5, 5, 5]);
    assert!(SideBySide::of(&a, &b, Some("bleu")).unwrap_err().to_string().contains("\"bleu\""));
    b.seeds.get_mut(&0).unwrap().iter_mut().for_each(|s| s.task = "other".to_owned());
    let error = SideBySide::of(&a, &b, None).unwrap_err().to_string();
    assert!(error.contains("no question") && error.contains("other"), "{error}");
}

#[test]
fn flipped_samples_show_both_answers_and_no_control_characters() {
    let (mut a, b) = pattern([1, 1, 1, 1]);
    a.seeds.get_mut(&0).unwrap()[1].responses[0].text = "\u{1b}[31mred\n".to_owned();
    let compared = SideBySide::of(&a, &b, None).unwrap();
    let text = flips_text(&compared, &a, &b, 1);
    assert!(
        text.contains("only A is right") && text.contains("-- B: failed") && text.contains("1 more flipped"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn the_page_holds_the_table_and_all_answers() {
    let (a, b) = pattern([10, 5, 25, 10]);
    let (a, b) = (a.named("<b>base</b>".to_owned()), b.named("tuned".to_owned()));
    let compared = SideBySide::of(&a, &b, None).unwrap();
    let page = render_comparison(&compared, &a, &b, PageOptions::default()).unwrap();
    assert!(page.contains("B is better than A on code_exercises.") && page.contains("id=\"sample-index\""));
    assert!(!page.contains("<b>base"));
}

#[test]
fn a_perplexity_that_falls_is_better_and_the_difference_is_that_of_its_logarithm() {
    let side = |nats: f64| {
        let mut run = run(&SPECS[..1], 1, 1);
        let arm = &mut run.arms[0];
        let metric = ("lambada_openai", "perplexity");
        arm.scores.truncate(1);
        (arm.scores[0].task, arm.scores[0].metric) = (metric.0.to_owned(), metric.1.to_owned());
        arm.scores[0].higher_is_better = false;
        arm.samples = (0..40).map(|q| sample(q, [true; 4])).collect();
        for (q, sample) in arm.samples.iter_mut().enumerate() {
            metric.0.clone_into(&mut sample.task);
            sample.metrics = [(metric.1.to_owned(), -nats - 0.01 * (q % 5) as f64 * nats)].into();
        }
        Side::of_run(run, None).unwrap()
    };
    let task = &SideBySide::of(&side(2.0), &side(1.5), None).unwrap().tasks[0];
    assert!(task.difference < 0.0 && !task.higher_is_better, "{}", task.difference);
    assert_eq!(task.verdict, Verdict::Better);
    assert!((task.score_a - (2.04_f64).exp()).abs() < 1e-9, "{}", task.score_a);
    assert!((task.difference - (task.score_b.ln() - task.score_a.ln())).abs() < 1e-9);
}
