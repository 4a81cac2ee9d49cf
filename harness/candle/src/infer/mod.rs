//! Evaluation: a Phi on the device as a [`DeviceModel`].

mod decoding;
mod reading;

use crate::network::Network;
use crate::ops::cross_entropy::exact_logits;
use crate::ops::layer_norm;
use crate::weights::{Weights, as_taken, final_norm, head, slots, upload};
use crate::{Accelerator, DeviceError};
use candle_core::Tensor;
use phi_model::{CheckpointError, DeviceDecoding, DeviceModel, ParamLayout, Reading, WeightFiles};
use phi_suites::ModelError;

/// Bytes that the activations and keys of one call may take.
const WORKING_BYTES: usize = 4 << 30;

/// A Phi on a device, to be asked through [`phi_model::Engine::with_device`].
#[derive(Debug)]
pub struct PhiOnDevice {
    on: Accelerator,
    network: Network,
    weights: Weights,
}

/// Why a model could not be brought to a device.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its files can't be read, or aren't a Phi's.
    #[error(transparent)]
    Files(#[from] CheckpointError),
    /// The device failed, or is too small.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl PhiOnDevice {
    /// Brings the weights to the device, one tensor at a time.
    ///
    /// # Errors
    /// A file is broken, or the weights don't fit the device.
    pub fn load(on: &Accelerator, files: &WeightFiles) -> Result<PhiOnDevice, LoadError> {
        let config = files.config();
        let layout = ParamLayout::new(config);
        let (head_weight, _) = head(config.num_layers);
        let mut specs = layout.specs().iter().peekable();
        let mut tensors = Vec::new();
        for (index, slot) in slots(&layout).iter().enumerate() {
            let mut numbers = Vec::with_capacity(slot.range.len());
            while let Some(spec) = specs.next_if(|spec| spec.range.end <= slot.range.end) {
                numbers.extend(files.read(spec)?);
            }
            let tensor = upload(&numbers, slot, on)?;
            // Log-probabilities come out of the head: it stays in f32.
            tensors.push(if index == head_weight { tensor } else { as_taken(&tensor, slot, on)? });
        }
        let network = Network::new(config, on).map_err(DeviceError::from)?;
        // Requests may come from another thread, which has a stream of its own on the device.
        on.device.synchronize().map_err(DeviceError::from)?;
        Ok(PhiOnDevice { on: on.clone(), network, weights: Weights::new(tensors) })
    }

    /// The logits of rows of the residual stream, `[rows, vocab]`, in f32.
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let config = &self.network.config;
        let (weight, bias) = self.weights.pair(final_norm(config.num_layers));
        let (norm, _) = layer_norm::forward(x, weight, bias, config.layer_norm_eps)?;
        let (weight, bias) = self.network.head(&self.weights);
        exact_logits(&norm, weight, bias)
    }
}

/// A device that fails is the environment's matter, not the request's.
fn unavailable(error: candle_core::Error) -> ModelError {
    ModelError::Unavailable(DeviceError::from(error).to_string())
}

impl DeviceModel for PhiOnDevice {
    fn describe(&self) -> String {
        self.on.describe()
    }

    fn tokens_at_once(&self) -> usize {
        // The residual stream, queries, keys, values, and twice the inner layer, all in f32; a token's share of the
        // attention's scores at full length, three times.
        let c = &self.network.config;
        let a_token = 4 * (8 * c.hidden_size + 3 * c.intermediate_size + 3 * c.num_heads * c.max_positions);
        (WORKING_BYTES / a_token).max(1)
    }

    fn read(&self, readings: &[Reading]) -> Result<Vec<Vec<(f64, bool)>>, ModelError> {
        self.read_all(readings).map_err(unavailable)
    }

    fn begin(&self, prompts: &[&[u32]], room: usize) -> Result<Box<dyn DeviceDecoding + '_>, ModelError> {
        Ok(Box::new(self.prefill(prompts, room).map_err(unavailable)?))
    }
}
