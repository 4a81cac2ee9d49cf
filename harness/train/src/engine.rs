//! The seam between the training loop and the machine that does its arithmetic.

use crate::{TrainError, TrainTensors};
use phi_model::{PackedTokens, PhiConfig};

/// What the loss and the gradient of a batch came to. The gradient itself stays in the engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gradient {
    /// Mean loss of the batch's targets that count, in nats.
    pub loss: f64,
    /// Targets that count.
    pub targets: u64,
    /// Euclidean norm of the gradient of the mean loss, over all parameters.
    pub norm: f64,
}

/// One update of the optimiser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// Its number, from 1: what the moments' bias is corrected by.
    pub step: u64,
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// What the gradient is multiplied by first, so that its norm is clipped.
    pub gradient_scale: f64,
}

/// Holds the weights and moments of a run and does its arithmetic: on the processor ([`CpuEngine`](crate::CpuEngine)) or on
/// another device. The settings of the optimiser are given when it is made; which rows a step takes, the learning rate, the
/// clipping, whether a step's update is done at all, saving and scoring are the loop's ([`train`](crate::train)).
///
/// An engine is deterministic: the same tensors, rows and steps give the same bits, in one process or resumed in another.
pub trait StepEngine {
    /// The shape of the model.
    fn config(&self) -> &PhiConfig;

    /// Computes and keeps the gradient of the mean loss of some rows. `step` counts from 0 and seeds what is random in it.
    /// A loss or norm that isn't finite is returned as it is, for the loop to judge.
    ///
    /// # Errors
    /// The device failed.
    fn gradient(&mut self, data: &PackedTokens, rows: &[usize], step: u64) -> Result<Gradient, TrainError>;

    /// Updates weights and moments by the gradient that the last [`gradient`](Self::gradient) left.
    ///
    /// # Errors
    /// The device failed.
    fn update(&mut self, update: Update) -> Result<(), TrainError>;

    /// The mean loss of all rows' targets that count, in nats, without anything random.
    ///
    /// # Errors
    /// The device failed.
    fn loss(&mut self, data: &PackedTokens) -> Result<f64, TrainError>;

    /// The weights, in [`ParamLayout`](phi_model::ParamLayout) order, brought to the host if they are elsewhere.
    ///
    /// # Errors
    /// The device failed.
    fn weights(&mut self) -> Result<&[f32], TrainError>;

    /// Weights and moments, brought to the host if they are elsewhere.
    ///
    /// # Errors
    /// The device failed.
    fn tensors(&mut self) -> Result<&TrainTensors, TrainError>;

    /// Floating-point operations a second that the device reaches in a large product of the engine's precision, where it is
    /// known: what the run's speed is held against.
    fn peak_flops(&self) -> Option<f64>;

    /// Bytes of weights, moments, gradients and activations.
    fn memory_bytes(&self) -> u64;
}
