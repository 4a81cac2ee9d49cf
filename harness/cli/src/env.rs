//! Every environment variable that the program reads.

use phi_suites::DataRoot;
use std::path::PathBuf;

/// A folder of benchmark data, one folder a suite; suites whose data are not there are left out.
pub const PHI_BENCH_DATA: &str = "PHI_BENCH_DATA";

/// The list, for `--help`.
pub const HELP: &str = "\
Environment:
  PHI_BENCH_DATA   folder of benchmark data (humaneval/HumanEval.jsonl.gz, arc_easy/..., gsm8k/...)
  PHI_BENCH_HOME   where models' answers and the sandbox's native code are kept [default: ~/.cache/phi-bench]

Exit codes:
  0 fine   1 a regression or a failed verification   2 wrong usage   3 bad input
  4 the environment failed (disk, another process)   130 interrupted, resumable";

/// The folder of benchmark data, if there is one.
pub fn data_root() -> DataRoot {
    DataRoot::new(std::env::var_os(PHI_BENCH_DATA).filter(|v| !v.is_empty()).map(PathBuf::from))
}
