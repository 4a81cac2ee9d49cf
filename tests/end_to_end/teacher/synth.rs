//! Exercises and textbooks from a model behind a server.

use super::kills::{by_hand, kill_at};
use super::server::{Count, Does, number_behind, serve};
use super::{json, taught};
use phi_loopback::Server;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// What the prompt says the function must be called.
fn function(said: &str) -> &str {
    said.split_once("The function is called `").unwrap().1.split('`').next().unwrap()
}

/// An exercise of this name, in as many variants as there are names. `fault` says what is wrong with it.
fn exercise(name: &str, fault: &str) -> String {
    let n = name.bytes().fold(7u32, |sum, byte| (sum * 31 + u32::from(byte)) % 9973);
    let words: Vec<&str> = name.split('_').collect();
    let body = match fault {
        "wrong" => format!("    return items[0] * {n}\n"),
        "endless" => "    while True:\n        pass\n".to_owned(),
        _ => format!("    kept = [item for item in items if item % {n}]\n    return len(kept) + {n}\n"),
    };
    let doc = format!(
        "Count what {} among {} of the {} isn't a multiple of {n}, and add {n} to it.\n\n    >>> {name}([{n}])\n    {n}",
        words[0], words[1], words[2]
    );
    let called = if fault == "name" { "other" } else { name };
    let top = if fault == "top" { "print('hello')\n" } else { "" };
    let tests = match fault {
        "weak" => vec![format!("assert {name}([1]) is not None"); 4],
        "few" => vec![format!("assert {name}([1]) == {}", n + 1)],
        _ => vec![
            format!("assert {name}([]) == {n}"),
            format!("assert {name}([{n}, 1]) == {}", n + 1),
            format!("assert {name}([1, 2, 3]) == {}", n + 3),
            format!("assert {name}([{n}, {}]) == {n}", 2 * n),
        ],
    };
    json!({ "solution": format!("{top}def {called}(items):\n    \"\"\"{doc}\n    \"\"\"\n{body}"), "tests": tests })
        .to_string()
}

fn passage(said: &str) -> String {
    let three = said.split_once("have to do with: ").unwrap().1.split('.').next().unwrap();
    let topic = said.split_once("words on ").unwrap().1.split(" for a").next().unwrap();
    let text =
        format!("Here {topic} meets {three}, and again {three}; the reader sees how {topic} is done. ").repeat(6);
    format!(
        "# On {topic}\n\n{text}\n\n```python\nthings = {:?}\nprint(len(things))\n```\n\nWhat does it print? 3.",
        three
    )
}

fn written(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("synth").join(name)).unwrap()
}

const SYNTH: [&str; 7] = ["synth", "--exercises", "30", "--out", "synth", "--num-concurrent", "4"];

#[test]
fn a_model_s_exercises_run_in_the_sandbox_and_bad_ones_are_counted_by_reason() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let count = Count::default();
    let server = serve(&count, |said, _, body| {
        assert!(body["temperature"].as_f64().unwrap() > 0.5);
        let name = function(said);
        let is_first = body["messages"].as_array().unwrap().len() == 2;
        let fault = match body["seed"].as_u64().unwrap() {
            // Never mends its ways; the two others do, when they are told what is wrong.
            _ if said.contains("top level of `solution`") => "top",
            _ if !is_first => "",
            2 => "wrong",
            3 => "weak",
            4 => "endless",
            5 => "name",
            6 => "top",
            7 => "few",
            _ => "",
        };
        Does::Says(exercise(name, fault))
    });
    let (report, _) = json(&mut taught(dir, &server, &SYNTH), 0);
    let exercises = &report["exercises"];
    assert_eq!(
        (exercises["kept"].as_u64(), exercises["writer"].as_str()),
        (Some(30), Some("fake-llm by prompts synth-1"))
    );
    assert_eq!((&exercises["rejected"]["bad_solution"], &exercises["rejected"]["weak_tests"]), (&2.into(), &1.into()));
    assert_eq!(exercises["rejected"]["not_as_asked"], 1);
    assert!(exercises["diversity"]["embedding_spread"].as_f64().unwrap() > 0.0, "{report}");
    let lines = written(dir, "exercises.jsonl");
    assert_eq!(lines.lines().count(), 30);
    for line in lines.lines() {
        let exercise: serde_json::Value = serde_json::from_str(line).unwrap();
        let test = exercise["test"].as_str().unwrap();
        assert!(
            test.contains("assert candidate(") && !test.contains(exercise["entry_point"].as_str().unwrap()),
            "{test}"
        );
        assert!(exercise["prompt"].as_str().unwrap().ends_with("\"\"\"\n"), "{exercise}");
    }
    // Again: the same files, and nothing is asked.
    let requests = count.requests();
    json(&mut taught(dir, &server, &SYNTH), 0);
    assert_eq!((written(dir, "exercises.jsonl"), count.requests()), (lines, requests));
}

