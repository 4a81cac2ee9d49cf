//! Training: optimiser, schedule, loop, checkpoint and resume.
//!
//! [`train`] runs a [`StepEngine`] from where a [`TrainState`] stands to the end of a [`TrainSpec`]. The batch of every
//! step follows from the seed and the step's number alone, and the state (weights, moments, step, curve) is saved as one file, so a run that was cut
//! off goes on bit for bit as if it had not been.

mod adamw;
mod batches;
mod cpu_engine;
mod differences;
mod engine;
mod error;
mod gpu;
mod hyper;
mod kept;
mod memory;
mod metrics;
mod options;
mod resumable;
mod run_folder;
mod schedule;
mod spec;
mod spike_guard;
mod state;
mod step;
mod trainer;

pub use adamw::AdamW;
pub use batches::rows_of_step;
pub use cpu_engine::CpuEngine;
pub use differences::setting_differences;
pub use engine::{Gradient, StepEngine, Update};
pub use error::TrainError;
pub use gpu::{Gpu, Precision};
pub use hyper::{HYPERS, Hyper};
pub use kept::{Best, Keep};
pub use memory::{MemoryForecast, available_memory_bytes, peak_memory_bytes};
pub use metrics::{Metrics, StepScore};
pub use options::{DecayGroup, Mask, TrainOptions};
pub use resumable::{EngineMaker, ResumableRun};
pub use run_folder::{Hooks, RunFolder, Scorer};
pub use schedule::Schedule;
pub use spec::TrainSpec;
pub use spike_guard::SpikeGuard;
pub use state::{TrainPoint, TrainProgress, TrainState, TrainTensors};
pub use trainer::{AfterStep, Control, Progress, evaluate_loss, train};
