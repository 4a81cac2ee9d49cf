//! AdamW (Loshchilov and Hutter 2019, algorithm 2), one fused pass over the flat buffers.

use crate::{DecayGroup, TrainOptions, TrainSpec};
use phi_model::{ParamLayout, UpdateScale};
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
    /// What the settings are multiplied by.
    scale: UpdateScale,
}

/// The numbers of one step for one group.
#[derive(Clone, Copy)]
struct Step {
    rate: f32,
    decay: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    scale: f32,
}

/// Parameters that lie together, with their moments and gradients.
struct Part<'a> {
    start: usize,
    params: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    grads: &'a [f32],
}

/// Parameters of one part of the work at least: below, starting a thread costs more than it saves.
const LEAST_PART: usize = 1 << 16;

impl AdamW {
    /// The optimiser for a model whose matrices decay, the head's too; embeddings, norms and biases don't.
    pub fn new(layout: &ParamLayout) -> AdamW {
        AdamW::with_options(layout, &TrainOptions::default())
    }

    /// The optimiser for a model of which the parameters decay that the options say, each with the options' scale of its
    /// settings.
    pub fn with_options(layout: &ParamLayout, options: &TrainOptions) -> AdamW {
        let mut groups: Vec<Group> = Vec::new();
        for spec in layout.specs() {
            let decay = options.decay.contains(&DecayGroup::of(spec.kind));
            let scale = options.optimiser.scale(&spec.name);
            match groups.last_mut() {
                Some(last) if last.decay == decay && last.scale == scale => last.range.end = spec.range.end,
                _ => groups.push(Group { range: spec.range.clone(), decay, scale }),
            }
        }
        AdamW { groups }
    }

    /// One update, shared among the settings' threads; the result doesn't depend on how many. `step` counts from 1; the
    /// gradients are multiplied by `scale` first (for clipping).
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
        // The moments' bias corrections are folded into the rate and epsilon.
        let numbers = |group: &Group| {
            let rate = learning_rate * group.scale.learning_rate;
            let decay = rate * spec.weight_decay * group.scale.weight_decay;
            Step {
                rate: (rate * c2.sqrt() / c1) as f32,
                decay: if group.decay { (1.0 - decay) as f32 } else { 1.0 },
                beta1: spec.beta1 as f32,
                beta2: spec.beta2 as f32,
                epsilon: (spec.epsilon * group.scale.epsilon * c2.sqrt()) as f32,
                scale: scale as f32,
            }
        };
        let size = params.len().div_ceil(spec.threads.max(1)).max(LEAST_PART);
        let buffers = params.chunks_mut(size).zip(first.chunks_mut(size)).zip(second.chunks_mut(size));
        let parts = buffers.zip(grads.chunks(size)).enumerate().map(|(i, (((params, first), second), grads))| Part {
            start: i * size,
            params,
            first,
            second,
            grads,
        });
        std::thread::scope(|scope| {
            let mut parts = parts;
            let own = parts.next();
            let numbers = &numbers;
            parts.for_each(|part| drop(scope.spawn(move || self.update_part(numbers, part))));
            own.into_iter().for_each(|part| self.update_part(numbers, part));
        });
    }

    fn update_part(&self, numbers: &impl Fn(&Group) -> Step, part: Part<'_>) {
        let Part { start, params, first, second, grads } = part;
        let end = start + params.len();
        for group in &self.groups {
            let (from, to) = (group.range.start.clamp(start, end) - start, group.range.end.clamp(start, end) - start);
            let numbers = numbers(group);
            let (p, m, v, g) = (&mut params[from..to], &mut first[from..to], &mut second[from..to], &grads[from..to]);
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
