//! AdamW's state beside a model's weights, for a training run that goes on from them.

use crate::{CheckpointError, ParamLayout, write_whole};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Its file in a model's folder.
const FILE: &str = "optimiser.safetensors";

/// Its entry in the file's metadata.
const RECORD: &str = "optimiser";

/// What AdamW's settings are multiplied by for one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UpdateScale {
    /// The learning rate.
    pub learning_rate: f64,
    /// The weight decay, which the learning rate multiplies.
    pub weight_decay: f64,
    /// What is added to the root of the second moment.
    pub epsilon: f64,
}

impl Default for UpdateScale {
    /// As the settings are.
    fn default() -> UpdateScale {
        UpdateScale { learning_rate: 1.0, weight_decay: 1.0, epsilon: 1.0 }
    }
}

impl UpdateScale {
    /// Both scales, one after the other.
    #[must_use]
    pub fn and(self, other: UpdateScale) -> UpdateScale {
        UpdateScale {
            learning_rate: self.learning_rate * other.learning_rate,
            weight_decay: self.weight_decay * other.weight_decay,
            epsilon: self.epsilon * other.epsilon,
        }
    }
}

/// AdamW's state.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimiserState {
    /// First moments (means of the gradient), in [`ParamLayout`] order.
    pub first: Vec<f32>,
    /// Second moments (means of the gradient's square), in the same order.
    pub second: Vec<f32>,
    /// What is needed beside them.
    pub record: OptimiserRecord,
}

/// The small part of a state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OptimiserRecord {
    /// Updates behind the moments: what their bias is corrected by.
    pub updates: u64,
    /// By parameter, what the settings are multiplied by, for those where that isn't 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scales: BTreeMap<String, UpdateScale>,
}

impl OptimiserRecord {
    /// Whether it is that of an optimiser that did nothing yet.
    pub fn is_new(&self) -> bool {
        *self == OptimiserRecord::default()
    }

    /// What the settings are multiplied by for a parameter.
    pub fn scale(&self, parameter: &str) -> UpdateScale {
        self.scales.get(parameter).copied().unwrap_or_default()
    }
}

impl OptimiserState {
    /// Writes the state into a model's folder, whole or not at all.
    ///
    /// # Errors
    /// The file can't be written.
    ///
    /// # Panics
    /// The moments aren't as long as the layout.
    pub fn save(&self, dir: &Path, layout: &ParamLayout) -> Result<(), CheckpointError> {
        let mut tensors = Vec::new();
        for (kind, buffer) in [("first", &self.first), ("second", &self.second)] {
            assert_eq!(buffer.len(), layout.len(), "the moments are the model's");
            for spec in layout.specs() {
                let bytes: Vec<u8> = buffer[spec.range.clone()].iter().flat_map(|x| x.to_le_bytes()).collect();
                tensors.push((format!("{kind}.{}", spec.name), spec.shape.clone(), bytes));
            }
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the bytes fill the shape"))
        });
        let record = serde_json::to_string(&self.record).expect("a record is plain JSON");
        let file = safetensors::serialize(views, Some(HashMap::from([(RECORD.to_owned(), record)])))
            .expect("f32 tensors can be serialised");
        write_whole(&dir.join(FILE), &file)
    }

    /// Reads the state of a model's folder; none where the folder has none.
    ///
    /// # Errors
    /// It is cut short, or belongs to another model.
    pub fn load(dir: &Path, layout: &ParamLayout) -> Result<Option<OptimiserState>, CheckpointError> {
        let path = dir.join(FILE);
        let file = match std::fs::read(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(CheckpointError::io("read", &path, e)),
        };
        let broken = |reason: String| CheckpointError::Weights { path: path.clone(), reason };
        let archive = SafeTensors::deserialize(&file).map_err(|e| broken(e.to_string()))?;
        let (_, metadata) = SafeTensors::read_metadata(&file).map_err(|e| broken(e.to_string()))?;
        let record = metadata.metadata().as_ref().and_then(|m| m.get(RECORD));
        let record = record.ok_or_else(|| broken("it has no record of the optimiser".into()))?;
        let record = serde_json::from_str(record).map_err(|e| broken(e.to_string()))?;
        let read = |kind: &str| -> Result<Vec<f32>, CheckpointError> {
            let mut buffer = Vec::with_capacity(layout.len());
            for spec in layout.specs() {
                let name = format!("{kind}.{}", spec.name);
                let wrong = |reason: &str| CheckpointError::Tensor {
                    path: path.clone(),
                    name: name.clone(),
                    reason: reason.into(),
                };
                let view = archive.tensor(&name).map_err(|_| wrong("is missing"))?;
                if view.shape() != spec.shape || view.dtype() != Dtype::F32 {
                    return Err(wrong("belongs to another model"));
                }
                buffer.extend(view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)));
            }
            Ok(buffer)
        };
        Ok(Some(OptimiserState { first: read("first")?, second: read("second")?, record }))
    }
}
