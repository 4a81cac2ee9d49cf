//! AdamW (Loshchilov and Hutter 2019, algorithm 2), one fused pass over the flat buffers.

use crate::TrainSpec;
use phi_model::{ParamKind, ParamLayout};
use std::ops::Range;

/// AdamW over flat buffers, with its own learning-rate and decay factors for each parameter.
#[derive(Debug, Clone)]
pub struct AdamW {
    groups: Vec<Group>,
}

/// Neighbouring parameters that are treated alike.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    range: Range<usize>,
    decay: bool,
}

/// The numbers of one step that all parameters share.
#[derive(Clone, Copy)]
struct Step {
    rate: f32,
    decay: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    scale: f32,
}

impl AdamW {
    /// The optimiser for a model: matrices and the head's weight decay; embeddings, norms and biases don't.
    pub fn new(layout: &ParamLayout) -> AdamW {
        let mut groups: Vec<Group> = Vec::new();
        for spec in layout.specs() {
            let decay = matches!(spec.kind, ParamKind::Matrix | ParamKind::HeadWeight);
            match groups.last_mut() {
                Some(last) if last.decay == decay => last.range.end = spec.range.end,
                _ => groups.push(Group { range: spec.range.clone(), decay }),
            }
        }
        AdamW { groups }
    }

    /// One update. `step` counts from 1; the gradients are multiplied by `scale` first (for clipping).
    #[allow(clippy::too_many_arguments)]
    pub fn update(
        &self,
        spec: &TrainSpec,
        step: u64,
        learning_rate: f64,
        scale: f64,
        params: &mut [f32],
        first: &mut [f32],
        second: &mut [f32],
        grads: &[f32],
    ) {
        let correct = |beta: f64| 1.0 - beta.powf(step as f64);
        let (c1, c2) = (correct(spec.beta1), correct(spec.beta2));
        for group in &self.groups {
            let r = group.range.clone();
            // The moments' bias corrections are folded into the rate and epsilon.
            let numbers = Step {
                rate: (learning_rate * c2.sqrt() / c1) as f32,
                decay: if group.decay { (1.0 - learning_rate * spec.weight_decay) as f32 } else { 1.0 },
                beta1: spec.beta1 as f32,
                beta2: spec.beta2 as f32,
                epsilon: (spec.epsilon * c2.sqrt()) as f32,
                scale: scale as f32,
            };
            let (p, m, v, g) = (&mut params[r.clone()], &mut first[r.clone()], &mut second[r.clone()], &grads[r]);
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || apply(numbers, p, m, v, g),
            );
        }
    }
}

#[inline(always)]
fn apply(n: Step, params: &mut [f32], first: &mut [f32], second: &mut [f32], grads: &[f32]) {
    for (((p, m), v), g) in params.iter_mut().zip(first).zip(second).zip(grads) {
        let g = g * n.scale;
        *m = n.beta1.mul_add(*m - g, g);
        *v = n.beta2.mul_add(*v - g * g, g * g);
        *p = (*p * n.decay) - n.rate * *m / (v.sqrt() + n.epsilon);
    }
}
