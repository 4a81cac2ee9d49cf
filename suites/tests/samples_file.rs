//! Scoring files of samples: what is counted, what is written, and that a broken run ends like an unbroken one.
#![allow(clippy::unwrap_used)]

mod common;

use common::WordGrader;
use flate2::Compression;
use flate2::write::GzEncoder;
use phi_sandbox::Limits;
use phi_suites::python::Random;
use phi_suites::samples_file::{SamplesFile, SamplesFileError, ScoreOptions, Summary, results_path};
use phi_suites::stats::wilson;
use phi_suites::{Grade, Grader, LoadedTask, Program, Task};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A folder with a task of `n` questions in HumanEval's form.
fn task(n: usize) -> (tempfile::TempDir, LoadedTask) {
    let folder = tempfile::tempdir().unwrap();
    let problem = |i| {
        format!(
            r#"{{"task_id": "T/{i}", "prompt": "def f{i}():\n", "entry_point": "f{i}", "canonical_solution": "    right\n", "test": "T{i}"}}"#
        )
    };
    let path = folder.path().join("problems.jsonl");
    std::fs::write(&path, (0..n).map(|i| problem(i) + "\n").collect::<String>()).unwrap();
    let task = Task::builtin("humaneval").unwrap().load_file(&path).unwrap();
    (folder, task)
}

fn write(folder: &tempfile::TempDir, lines: &[String]) -> PathBuf {
    let path = folder.path().join("samples.jsonl");
    std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    path
}

