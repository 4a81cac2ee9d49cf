//! A model's weights on a device.

use crate::{Accelerator, DeviceError};
use candle_core::{DType, Tensor};
use phi_model::{ParamKind, ParamLayout, ParamSpec};
use std::ops::Range;

/// One tensor on the device: a parameter of the layout, or the queries', keys' and values' side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Where it lies in the flat buffer.
    pub range: Range<usize>,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is.
    pub kind: ParamKind,
}

impl Slot {
    fn of(spec: &ParamSpec) -> Slot {
        Slot { range: spec.range.clone(), shape: spec.shape.clone(), kind: spec.kind }
    }

    /// Whether it is a factor of products, and so kept in their format too.
    pub(crate) fn is_factor(&self) -> bool {
        matches!(self.kind, ParamKind::Matrix | ParamKind::HeadWeight)
    }
}

/// Slots of one block.
pub(crate) const PER_LAYER: usize = 10;

/// Names of the slots, as places in a list of tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerSlots(usize);

impl LayerSlots {
    pub(crate) fn new(layer: usize) -> LayerSlots {
        LayerSlots(1 + layer * PER_LAYER)
    }

    pub(crate) fn norm(self) -> (usize, usize) {
        (self.0, self.0 + 1)
    }

    pub(crate) fn qkv(self) -> (usize, usize) {
        (self.0 + 2, self.0 + 3)
    }

    pub(crate) fn dense(self) -> (usize, usize) {
        (self.0 + 4, self.0 + 5)
    }

    pub(crate) fn fc1(self) -> (usize, usize) {
        (self.0 + 6, self.0 + 7)
    }

    pub(crate) fn fc2(self) -> (usize, usize) {
        (self.0 + 8, self.0 + 9)
    }
}

/// The embedding's slot.
pub(crate) const EMBEDDING: usize = 0;

/// Weight and bias of the last LayerNorm, of a model of so many layers.
pub(crate) fn final_norm(layers: usize) -> (usize, usize) {
    let at = 1 + layers * PER_LAYER;
    (at, at + 1)
}

/// Weight and bias of the head.
pub(crate) fn head(layers: usize) -> (usize, usize) {
    let at = 3 + layers * PER_LAYER;
    (at, at + 1)
}

/// The slots of a layout, in its order. Query, key and value lie side by side in it, so each triple is one slot.
pub(crate) fn slots(layout: &ParamLayout) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for spec in layout.specs() {
        let goes_on = spec.name.contains(".k_proj.") || spec.name.contains(".v_proj.");
        match slots.last_mut() {
            Some(last) if goes_on => {
                last.range.end = spec.range.end;
                last.shape[0] += spec.shape[0];
            }
            _ => slots.push(Slot::of(spec)),
        }
    }
    slots
}

/// A weight as the forward pass takes it: a factor of products in their format.
pub(crate) fn as_taken(param: &Tensor, slot: &Slot, on: &Accelerator) -> Result<Tensor, DeviceError> {
    Ok(if slot.is_factor() { param.to_dtype(on.factor_dtype())? } else { param.clone() })
}

/// A tensor of one slot out of its numbers.
pub(crate) fn upload(numbers: &[f32], slot: &Slot, on: &Accelerator) -> Result<Tensor, DeviceError> {
    Ok(Tensor::from_slice(numbers, slot.shape.as_slice(), &on.device)?)
}

/// The numbers of a tensor.
pub(crate) fn download(tensor: &Tensor) -> Result<Vec<f32>, DeviceError> {
    Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?)
}

/// The weights as the forward pass takes them: factors in the products' format, the rest in f32.
#[derive(Debug, Clone)]
pub(crate) struct Weights(Vec<Tensor>);

impl Weights {
    /// Takes tensors in the order of the slots.
    pub(crate) fn new(tensors: Vec<Tensor>) -> Weights {
        Weights(tensors)
    }

    pub(crate) fn get(&self, slot: usize) -> &Tensor {
        &self.0[slot]
    }

    /// A weight and its bias.
    pub(crate) fn pair(&self, (weight, bias): (usize, usize)) -> (&Tensor, &Tensor) {
        (&self.0[weight], &self.0[bias])
    }

    /// Replaces one tensor.
    pub(crate) fn set(&mut self, slot: usize, tensor: Tensor) {
        self.0[slot] = tensor;
    }
}
