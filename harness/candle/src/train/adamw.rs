//! AdamW (Loshchilov and Hutter 2019, algorithm 2) on the device, one tensor at a time, so that what it needs besides weights
//! and moments is no more than the largest tensor.

use super::gradients::Gradients;
use crate::weights::{Slot, Weights, as_taken, download, upload};
use crate::{Accelerator, DeviceError};
use candle_core::Tensor;
use phi_train::{DecayGroup, TrainSpec, TrainTensors, Update};

/// Weights and moments of one slot, f32.
#[derive(Debug)]
struct State {
    param: Tensor,
    first: Tensor,
    second: Tensor,
}

/// Weights, moments and settings.
#[derive(Debug)]
pub(crate) struct Optimiser {
    spec: TrainSpec,
    states: Vec<State>,
}

impl Optimiser {
    /// Takes tensors to the device.
    pub(crate) fn new(
        on: &Accelerator,
        spec: &TrainSpec,
        slots: &[Slot],
        tensors: &TrainTensors,
    ) -> Result<Optimiser, DeviceError> {
        let state = |slot: &Slot| {
            let up = |flat: &[f32]| upload(&flat[slot.range.clone()], slot, on);
            Ok(State { param: up(&tensors.params)?, first: up(&tensors.first)?, second: up(&tensors.second)? })
        };
        let states = slots.iter().map(state).collect::<Result<_, DeviceError>>()?;
        Ok(Optimiser { spec: spec.clone(), states })
    }

    /// The weights as the forward pass takes them.
    pub(crate) fn weights(&self, on: &Accelerator, slots: &[Slot]) -> Result<Weights, DeviceError> {
        let tensors = self.states.iter().zip(slots).map(|(state, slot)| as_taken(&state.param, slot, on));
        Ok(Weights::new(tensors.collect::<Result<_, DeviceError>>()?))
    }

    /// One update; the gradients are used up.
    pub(crate) fn update(
        &mut self,
        on: &Accelerator,
        slots: &[Slot],
        update: Update,
        gradients: &mut Gradients,
        weights: &mut Weights,
    ) -> Result<(), DeviceError> {
        let spec = &self.spec;
        let Update { step, learning_rate, gradient_scale } = update;
        let correct = |beta: f64| 1.0 - beta.powf(step as f64);
        let (c1, c2) = (correct(spec.beta1), correct(spec.beta2));
        // The moments' bias corrections are folded into the rate and epsilon.
        let (rate, epsilon) = (learning_rate * c2.sqrt() / c1, spec.epsilon * c2.sqrt());
        for (index, (state, slot)) in self.states.iter_mut().zip(slots).enumerate() {
            let Some(grad) = gradients.take(index) else { continue };
            let keep = if spec.options.decay.contains(&DecayGroup::of(slot.kind)) {
                1.0 - learning_rate * spec.weight_decay
            } else {
                1.0
            };
            let blend = |old: &Tensor, new: &Tensor, beta: f64, scale: f64| -> candle_core::Result<Tensor> {
                old.affine(beta, 0.0)? + new.affine((1.0 - beta) * scale, 0.0)?
            };
            state.first = blend(&state.first, &grad, spec.beta1, gradient_scale)?;
            state.second = blend(&state.second, &grad.sqr()?, spec.beta2, gradient_scale * gradient_scale)?;
            let change = (&state.first / state.second.sqrt()?.affine(1.0, epsilon)?)?;
            state.param = (state.param.affine(keep, 0.0)? - change.affine(rate, 0.0)?)?;
            weights.set(index, as_taken(&state.param, slot, on)?);
        }
        Ok(())
    }

    /// Brings the weights to the host.
    pub(crate) fn download_params(&self, slots: &[Slot], host: &mut TrainTensors) -> Result<(), DeviceError> {
        for (state, slot) in self.states.iter().zip(slots) {
            host.params[slot.range.clone()].copy_from_slice(&download(&state.param)?);
        }
        Ok(())
    }

    /// Brings weights and moments to the host.
    pub(crate) fn download(&self, slots: &[Slot], host: &mut TrainTensors) -> Result<(), DeviceError> {
        self.download_params(slots, host)?;
        for (state, slot) in self.states.iter().zip(slots) {
            host.first[slot.range.clone()].copy_from_slice(&download(&state.first)?);
            host.second[slot.range.clone()].copy_from_slice(&download(&state.second)?);
        }
        Ok(())
    }
}
