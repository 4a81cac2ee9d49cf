//! Every environment variable that the program reads.

use crate::{download_bar, interrupt};
use phi_hub::{Hub, HubSettings};
use phi_openai::ApiKey;
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
  PHI_BENCH_HOME   where models' answers and the sandbox's native code are kept [default: ~/.cache/phi-bench]
  HF_HOME          the hub's folder; models and data sets are kept in HF_HOME/hub [default: ~/.cache/huggingface]
  HF_HUB_CACHE     that cache itself, where it lies elsewhere
  HF_ENDPOINT      another hub than https://huggingface.co
  HF_HUB_OFFLINE   1: never ask the hub, read its cache only
  HF_TOKEN         who asks, for private and gated repositories [default: the file HF_HOME/token]
  HF_HUB_DOWNLOAD_TIMEOUT   seconds without a byte before a download is tried again [default: 30]
  OPENAI_API_KEY   the key that is sent to the server of --model openai:URL
  SSL_CERT_FILE    PEM file of certificates to trust in place of Mozilla's
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY   as other programs read them
  GITHUB_STEP_SUMMARY   the job summary that `check --github` adds to
  MLFLOW_TRACKING_TOKEN   a bearer token for `runs export --format mlflow`

Exit codes:
  0 fine   1 a regression or a failed verification   2 wrong usage   3 bad input
  4 the environment failed (disk, another process)   130 interrupted, resumable";

/// The folder of benchmark data, if there is one; nothing else.
pub fn data_root() -> DataRoot {
    DataRoot::new(std::env::var_os(PHI_BENCH_DATA).filter(|v| !v.is_empty()).map(PathBuf::from))
}

/// The job summary, if this is a job of GitHub Actions.
pub fn github_step_summary() -> Option<PathBuf> {
    std::env::var_os(GITHUB_STEP_SUMMARY).filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// The folder of benchmark data, if there is one, and the hub for what it lacks.
///
/// # Errors
/// A variable of the hub has a value that can't be used.
pub fn data_root_and_hub() -> anyhow::Result<DataRoot> {
    Ok(data_root().with_hub(hub()?))
}

/// The hub, with a bar for downloads and Ctrl-C that ends them.
///
/// # Errors
/// A variable of the hub has a value that can't be used.
pub fn hub() -> anyhow::Result<Hub> {
    let settings = HubSettings::from_variables(&variable)?;
    Ok(Hub::new(settings)?.with_interrupt(interrupt::flag()?).with_progress(download_bar::show()))
}

/// The key for a model server, if there is one.
pub fn openai_api_key() -> Option<ApiKey> {
    variable("OPENAI_API_KEY").as_deref().and_then(ApiKey::new)
}

/// The file of certificates to trust, if it isn't the usual ones.
pub fn certificates() -> Option<PathBuf> {
    variable("SSL_CERT_FILE").filter(|v| !v.is_empty()).map(PathBuf::from)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The token for an MLflow server, if there is one.
pub fn mlflow_token() -> Option<String> {
    std::env::var(MLFLOW_TRACKING_TOKEN).ok().filter(|token| !token.is_empty())
}
