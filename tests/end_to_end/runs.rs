//! `phi-bench runs`, on stores that a run was saved into.

use crate::support::{phi_bench, refuses, results, run};
use phi_reports::{Keep, Store, read_lm_eval};
use serde_json::Value;
use std::path::Path;

/// An output folder with a run of so many right answers; its key.
fn stored(folder: &Path, name: &str, right: usize) -> String {
    let out = folder.join(name);
    results(&out.join("results"), "phi", 40, right);
    let mut run = read_lm_eval(&out.join("results"), Keep::Texts).unwrap();
    run.name = name.to_owned();
    run.started_unix_s = 1_770_000_000 + right as u64 * 86_400;
    Store::open(out.join("store.sqlite")).unwrap().save_run(&run).unwrap();
    run.key
}

#[test]
fn runs_are_listed_shown_compared_exported_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (before, after) = (stored(dir.path(), "before", 20), stored(dir.path(), "after", 22));
    let runs = |words: &[&str]| {
        let mut command = phi_bench();
        command.arg("runs").args(words).arg("--store").arg(dir.path());
        command
    };
    let (out, err, code) = run(&mut runs(&["list"]));
    assert_eq!(code, 0, "{err}");
    assert!(out.find("after").unwrap() < out.find("before").unwrap() && out.contains("2026-02-24"), "{out}");
    let (out, _, _) = run(&mut runs(&["list", "--until", "2026-02-23", "--task", "piqa", "--json"]));
    let list: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((list.as_array().unwrap().len(), list[0]["key"].as_str()), (1, Some(before.as_str())));

    let (out, _, code) = run(&mut runs(&["show", "after"]));
    assert_eq!((code, out.contains("piqa") && out.contains("0.5500")), (0, true), "{out}");
    let (out, _, _) = run(&mut runs(&["show", &after[..8], "--samples", "--text", "question 7?", "--json"]));
    let sample: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((sample["key"].as_str(), sample["responses"][0]["text"].as_str()), (Some("7-00000000"), Some(" a")));

    let (out, _, code) = run(&mut runs(&["diff", "before", "after", "--changed", "9"]));
    assert_eq!((code, out.matches("0 -> 1").count()), (0, 2), "{out}");
    // Results that lie in no store take part as well.
    let there = dir.path().join("before/results");
    let (out, _, _) = run(&mut runs(&["diff", there.to_str().unwrap(), "after", "--json"]));
    let diff: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((diff["scores"][0]["n_rose"].as_u64(), diff["scores"][0]["n_common"].as_u64()), (Some(2), Some(40)));

    let tables = dir.path().join("tables");
    let (out, err, code) = run(&mut runs(&["export", "after", "--format", "csv", "--out", tables.to_str().unwrap()]));
    assert_eq!((code, out.lines().count()), (0, 5), "{err}");
    assert_eq!(std::fs::read_to_string(tables.join("values.csv")).unwrap().lines().count(), 41);

    let (out, err, code) = run(&mut runs(&["rm", "before"]));
    assert_eq!((code, out.contains(&before)), (0, true), "{err}");
    refuses(&mut runs(&["show", "before"]), 3, &["before", "runs list"]);
    let (out, _, code) = run(&mut runs(&["gc", "--json"]));
    let gone: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, gone[1]["collected"]["n_question_sets"].as_u64()), (0, Some(1)), "{out}");
}

#[test]
fn a_word_that_means_several_runs_or_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("out");
    std::fs::create_dir(&place).unwrap();
    let runs = |words: &[&str]| {
        let mut command = phi_bench();
        command.arg("runs").args(words).arg("--store").arg(&place);
        command
    };
    refuses(&mut runs(&["list"]), 3, &["no run store", "phi-bench ablate"]);
    for (folder, right) in [("a", 1), ("b", 2)] {
        stored(&place, folder, right);
        let mut store = Store::open(place.join(folder).join("store.sqlite")).unwrap();
        let mut run = store.latest().unwrap().unwrap();
        run.name = "same".to_owned();
        store.save_run(&run).unwrap();
    }
    refuses(&mut runs(&["show", "same"]), 2, &["means 2 runs", "more of the key"]);
    refuses(&mut runs(&["show", "zzz"]), 3, &["zzz"]);
    refuses(&mut runs(&["list", "--since", "yesterday"]), 2, &["2026-01-31"]);
    std::fs::write(place.join("a/store.sqlite"), "not a database, and long enough to be told from one".repeat(50))
        .unwrap();
    refuses(&mut runs(&["list"]), 3, &["damaged or not a run store"]);
}