/// A whole program for a task; `WordGrader` lets `right` pass.
fn solution(task: usize, text: &str) -> String {
    format!(r#"{{"task_id": "T/{task}", "solution": "{text}"}}"#)
}

fn score(task: &LoadedTask, path: &Path, options: &ScoreOptions) -> Result<Summary, SamplesFileError> {
    SamplesFile::open(task, path)?.score(&WordGrader, options, &|_, _| {}, &AtomicBool::new(false))
}

fn ks(ks: &[usize]) -> ScoreOptions {
    ScoreOptions { ks: ks.to_vec(), jobs: 2, ..ScoreOptions::default() }
}

/// Remembers the programs that it was given, but for the empty one that tells an interpreter's build.
#[derive(Default)]
struct Recording(Mutex<Vec<Program>>);

impl Grader for Recording {
    fn grade(&self, program: &Program) -> Grade {
        if !program.solution.is_empty() {
            self.0.lock().unwrap().push(program.clone());
        }
        WordGrader.grade(program)
    }
}

#[test]
fn a_completion_goes_behind_its_prompt_and_a_solution_stands_as_it_is() {
    let (folder, task) = task(2);
    let path = write(
        &folder,
        &[
            r#"{"task_id": "T/1", "completion": "    right"}"#.to_owned(),
            r#"{"completion": "ignored", "solution": "whole right", "task_id": 0}"#.to_owned(),
        ],
    );
    let grader = Recording::default();
    let file = SamplesFile::open(&task, &path).unwrap();
    file.score(&grader, &ks(&[1]), &|_, _| {}, &AtomicBool::new(false)).unwrap();
    let mut programs = grader.0.into_inner().unwrap();
    programs.sort_by(|a, b| a.test.cmp(&b.test));
    assert_eq!(programs[0].solution, "whole right");
    assert_eq!(programs[1].solution, "def f1():\n    right\n");
    assert_eq!((&*programs[0].test, &*programs[1].test), ("T0\ncheck(f0)", "T1\ncheck(f1)"));
}

#[test]
fn pass_at_k_is_the_mean_of_the_unbiased_estimates() {
    let (folder, task) = task(2);
    // 2 of 5 and 1 of 6 pass: 1 - C(3,3) / C(5,3) = 0.9 and 1 - C(5,3) / C(6,3) = 0.5 for k = 3.
    let passes = [(0, "right"), (0, "x"), (1, "y"), (0, "right"), (1, "right"), (0, "z"), (0, "z")];
    let mut lines: Vec<String> = passes.iter().map(|(task, text)| solution(*task, text)).collect();
    lines.extend((0..4).map(|_| solution(1, "wrong")));
    let summary = score(&task, &write(&folder, &lines), &ks(&[3, 1, 6])).unwrap();
    let values: Vec<(&str, f64)> = summary.scores.iter().map(|s| (s.metric.as_str(), s.value)).collect();
    assert_eq!(values.len(), 2);
    assert!(values[0].0 == "pass@3" && (values[0].1 - 0.7).abs() < 1e-12, "{values:?}");
    assert!(values[1].0 == "pass@1" && (values[1].1 - (0.4 + 1.0 / 6.0) / 2.0).abs() < 1e-12, "{values:?}");
    assert_eq!((summary.scores[0].n, summary.scores[0].clusters), (2, 2));
    let left_out = &summary.k_left_out[0];
    assert_eq!((left_out.k, left_out.task.as_str(), left_out.samples), (6, "T/0", 5));
    assert_eq!(summary.survey.duplicates, 5, "right and z of T/0 once, wrong of T/1 three times");
    assert_eq!(summary.survey.first_duplicate_lines, [4, 7, 9, 10, 11]);
}

#[test]
fn the_interval_covers_the_score_of_the_tasks_population_where_counting_samples_does_not() {
    let (folder, task) = task(40);
    let mut random = Random::new(7);
    let options = ScoreOptions { restart: true, ..ks(&[1, 5]) };
    // A task is hard or easy; 10 samples each.
    let truth = [0.5, 1.0 - (0.9f64.powi(5) + 0.1f64.powi(5)) / 2.0];
    let (trials, mut covered, mut naive) = (400, [0, 0], 0);
    for _ in 0..trials {
        let mut lines = Vec::new();
        for i in 0..40 {
            let chance = if random.random() < 0.5 { 0.1 } else { 0.9 };
            lines.extend((0..10).map(|_| solution(i, if random.random() < chance { "right" } else { "wrong" })));
        }
        let summary = score(&task, &write(&folder, &lines), &options).unwrap();
        for (i, score) in summary.scores.iter().enumerate() {
            covered[i] += usize::from(score.interval.0 <= truth[i] && truth[i] <= score.interval.1);
        }
        let (low, high) = wilson(summary.verdicts["passed"] as f64, 400.0, 0.05);
        naive += usize::from(low <= truth[0] && truth[0] <= high);
    }
    let share = |n: usize| n as f64 / f64::from(trials);
    assert!(covered.iter().all(|&n| (0.91..=0.98).contains(&share(n))), "{covered:?}");
    assert!(share(naive) < 0.7, "{naive}");
}

#[test]
fn what_the_sandbox_failed_on_is_no_wrong_answer() {
    let (folder, task) = task(1);
    let lines = [solution(0, "right"), solution(0, "fault"), solution(0, "wrong")];
    let path = write(&folder, &lines);
    let summary = score(&task, &path, &ks(&[1, 3])).unwrap();
    assert_eq!((summary.faults, summary.scores[0].value), (1, 0.5));
    assert_eq!(summary.k_left_out[0].samples, 2);
    let results = std::fs::read_to_string(results_path(&path)).unwrap();
    assert!(results.lines().nth(1).unwrap().contains(r#""passed": false, "verdict": "fault""#), "{results}");
}

#[test]
fn a_task_with_a_weaker_test_is_scored_by_both() {
    let (folder, _) = task(1);
    let problem = r#"{"task_id": "T/0", "prompt": "", "entry_point": "f", "canonical_solution": "right", "base_input": [[1]], "plus_input": [[2]], "atol": 0}"#;
    let problems = folder.path().join("plus.jsonl");
    std::fs::write(&problems, problem).unwrap();
    let task = Task::builtin("humaneval_plus").unwrap().load_file(&problems).unwrap();
    /// Half right programs pass the weaker test only.
    struct Half;
    impl Grader for Half {
        fn grade(&self, program: &Program) -> Grade {
            let is_base = !program.test.contains("\"plus\", lambda");
            let solution = if is_base && program.solution == "half" { "right" } else { &program.solution };
            WordGrader.grade(&Program { solution: solution.to_owned(), test: String::new() })
        }
    }
    let path = write(&folder, &["right", "half", "half", "none", "fault"].map(|text| solution(0, text)));
    let file = SamplesFile::open(&task, &path).unwrap();
    let run = || file.score(&Half, &ks(&[1, 4, 5]), &|_, _| {}, &AtomicBool::new(false)).unwrap();
    let summary = run();
    let values: Vec<(&str, f64)> = summary.scores.iter().map(|s| (s.metric.as_str(), s.value)).collect();
    assert_eq!(values, [("pass@1", 0.25), ("pass@4", 1.0), ("pass@1,base", 0.75), ("pass@4,base", 1.0)]);
    let results = std::fs::read_to_string(&summary.results_file).unwrap();
    let base: Vec<bool> = results.lines().map(|line| line.contains("\"base_passed\": true}")).collect();
    assert_eq!(base, [true, true, true, false, false]);
    assert_eq!(run().scores, summary.scores, "read back");
}

#[test]
fn compressed_samples_give_the_same_results() {
    let (folder, task) = task(3);
    let lines: Vec<String> = (0..9).map(|i| solution(i % 3, if i < 4 { "right" } else { "wrong" })).collect();
    let path = write(&folder, &lines);
    let plain = score(&task, &path, &ks(&[1, 3])).unwrap();
    let text = std::fs::read(&path).unwrap();
    // Two members, as appending to a compressed file makes them.
    let mut compressed = Vec::new();
    for half in [&text[..50], &text[50..]] {
        let mut encoder = GzEncoder::new(&mut compressed, Compression::default());
        encoder.write_all(half).unwrap();
        encoder.finish().unwrap();
    }
    let gz = folder.path().join("samples.jsonl.gz");
    std::fs::write(&gz, &compressed).unwrap();
    let summary = score(&task, &gz, &ks(&[1, 3])).unwrap();
    assert_eq!(summary.scores, plain.scores);
    assert_eq!(summary.results_file, folder.path().join("samples.jsonl.gz_results.jsonl"));
    assert_eq!(std::fs::read(summary.results_file).unwrap(), std::fs::read(plain.results_file).unwrap());

    std::fs::write(&gz, &compressed[..compressed.len() - 9]).unwrap();
    let error = SamplesFile::open(&task, &gz).err().unwrap();
    assert!(matches!(error, SamplesFileError::Read { .. }), "{error}");
}

#[test]
fn a_run_cut_anywhere_ends_like_an_unbroken_one() {
    let (folder, task) = task(2);
    let lines = [solution(0, "right"), "bad".to_owned(), solution(1, "a"), solution(0, "b"), solution(1, "right")];
    let path = write(&folder, &lines);
    let unbroken = score(&task, &path, &ks(&[1])).unwrap();
    let results = std::fs::read(&unbroken.results_file).unwrap();
    assert_eq!(results.iter().filter(|b| **b == b'\n').count(), 4);
    for length in 0..=results.len() {
        for rest in ["", "\0\0\0", "{\"task_id\": \"T/0\"}\n", "\n"] {
            let left = [&results[..length], rest.as_bytes()].concat();
            std::fs::write(&unbroken.results_file, &left).unwrap();
            let whole_lines = results[..length].iter().filter(|b| **b == b'\n').count();
            // A cut just before a line feed which the rest brings is none.
            let whole_lines = whole_lines + usize::from(rest == "\n" && results.get(length) == Some(&b'\n'));
            let grader = Recording::default();
            let file = SamplesFile::open(&task, &path).unwrap();
            let summary = file.score(&grader, &ks(&[1]), &|_, _| {}, &AtomicBool::new(false)).unwrap();
            assert_eq!(summary.results_kept, whole_lines, "cut at {length}, then {rest:?}");
            assert_eq!(grader.0.into_inner().unwrap().len(), 4 - whole_lines);
            assert!(std::fs::read(&unbroken.results_file).unwrap() == results, "cut at {length}, then {rest:?}");
            let same = Summary { results_kept: unbroken.results_kept, ..summary };
            assert_eq!(same, unbroken);
        }
    }
}

#[test]
fn a_stopped_run_keeps_what_it_has_and_goes_on() {
    let (folder, task) = task(1);
    let lines: Vec<String> = (0..5000).map(|i| solution(0, &format!("right {i}"))).collect();
    let path = write(&folder, &lines);
    let stop = AtomicBool::new(false);
    let file = SamplesFile::open(&task, &path).unwrap();
    let at_100 = |done: usize, total: usize| {
        assert_eq!(total, 5000);
        stop.store(done >= 100, Ordering::Relaxed);
    };
    let error = file.score(&WordGrader, &ks(&[1]), &at_100, &stop).unwrap_err();
    let SamplesFileError::Interrupted { done, total: 5000, path: results } = error else { panic!("{error}") };
    assert_eq!(std::fs::read_to_string(&results).unwrap().lines().count(), done);
    assert!((100..5000).contains(&done), "{done}");
    let summary = score(&task, &path, &ks(&[1])).unwrap();
    assert_eq!((summary.results_kept, summary.verdicts["passed"]), (done, 5000));
    let results = std::fs::read_to_string(&results).unwrap();
    assert!(results.lines().zip(&lines).all(|(result, sample)| result.starts_with(sample.trim_end_matches('}'))));
}

#[test]
fn results_of_other_conditions_are_not_gone_on_with() {
    let (folder, task) = task(1);
    let path = write(&folder, &[solution(0, "right")]);
    score(&task, &path, &ks(&[1])).unwrap();
    let refused = |options: &ScoreOptions, word: &str| {
        let error = score(&task, &path, options).unwrap_err();
        assert!(matches!(error, SamplesFileError::Differs { .. }) && error.to_string().contains(word), "{error}");
    };
    refused(&ScoreOptions { limits: Limits { fuel: 5, ..Limits::default() }, ..ks(&[1]) }, "limits");
    refused(&ScoreOptions { python: phi_sandbox::Python::Rustpython, ..ks(&[1]) }, "python was \"cpython\"");
    // How many at once and which k make no difference.
    assert_eq!(score(&task, &path, &ScoreOptions { jobs: 7, ..ks(&[1, 2]) }).unwrap().results_kept, 1);
    /// An interpreter that was built anew.
    struct Rebuilt;
    impl Grader for Rebuilt {
        fn grade(&self, program: &Program) -> Grade {
            Grade { fuel_used: 2, ..WordGrader.grade(program) }
        }
    }
    let file = SamplesFile::open(&task, &path).unwrap();
    let error = file.score(&Rebuilt, &ks(&[1]), &|_, _| {}, &AtomicBool::new(false)).unwrap_err();
    assert!(error.to_string().contains("the interpreter is another build"), "{error}");
    write(&folder, &[solution(0, "wrong")]);
    refused(&ks(&[1]), "the samples have changed");
    let anew = score(&task, &path, &ScoreOptions { restart: true, ..ks(&[1]) }).unwrap();
    assert_eq!((anew.results_kept, anew.scores[0].value), (0, 0.0));
}

#[test]
fn a_file_that_no_run_began_is_never_touched() {
    let (folder, task) = task(1);
    let path = write(&folder, &[solution(0, "right")]);
    let before = std::fs::read(&path).unwrap();
    let onto_itself = ScoreOptions { output: Some(path.clone()), restart: true, ..ks(&[1]) };
    let error = score(&task, &path, &onto_itself).unwrap_err();
    assert!(matches!(error, SamplesFileError::Foreign { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn results_can_be_scored_again() {
    let (folder, task) = task(1);
    let path = write(&folder, &[solution(0, "right"), solution(0, "wrong")]);
    let first = score(&task, &path, &ks(&[1])).unwrap();
    let again = score(&task, &first.results_file, &ks(&[1])).unwrap();
    assert_eq!(again.scores, first.scores);
    let line = std::fs::read_to_string(&again.results_file).unwrap();
    assert_eq!(line.matches("\"result\"").count(), 2, "once a line: {line}");
}

#[test]
fn a_task_without_programs_has_no_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arc.jsonl");
    let question =
        r#"{"id": "1", "question": {"stem": "2 + 2?", "choices": [{"text": "4", "label": "A"}]}, "answerKey": "A"}"#;
    std::fs::write(&path, question).unwrap();
    let task = Task::builtin("arc_easy").unwrap().load_file(&path).unwrap();
    let error = SamplesFile::open(&task, &path).err().unwrap();
    assert!(error.to_string().contains("arc_easy"), "{error}");
}
