//! A training run on real text, with nothing random in it.

use crate::support::text;
use phi_growth::{Moments, UpdateScale};
use phi_model::{Batch, Checkpoint, Decoder, ParamSpec, PhiConfig, Workspace};
use phi_train::{AdamW, Schedule, TrainSpec};

/// Tokens of a step.
const TOKENS: usize = 64;

pub struct Run {
    config: PhiConfig,
    decoder: Decoder,
    optimiser: AdamW,
    pub params: Vec<f32>,
    pub moments: Moments,
    /// Steps behind the moments.
    pub steps: u64,
    /// Steps behind the text.
    pub read: u64,
    workspace: Workspace,
}

impl Run {
    pub fn new(model: &Checkpoint) -> Run {
        let zeros = vec![0.0; model.to_flat().len()];
        Run::resumed(model, Moments { first: zeros.clone(), second: zeros }, 0)
    }

    /// A run that has done some steps.
    pub fn resumed(model: &Checkpoint, moments: Moments, steps: u64) -> Run {
        let decoder = Decoder::new(model.config());
        let optimiser = AdamW::new(decoder.layout());
        let (config, params) = (model.config().clone(), model.to_flat());
        Run { config, decoder, optimiser, params, moments, steps, read: steps, workspace: Workspace::new() }
    }

    pub fn model(&self) -> Checkpoint {
        Checkpoint::from_flat(&self.config, &self.params)
    }

    /// Some steps; the losses before each.
    pub fn train(&mut self, steps: u64, scale: impl Fn(&ParamSpec) -> Option<UpdateScale>) -> Vec<f64> {
        (0..steps).map(|_| self.step(&scale)).collect()
    }

    /// One step of AdamW, the settings of each parameter scaled as `scale` says; the loss before it, in nats a token.
    fn step(&mut self, scale: &impl Fn(&ParamSpec) -> Option<UpdateScale>) -> f64 {
        let first = self.read as usize % 8 * TOKENS;
        let tokens = text(first + TOKENS + 1).split_off(first);
        let segment = 0..TOKENS;
        let batch = Batch {
            tokens: &tokens[..TOKENS],
            targets: &tokens[1..],
            weights: &[1.0; TOKENS],
            segments: std::slice::from_ref(&segment),
        };
        let mut grads = vec![0.0; self.params.len()];
        let per_token = 1.0 / TOKENS as f32;
        let loss = self.decoder.loss_and_gradients(&self.params, &batch, per_token, &mut grads, &mut self.workspace);
        self.steps += 1;
        self.read += 1;

        // One pass over all parameters for each setting that some of them have, of which those take their part.
        let (params, moments) = (self.params.clone(), self.moments.clone());
        let mut settings: Vec<Option<UpdateScale>> = Vec::new();
        let by_spec: Vec<_> = self.decoder.layout().specs().iter().map(|s| (s.range.clone(), scale(s))).collect();
        for (_, scale) in &by_spec {
            if !settings.contains(scale) {
                settings.push(*scale);
            }
        }
        for setting in settings {
            let one = UpdateScale { learning_rate: 1.0, weight_decay: 1.0, epsilon: 1.0 };
            let spec = spec(setting.unwrap_or(one));
            let (mut p, mut m) = (params.clone(), moments.clone());
            let rate = spec.learning_rate;
            self.optimiser.update(&spec, self.steps, rate, 1.0, &mut p, &mut m.first, &mut m.second, &grads);
            for (range, _) in by_spec.iter().filter(|(_, s)| *s == setting) {
                self.params[range.clone()].copy_from_slice(&p[range.clone()]);
                self.moments.first[range.clone()].copy_from_slice(&m.first[range.clone()]);
                self.moments.second[range.clone()].copy_from_slice(&m.second[range.clone()]);
            }
        }
        loss / TOKENS as f64
    }
}

fn spec(scale: UpdateScale) -> TrainSpec {
    TrainSpec {
        steps: 1,
        batch_rows: 1,
        learning_rate: 3e-3 * scale.learning_rate,
        warmup_steps: 0,
        schedule: Schedule::Constant,
        final_lr_fraction: 1.0,
        weight_decay: 0.1 * scale.weight_decay,
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-8 * scale.epsilon,
        clip_norm: 1.0,
        seed: 0,
        ..TrainSpec::default()
    }
}
