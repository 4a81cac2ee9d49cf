//! Killed at random moments, an ablation that is gone on with ends as if it had not been.

use crate::support::{phi_bench, run, tiny};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Moments to kill at; set this variable for more of them (50, say).
const MOMENTS: &str = "PHI_BENCH_TEST_KILLS";

fn scores(dir: &Path) -> serde_json::Value {
    let (json, err, code) = run(phi_bench().arg("report").arg(dir).arg("--json"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    let arms = found["arms"].as_array().unwrap().iter().map(|a| {
        serde_json::json!({ "arm": a["arm"], "seed": a["seed"], "scores": a["scores"], "samples": a["samples"],
            "curve": a["curve"] })
    });
    serde_json::Value::Array(arms.collect())
}

#[test]
fn killed_at_a_random_moment_and_resumed_the_scores_are_those_of_an_unbroken_run() {
    let moments: u32 = std::env::var(MOMENTS).map_or(2, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let recipe = dir.path().join("one-seed.toml");
    let text = std::fs::read_to_string(tiny()).unwrap();
    std::fs::write(&recipe, text.replace("seeds = [1, 2]", "seeds = [1]").replace("exercises = 120", "exercises = 80"))
        .unwrap();
    let ablate = |out: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phi-bench"));
        command.env_remove("PHI_BENCH_DATA").arg("ablate").arg(&recipe).arg("--out").arg(out).args(["--jobs", "2"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let whole = dir.path().join("whole");
    let started = Instant::now();
    assert!(ablate(&whole).status().unwrap().success());
    let took = started.elapsed();
    let expected = scores(&whole);
    for moment in 0..moments {
        let out = dir.path().join(format!("killed-{moment}"));
        let mut child = ablate(&out).spawn().unwrap();
        // Spread over the whole run by the golden ratio, which a list of fixed moments would not be.
        let share = (f64::from(moment) * 0.618_034 + 0.37).fract();
        std::thread::sleep(Duration::from_secs_f64(took.as_secs_f64() * share));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(ablate(&out).status().unwrap().success(), "killed at {share:.2} of the run");
        assert_eq!(scores(&out), expected, "killed at {share:.2} of the run");
        std::fs::remove_dir_all(&out).unwrap();
    }
}
