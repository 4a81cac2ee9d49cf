//! Where a training run stands: what has to be saved for it to go on.

use crate::{SpikeGuard, TrainError};
use phi_model::{Checkpoint, ParamLayout, write_whole};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// One point of a loss curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrainPoint {
    /// Optimiser steps done.
    pub step: u64,
    /// Mean training loss a target since the last point, in nats; `None` before the first step.
    pub train_loss: Option<f64>,
    /// Loss a target on the validation rows, in nats.
    pub val_loss: f64,
    /// Norm of the last step's gradient before clipping.
    pub grad_norm: Option<f64>,
}

/// Weights and the moments of AdamW, each in [`ParamLayout`] order.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainTensors {
    /// Weights.
    pub params: Vec<f32>,
    /// First moments.
    pub first: Vec<f32>,
    /// Second moments.
    pub second: Vec<f32>,
}

/// Where a training run stands.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainState {
    /// Weights and moments.
    pub tensors: TrainTensors,
    /// What else is needed to go on.
    pub progress: TrainProgress,
}

/// The small part of a state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrainProgress {
    /// Optimiser steps done.
    pub step: u64,
    /// The curve so far.
    pub curve: Vec<TrainPoint>,
    /// Sum of the training losses since the last point.
    pub loss_sum: f64,
    /// Targets behind that sum.
    pub loss_targets: f64,
    /// Seconds spent training.
    pub seconds: f64,
    /// What loss spikes are judged by.
    #[serde(default, skip_serializing_if = "SpikeGuard::is_new")]
    pub spikes: SpikeGuard,
}

impl From<Checkpoint> for TrainTensors {
    /// A model's weights, the moments zero.
    fn from(checkpoint: Checkpoint) -> TrainTensors {
        TrainTensors::new(checkpoint.to_flat())
    }
}

impl TrainTensors {
    /// These weights, the moments zero.
    pub fn new(params: Vec<f32>) -> TrainTensors {
        let zeros = vec![0.0; params.len()];
        TrainTensors { first: zeros.clone(), second: zeros, params }
    }

    /// Writes a state of these tensors to one file, under their names, that appears whole or not at all.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn save(&self, progress: &TrainProgress, path: &Path, layout: &ParamLayout) -> Result<(), TrainError> {
        let mut tensors = Vec::new();
        for (kind, buffer) in [("param", &self.params), ("first", &self.first), ("second", &self.second)] {
            for spec in layout.specs() {
                let bytes: Vec<u8> = buffer[spec.range.clone()].iter().flat_map(|x| x.to_le_bytes()).collect();
                tensors.push((format!("{kind}.{}", spec.name), spec.shape.clone(), bytes));
            }
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the bytes fill the shape"))
        });
        let progress = serde_json::to_string(progress).expect("progress is plain JSON");
        let file = safetensors::serialize(views, Some(HashMap::from([("progress".to_owned(), progress)])))
            .expect("f32 tensors can be serialised");
        Ok(write_whole(path, &file)?)
    }
}

impl TrainState {
    /// A run that begins from these weights, its moments zero.
    pub fn new(params: Vec<f32>) -> TrainState {
        TrainState::starting(TrainTensors::new(params))
    }

    /// A run that begins from these weights and moments.
    pub fn starting(tensors: TrainTensors) -> TrainState {
        TrainState { tensors, progress: TrainProgress::default() }
    }

    /// Reads what [`TrainTensors::save`] wrote.
    ///
    /// # Errors
    /// The file is missing, cut short, or belongs to another model.
    pub fn load(path: &Path, layout: &ParamLayout) -> Result<TrainState, TrainError> {
        let wrong = |reason: String| TrainError::State { path: path.to_owned(), reason };
        let file = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
        let archive = SafeTensors::deserialize(&file).map_err(|e| wrong(e.to_string()))?;
        let (_, metadata) = SafeTensors::read_metadata(&file).map_err(|e| wrong(e.to_string()))?;
        let progress = metadata.metadata().as_ref().and_then(|m| m.get("progress"));
        let progress = progress.ok_or_else(|| wrong("it has no progress record".into()))?;
        let progress = serde_json::from_str(progress).map_err(|e| wrong(e.to_string()))?;
        let read = |kind: &str| -> Result<Vec<f32>, TrainError> {
            let mut buffer = Vec::with_capacity(layout.len());
            for spec in layout.specs() {
                let name = format!("{kind}.{}", spec.name);
                let view = archive.tensor(&name).map_err(|_| wrong(format!("tensor {name} is missing")))?;
                if view.shape() != spec.shape || view.dtype() != Dtype::F32 {
                    return Err(wrong(format!("tensor {name} belongs to another model")));
                }
                buffer.extend(view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)));
            }
            Ok(buffer)
        };
        let tensors = TrainTensors { params: read("param")?, first: read("first")?, second: read("second")? };
        Ok(TrainState { tensors, progress })
    }
}
