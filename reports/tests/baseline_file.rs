//! The baseline file: for people, for git, and never taken for what it isn't.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, outcomes, run};
use phi_reports::{Baseline, ReportError};
use std::path::Path;
use std::process::Command;

#[test]
fn a_baseline_file_has_sorted_lines_and_comes_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.jsonl");
    let baseline = Baseline::of(&run(&SPECS, 3, 40));
    baseline.save(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let heads: Vec<&str> = text.lines().filter(|l| l.starts_with("{\"arm\"")).collect();
    assert_eq!(heads.len(), 4 * 3);
    assert!(heads.is_sorted_by_key(|l| l.split(",\"value\"").next()), "{heads:#?}");
    assert_eq!(text.lines().filter(|l| l.starts_with('[')).count(), 4 * 3 * 40, "a line a question");
    let back = Baseline::load(&path).unwrap();
    assert!(back == baseline && back.to_text().unwrap() == text, "comes back the same");
}

/// What the value of a question at a score's line must not be.
#[test]
fn a_file_that_is_damaged_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.jsonl");
    let good = Baseline::of(&outcomes(&[("piqa", "acc", vec![1.0, 0.0, 1.0])])).to_text().unwrap();
    let cases: [(String, &str); 9] = [
        (String::new(), "line 1"),
        ("[1, 2]\n".to_owned(), "line 1"),
        (good.replacen(":2}", ":3}", 1), "version 3"),
        (good[..good.len() - 4].to_owned(), "line 6"),
        (good.replacen("\",0]", "\",\"no\"]", 1), "line 5: \"no\" is no number"),
        (good.replacen("\",0]", "\",0,1]", 1), "line 5: 2 values for 1 seeds"),
        (good.replacen("\",0]", "\",1]", 1), "its questions give 1"),
        (good.replace("00001", "00000"), "stands twice"),
        (format!("{good}<<<<<<< HEAD\n"), "line 7: an unresolved conflict"),
    ];
    for (text, word) in cases {
        std::fs::write(&path, &text).unwrap();
        let error = Baseline::load(&path).unwrap_err();
        assert!(matches!(error, ReportError::NotABaseline { .. }), "{error}");
        assert!(error.to_string().contains(word) && error.to_string().contains("baseline.jsonl"), "{word}: {error}");
    }
    std::fs::write(&path, [0xff, 0xfe, 0]).unwrap();
    assert!(matches!(Baseline::load(&path), Err(ReportError::NotABaseline { .. })));
    assert!(matches!(Baseline::load(folder.path().join("none")), Err(ReportError::Io { .. })));
}

#[test]
fn a_file_of_the_first_version_is_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let text = r#"{"schema": 1, "run": "old", "scores": [
{"arm":"scratch","task":"piqa","metric":"acc","higher_is_better":true,"value":0.5,"stderr":0.25,"n":2,"seeds":[1,2],"questions":{"a":[1,0],"b":[null,1]}}
]}"#;
    std::fs::write(&path, text).unwrap();
    let baseline = Baseline::load(&path).unwrap();
    assert_eq!(baseline.scores[0].questions["b"], [None, Some(1.0)]);
    assert_eq!((baseline.scores[0].value, baseline.scores[0].run.as_str()), (0.75, "old"));
    std::fs::write(&path, text.replace("\"schema\": 1", "\"schema\": 7")).unwrap();
    assert!(Baseline::load(&path).unwrap_err().to_string().contains("version 7"));
}

/// Runs git in a folder, as nobody in particular.
fn git(folder: &Path, arguments: &[&str]) -> Option<bool> {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main"]);
    Some(git.args(arguments).current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").output().ok()?.status.success())
}

/// Scores that stand next to one another in the file change on two branches, one of them in its last question.
#[test]
#[allow(clippy::print_stderr)]
fn git_merges_branches_that_changed_different_scores() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.jsonl");
    let save = |acc: &[f64], norm: &[f64], run: &str| {
        let mut run_of = outcomes(&[("piqa", "acc", acc.to_vec()), ("piqa", "acc_norm", norm.to_vec())]);
        // Both metrics are of the same questions in a genuine run; the key of the run changes with every one.
        run_of.key = run.to_owned();
        Baseline::of(&run_of)
    };
    // A branch keeps the other score's lines, as `check --only` does.
    let mix =
        |acc: &Baseline, norm: &Baseline| Baseline { scores: vec![acc.scores[0].clone(), norm.scores[1].clone()] };
    let old = save(&[1.0, 0.0, 1.0], &[0.0, 0.0, 1.0], "old");
    let new = save(&[1.0, 0.0, 0.0], &[1.0, 0.0, 1.0], "new");
    if git(folder.path(), &["init", "-q"]).is_none() {
        eprintln!("left out: there is no git");
        return;
    }
    let commit = |baseline: &Baseline, branch: &str| {
        baseline.save(&path).unwrap();
        assert_eq!(git(folder.path(), &["add", "."]), Some(true));
        assert_eq!(git(folder.path(), &["commit", "-q", "-m", branch]), Some(true));
    };
    commit(&old, "old");
    assert_eq!(git(folder.path(), &["checkout", "-q", "-b", "acc"]), Some(true));
    commit(&mix(&new, &old), "acc");
    assert_eq!(git(folder.path(), &["checkout", "-q", "main"]), Some(true));
    commit(&mix(&old, &new), "acc_norm");
    assert_eq!(git(folder.path(), &["merge", "-q", "acc", "-m", "both"]), Some(true), "git found a conflict");
    assert_eq!(Baseline::load(&path).unwrap(), new);

    // One score that changed on both branches is a conflict of git's, and is told as one.
    assert_eq!(git(folder.path(), &["checkout", "-q", "-b", "again"]), Some(true));
    commit(&mix(&save(&[0.0; 3], &[0.0; 3], "third"), &new), "third");
    assert_eq!(git(folder.path(), &["checkout", "-q", "main"]), Some(true));
    commit(&mix(&save(&[1.0; 3], &[0.0; 3], "fourth"), &new), "fourth");
    assert_eq!(git(folder.path(), &["merge", "-q", "again", "-m", "both"]), Some(false));
    let error = Baseline::load(&path).unwrap_err();
    assert!(error.to_string().contains("unresolved conflict"), "{error}");
}
