//! `phi-bench track`, from results to a page.

use crate::support::{phi_bench, refuses, results, run};

#[test]
fn a_ledger_grows_by_commit_and_its_report_marks_the_change() {
    let dir = tempfile::tempdir().unwrap();
    let track = |words: &[&str]| {
        let mut command = phi_bench();
        command.arg("track").args(words).current_dir(dir.path());
        command
    };
    refuses(&mut track(&["list"]), 3, &["no ledger at phi-bench-ledger.jsonl", "track add", "--ledger"]);
    for day in 1..=12 {
        results(&dir.path().join("results"), &format!("out/day-{day}"), 200, if day < 7 { 140 } else { 100 } + day % 2);
        let (commit, date) = (format!("commit-{day}"), format!("2026-02-{day:02}"));
        let (out, err, code) =
            run(&mut track(&["add", "results", "--arm", "nightly", "--commit", &commit, "--date", &date]));
        assert_eq!((code, out.starts_with("1 measurements")), (0, true), "{out}{err}");
    }
    let (out, _, _) =
        run(&mut track(&["add", "results", "--arm", "nightly", "--commit", "commit-12", "--date", "2026-02-12"]));
    assert!(out.starts_with("0 measurements") && out.contains("already"), "{out}");
    let ledger = dir.path().join("phi-bench-ledger.jsonl");
    let text = std::fs::read_to_string(&ledger).unwrap();
    assert_eq!(text.lines().count(), 12);
    std::fs::write(&ledger, format!("{text}half a li\n")).unwrap();

    let (out, err, code) = run(&mut track(&["report", "--html", "history.html"]));
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("line 13: skipped"), "{err}");
    assert!(out.contains("nightly piqa acc: worse from 70.") && out.contains("at commit-7 (2026-02-07)"), "{out}");
    assert!(std::fs::read_to_string(dir.path().join("history.html")).unwrap().contains("</html>"));
    let (out, _, _) = run(&mut track(&["list", "--measure", "piqa", "--json"]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap().as_array().unwrap().len(), 12);

    refuses(&mut track(&["report", "--measure", "nothing"]), 3, &["no such measurement"]);
    refuses(&mut track(&["add", "nowhere", "--commit", "x", "--date", "2026-02-01"]), 3, &["nowhere"]);
    // There is no repository here.
    let mut alone = track(&["add", "results"]);
    refuses(alone.env("GIT_CEILING_DIRECTORIES", dir.path()), 2, &["--commit", "--date"]);
}
