//! What `--help` says.

use crate::support::{phi_bench, run};

#[test]
fn every_command_has_help_and_the_large_ones_an_example() {
    let (out, _, code) = run(phi_bench().arg("--help"));
    assert_eq!(code, 0);
    for word in [
        "ablate",
        "eval",
        "score",
        "train",
        "grow",
        "corpus",
        "tasks",
        "sandbox",
        "report",
        "compare",
        "check",
        "runs",
        "track",
        "PHI_BENCH_DATA",
        "HF_ENDPOINT",
        "OPENAI_API_KEY",
        "Exit codes",
    ] {
        assert!(out.contains(word), "{word} is not in: {out}");
    }
    let commands: &[&[&str]] = &[
        &["ablate"],
        &["ablate", "cancel"],
        &["ablate", "run-step"],
        &["eval"],
        &["score"],
        &["train"],
        &["grow"],
        &["corpus", "stats"],
        &["corpus", "convert"],
        &["corpus", "dedup"],
        &["corpus", "decontaminate"],
        &["corpus", "label"],
        &["corpus", "filter"],
        &["corpus", "synth"],
        &["corpus", "pack"],
        &["tasks", "show"],
        &["tasks", "requests"],
        &["tasks", "verify"],
        &["sandbox", "run"],
        &["report"],
        &["compare"],
        &["check"],
        &["runs"],
        &["runs", "list"],
        &["runs", "show"],
        &["runs", "diff"],
        &["runs", "rm"],
        &["runs", "gc"],
        &["runs", "export"],
        &["track"],
        &["track", "add"],
        &["track", "list"],
        &["track", "report"],
    ];
    for command in commands {
        let (out, _, code) = run(phi_bench().args(*command).arg("--help"));
        assert_eq!(code, 0, "{command:?}");
        let (_, examples) = out.split_once("\nExample").unwrap_or_else(|| panic!("{command:?} has no example: {out}"));
        // What is wrapped can't be copied to a shell.
        let wrapped = |pair: &&[&str]| !pair[0].ends_with('\\') && !pair[1].trim_start().starts_with("phi-bench");
        let lines: Vec<&str> = examples.lines().skip(1).take_while(|line| line.starts_with("  ")).collect();
        assert_eq!(lines.windows(2).find(wrapped), None, "{command:?}");
    }
}

#[test]
fn wrong_usage_is_exit_code_2() {
    assert_eq!(run(phi_bench().args(["ablate", "--tilling"])).2, 2);
    assert_eq!(run(phi_bench().args(["ablate", "--tiling", "--preset", "smoke"])).2, 2);
    assert_eq!(run(phi_bench().args(["check", "--baseline", "x", "--alpha", "2"])).2, 2);
    assert_eq!(run(phi_bench().args(["grow", "a", "b", "--method", "tiling", "--snr-db", "loud"])).2, 2);
}
