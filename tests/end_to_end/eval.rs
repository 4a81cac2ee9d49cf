//! `eval`, killed and gone on with.

use crate::support::run;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The small trained Phi that lies beside the benchmark data, where there are any.
#[allow(clippy::print_stderr)]
fn data_and_model() -> Option<(PathBuf, PathBuf)> {
    let data = PathBuf::from(std::env::var_os("PHI_BENCH_DATA").or_else(|| {
        eprintln!("left out: PHI_BENCH_DATA isn't set");
        None
    })?);
    let model = data.join("../oracle/tiny-phi");
    Some((data, model))
}

fn eval(data: &Path, model: &Path, home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phi-bench"));
    command.env("HF_HUB_OFFLINE", "1");
    command.env("PHI_BENCH_DATA", data).env("PHI_BENCH_HOME", home).args(["eval", "--json", "--model"]).arg(model);
    command.args(["--tasks", "arc_easy,gsm8k", "--limit", "30", "--num-fewshot", "0", "--max-tokens", "64"]);
    command
}

#[test]
fn an_evaluation_killed_and_begun_again_asks_only_for_what_is_missing_and_gives_the_same_scores() {
    let Some((data, model)) = data_and_model() else { return };
    let home = tempfile::tempdir().unwrap();
    let mut whole = eval(&data, &model, home.path());
    whole.arg("--no-cache");
    let (expected, err, code) = run(&mut whole.into());
    assert_eq!(code, 0, "{err}");
    for after_ms in [200, 500, 900] {
        let mut killed = eval(&data, &model, home.path());
        let mut child = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(after_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // The second of these finds every answer.
    for _ in 0..2 {
        let (scores, err, code) = run(&mut eval(&data, &model, home.path()).into());
        assert_eq!(code, 0, "{err}");
        assert_eq!(scores, expected);
    }
}
