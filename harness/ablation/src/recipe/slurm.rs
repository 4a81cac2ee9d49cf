//! How steps are given to Slurm. Nothing here changes a result or a step's key.

use serde::{Deserialize, Serialize};

/// Resources of the jobs of `--executor slurm`; what is left out is Slurm's own default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlurmSettings {
    /// `--partition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// `--account`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// `--time`: the longest that one step may take, as Slurm writes it (`2:00:00`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// `--cpus-per-task`; 1 if left out, which is what all steps but the corpus use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u32>,
    /// `--mem`, as Slurm writes it (`4G`); `--explain` forecasts what the largest step takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Tasks of one array that may run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_running: Option<u32>,
    /// Tasks of one array at most; 1000 if left out (Slurm's own limit, `MaxArraySize`, is 1001 unless it was changed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_array: Option<usize>,
    /// Further flags of `sbatch`, each as one string (`--constraint=avx512`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
    /// Further flags for the steps that compute on a GPU only, which ask for `--gres=gpu:1`: their partition, say
    /// (`--partition=gpu`), or another kind of GPU (`--gres=gpu:a100:1`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpu_extra: Vec<String>,
}
