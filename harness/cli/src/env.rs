//! Every environment variable that the program reads.

use phi_suites::DataRoot;
use std::path::PathBuf;

/// A folder of benchmark data, one folder a suite; suites whose data are not there are left out.
pub const PHI_BENCH_DATA: &str = "PHI_BENCH_DATA";

/// Where GitHub Actions takes a job's summary from; `check --github` adds to it.
pub const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A bearer token for an MLflow server that asks for one; as MLflow's own clients read it.
pub const MLFLOW_TRACKING_TOKEN: &str = "MLFLOW_TRACKING_TOKEN";

/// The list, for `--help`.
pub const HELP: &str = "\
Environment:
  PHI_BENCH_DATA   folder of benchmark data (humaneval/HumanEval.jsonl.gz, arc_easy/..., gsm8k/...)
  PHI_BENCH_HOME   where the sandbox keeps its native code [default: ~/.cache/phi-bench]
  GITHUB_STEP_SUMMARY   the job summary that `check --github` adds to
  MLFLOW_TRACKING_TOKEN   a bearer token for `runs export --format mlflow`

Exit codes:
  0 fine   1 a regression or a failed verification   2 wrong usage   3 bad input
  4 the environment failed (disk, another process)   130 interrupted, resumable";

/// The folder of benchmark data, if there is one.
pub fn data_root() -> DataRoot {
    DataRoot::new(std::env::var_os(PHI_BENCH_DATA).filter(|v| !v.is_empty()).map(PathBuf::from))
}

/// The job summary, if this is a job of GitHub Actions.
pub fn github_step_summary() -> Option<PathBuf> {
    std::env::var_os(GITHUB_STEP_SUMMARY).filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// The token for an MLflow server, if there is one.
pub fn mlflow_token() -> Option<String> {
    std::env::var(MLFLOW_TRACKING_TOKEN).ok().filter(|token| !token.is_empty())
}
