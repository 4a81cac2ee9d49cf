//! Training: loss, gradient and AdamW on the device, as a [`StepEngine`].

mod adamw;
mod gradients;

use crate::network::Network;
use crate::ops::cross_entropy::Targets;
use crate::rows::{Rows, RowsBuilder};
use crate::weights::{Slot, Weights, slots};
use crate::{Accelerator, DeviceError, Precision};
use adamw::Optimiser;
use candle_core::Tensor;
use gradients::Gradients;
use phi_model::{PackedTokens, ParamLayout, PhiConfig};
use phi_train::{Gradient, Mask, StepEngine, TrainError, TrainSpec, TrainTensors, Update};

/// Bytes of activations that rows may take at once, where nothing else is said.
const ACTIVATION_BYTES: u64 = 8 << 30;

/// A run's weights and moments on a device, in f32; products in the accelerator's [`Precision`](crate::Precision).
///
/// Rows are computed some at a time (`micro_rows` of the run's options, else as many as [`activation_bytes`] lets into 8 GiB),
/// and their gradients are added up in f32.
#[derive(Debug)]
pub struct DeviceEngine {
    on: Accelerator,
    network: Network,
    slots: Vec<Slot>,
    weights: Weights,
    optimiser: Optimiser,
    gradients: Gradients,
    rows_at_once: usize,
    mask: Mask,
    memory_bytes: u64,
    /// What was last brought to the host.
    host: TrainTensors,
}

impl DeviceEngine {
    /// An engine that goes on from these weights and moments, on rows of `seq_len` tokens.
    ///
    /// # Errors
    /// [`DeviceError::OutOfMemory`] where they don't fit the device; [`DeviceError::Unsupported`] for a run that
    /// [needs the processor](TrainSpec::needs_processor).
    ///
    /// # Panics
    /// The tensors belong to another shape.
    pub fn new(
        on: &Accelerator,
        config: &PhiConfig,
        spec: &TrainSpec,
        seq_len: usize,
        tensors: TrainTensors,
    ) -> Result<DeviceEngine, DeviceError> {
        if let Some(reason) = spec.needs_processor() {
            return Err(DeviceError::Unsupported(format!("{reason}: leave it out, or train with --device cpu")));
        }
        let layout = ParamLayout::new(config);
        assert_eq!(tensors.params.len(), layout.len(), "the tensors must be the model's");
        let slots = slots(&layout);
        let optimiser = Optimiser::new(on, spec, &slots, &tensors)?;
        let weights = optimiser.weights(on, &slots)?;
        Ok(DeviceEngine {
            on: on.clone(),
            network: Network::new(config, on)?,
            gradients: Gradients::none(slots.len()),
            weights,
            optimiser,
            slots,
            rows_at_once: rows_at_once(config, on, spec, seq_len),
            mask: spec.options.mask,
            memory_bytes: forecast_bytes(config, on, spec, seq_len),
            host: tensors,
        })
    }

    /// The gradient that is there, in the layout's order; zero where there is none.
    ///
    /// # Errors
    /// The device failed.
    pub fn gradients(&self) -> Result<Vec<f32>, DeviceError> {
        let mut flat = vec![0.0; self.host.params.len()];
        for (index, slot) in self.slots.iter().enumerate() {
            if let Some(grad) = self.gradients.get(index) {
                flat[slot.range.clone()].copy_from_slice(&crate::weights::download(grad)?);
            }
        }
        Ok(flat)
    }

    /// Rows of tokens and what they are to predict, on the device.
    fn rows(&self, data: &PackedTokens, rows: &[usize]) -> Result<(Rows, Targets), DeviceError> {
        let (mut builder, mut ids, mut weights) = (RowsBuilder::default(), Vec::new(), Vec::new());
        for &row in rows {
            let tokens = data.inputs(row);
            match self.mask {
                Mask::Documents => data.segments(row).into_iter().for_each(|s| builder.push(&tokens[s])),
                Mask::None => builder.push(tokens),
            }
            ids.extend_from_slice(data.targets(row));
            weights.extend(data.weights(row).iter().map(|w| f32::from(*w)));
        }
        let (n, device) = (ids.len(), &self.on.device);
        let rows = builder.build(&self.network.config, &self.network.table, data.seq_len(), device)?;
        Ok((rows, Targets { ids: Tensor::from_vec(ids, n, device)?, weights: Tensor::from_vec(weights, n, device)? }))
    }