/// A server that writes sound exercises and passages, slowly.
fn writer(count: &Count) -> Server {
    serve(count, |said, _, _| {
        std::thread::sleep(Duration::from_millis(8));
        Does::Says(if said.contains("textbook") { passage(said) } else { exercise(function(said), "") })
    })
}

#[test]
fn killed_in_the_middle_a_synthesis_goes_on_to_the_same_files_and_pays_only_what_was_under_way_again() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let arguments = ["synth", "--exercises", "20", "--textbooks", "20", "--out", "synth", "--num-concurrent", "2"];
    let counts = [Count::default(), Count::default()];
    let server = writer(&counts[0]);
    json(&mut taught(whole.path(), &server, &arguments), 0);
    let server = writer(&counts[1]);
    let had = kill_at(by_hand(&taught(broken.path(), &server, &arguments), broken.path()), &counts[1], 25);
    let (report, _) = json(&mut taught(broken.path(), &server, &arguments), 0);
    assert!(had < 40 && report["spending"]["kept"].as_u64().unwrap() >= 20, "{report}");
    for file in ["exercises.jsonl", "textbooks.jsonl"] {
        assert_eq!(written(whole.path(), file), written(broken.path(), file));
    }
    assert!(counts[1].requests() <= counts[0].requests() + 2, "{} requests", counts[1].requests());
}

#[test]
fn a_larger_set_begins_with_the_smaller_and_topics_and_seed_documents_reach_the_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    std::fs::write(dir.join("topics.txt"), "knitting patterns\n\n# not a topic\nbread recipes\n").unwrap();
    std::fs::write(dir.join("seeds.jsonl"), "{\"text\": \"a = 'the piece'\"}\n").unwrap();
    let count = Count::default();
    let server = serve(&count, |said, _, _| {
        assert!(said.contains("knitting patterns") || said.contains("bread recipes"), "{said}");
        assert!(said.contains("<piece>\na = 'the piece'\n</piece>"), "{said}");
        assert!(number_behind(said, "of 300 to") == 600);
        Does::Says(passage(said))
    });
    let synth = |n: &str| {
        let mut command = taught(dir, &server, &["synth", "--exercises", "0", "--textbooks", n, "--out", "synth"]);
        json(command.args(["--topics", "topics.txt", "--seed-documents", "seeds.jsonl"]), 0).0
    };
    synth("3");
    let small = written(dir, "textbooks.jsonl");
    let report = synth("6");
    assert!(written(dir, "textbooks.jsonl").starts_with(&small));
    assert_eq!((&report["textbooks"]["diversity"]["topics"], count.most_paid()), (&json!([2, 2]), 1));
    let first: serde_json::Value = serde_json::from_str(small.lines().next().unwrap()).unwrap();
    assert!(first["source"].as_str().unwrap().starts_with("fake-llm: "), "{first}");
}

#[test]
fn a_budget_and_a_model_that_writes_the_same_again_and_again_end_a_synthesis_with_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let count = Count::default();
    let server = writer(&count);
    let (forecast, _) = json(taught(dir, &server, &SYNTH).arg("--dry-run"), 0);
    assert_eq!((&forecast["questions"], count.requests()), (&30.into(), 0));
    let (report, errors) = json(taught(dir, &server, &SYNTH).args(["--max-tokens-total", "9000"]), 1);
    assert!(errors.contains("budget"), "{errors}");
    let kept = report["exercises"]["kept"].as_u64().unwrap() as usize;
    assert!(kept > 0 && kept < 30 && count.tokens() <= 9_000, "{kept} for {} tokens", count.tokens());
    assert_eq!(written(dir, "exercises.jsonl").lines().count(), kept);
    let bore =
        serve(&Count::default(), |_, _, _| Does::Says(passage("words on lists for a: have to do with: a, b, c.")));
    let arguments = [
        "synth",
        "--exercises",
        "0",
        "--textbooks",
        "10",
        "--out",
        "bore",
        "--num-concurrent",
        "8",
        "--cache",
        "other",
    ];
    let (report, errors) = json(&mut taught(dir, &bore, &arguments), 1);
    assert_eq!((&report["textbooks"]["kept"], &report["textbooks"]["asked"]), (&1.into(), &60.into()), "{errors}");
    assert_eq!(report["textbooks"]["rejected"]["near_duplicate"], 59);
}
