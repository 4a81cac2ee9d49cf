//! Where a command finds a run: an ablation's output folder, or results in lm-evaluation-harness's layout.

use phi_reports::{Keep, Run, Store, is_lm_eval, read_lm_eval};
use std::path::Path;

/// The store's file name in an ablation's output folder.
pub const STORE: &str = "store.sqlite";

/// The latest run of an ablation's output folder, or the results of `eval --output-path` or `lm_eval`.
///
/// # Errors
/// There is neither, or it can't be read.
pub fn load(path: &Path, keep: Keep) -> anyhow::Result<Run> {
    let store = if path.is_dir() { path.join(STORE) } else { path.to_path_buf() };
    if !store.is_file() || store.extension().is_some_and(|e| e == "json") {
        anyhow::ensure!(
            is_lm_eval(path),
            "{} holds no finished ablation (there is no {STORE}) and no results of `eval --output-path` (there is no \
             results_*.json); run `phi-bench ablate --out {}` to its end first, or evaluate into it",
            path.display(),
            path.display()
        );
        return Ok(read_lm_eval(path, keep)?);
    }
    let run = Store::open_existing(&store)?.latest()?;
    run.ok_or_else(|| {
        anyhow::anyhow!("{} holds no run yet; let `phi-bench ablate` come to its end first", store.display())
    })
}