    fn gradient_of(&mut self, data: &PackedTokens, rows: &[usize]) -> Result<Gradient, DeviceError> {
        let targets: usize = rows.iter().map(|&r| data.weights(r).iter().filter(|w| **w != 0).count()).sum();
        let scale = 1.0 / targets.max(1) as f64;
        let mut gradients = Gradients::none(self.slots.len());
        let mut loss = 0.0;
        for some in rows.chunks(self.rows_at_once) {
            let (rows, targets) = self.rows(data, some)?;
            loss += self.network.loss_and_gradients(&self.weights, &rows, &targets, scale, &mut gradients)?;
        }
        let norm = gradients.norm()?;
        self.gradients = gradients;
        Ok(Gradient { loss: loss * scale, targets: targets as u64, norm })
    }

    fn mean_loss(&self, data: &PackedTokens) -> Result<f64, DeviceError> {
        let all: Vec<usize> = (0..data.num_rows()).collect();
        let mut sum = 0.0;
        for some in all.chunks(self.rows_at_once) {
            let (rows, targets) = self.rows(data, some)?;
            sum += self.network.loss(&self.weights, &rows, &targets)?;
        }
        Ok(sum / data.num_targets().max(1) as f64)
    }
}

impl StepEngine for DeviceEngine {
    fn config(&self) -> &PhiConfig {
        &self.network.config
    }

    fn gradient(&mut self, data: &PackedTokens, rows: &[usize], _step: u64) -> Result<Gradient, TrainError> {
        self.gradient_of(data, rows).map_err(failed)
    }

    fn update(&mut self, update: Update) -> Result<(), TrainError> {
        self.optimiser.update(&self.on, &self.slots, update, &mut self.gradients, &mut self.weights).map_err(failed)
    }

    fn loss(&mut self, data: &PackedTokens) -> Result<f64, TrainError> {
        self.mean_loss(data).map_err(failed)
    }

    fn weights(&mut self) -> Result<&[f32], TrainError> {
        self.optimiser.download_params(&self.slots, &mut self.host).map_err(failed)?;
        Ok(&self.host.params)
    }

    fn tensors(&mut self) -> Result<&TrainTensors, TrainError> {
        self.optimiser.download(&self.slots, &mut self.host).map_err(failed)?;
        Ok(&self.host)
    }

    fn peak_flops(&self) -> Option<f64> {
        self.on.product_peak().ok()
    }

    fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }
}

fn failed(error: DeviceError) -> TrainError {
    TrainError::Device(Box::new(error))
}

/// Rows of a run that are computed at once.
fn rows_at_once(config: &PhiConfig, on: &Accelerator, spec: &TrainSpec, seq_len: usize) -> usize {
    let most = ACTIVATION_BYTES / activation_bytes(config, on, seq_len).max(1);
    spec.options.micro_rows.unwrap_or(most as usize).clamp(1, spec.batch_rows.max(1))
}

/// Bytes of the device's memory that a run will take: weights, moments and gradients in f32, the weights once more in the
/// products' format, and the activations of the rows that are computed at once.
pub fn forecast_bytes(config: &PhiConfig, on: &Accelerator, spec: &TrainSpec, seq_len: usize) -> u64 {
    let copy = match on.precision {
        Precision::F32 => 0,
        Precision::Bf16 => 2,
    };
    let rows = rows_at_once(config, on, spec, seq_len) as u64;
    config.num_params() * (16 + copy) + rows * activation_bytes(config, on, seq_len)
}

/// Bytes that the gradient of one row keeps, by what a block keeps: `[n, d]` once in f32, then factors: 7 `d` of the
/// attention and the norm, twice the inner width, and the attention's probabilities, whose soft-max takes twice their size in
/// f32 for one block at a time. An estimate: candle frees as it goes.
pub fn activation_bytes(config: &PhiConfig, on: &Accelerator, seq_len: usize) -> u64 {
    let factor = on.factor_dtype().size_in_bytes();
    let (d, m, n) = (config.hidden_size, config.intermediate_size, seq_len);
    let probabilities = config.num_heads * n * n;
    let block = n * d * 4 + factor * (n * (7 * d + 2 * m) + probabilities);
    let working = 4 * (3 * probabilities + n * (6 * d + 4 * m));
    (config.num_layers * block + working) as u64
}
