//! A training run on real text, with nothing random in it.

use crate::support::text;
use phi_model::{Batch, Checkpoint, Decoder, OptimiserRecord, OptimiserState, PhiConfig, Workspace};
use phi_train::{AdamW, Schedule, TrainOptions, TrainSpec};

/// Tokens of a step.
const TOKENS: usize = 64;

pub struct Run {
    config: PhiConfig,
    decoder: Decoder,
    optimiser: AdamW,
    pub params: Vec<f32>,
    /// AdamW's state; its updates are the steps behind it.
    pub state: OptimiserState,
    /// Steps behind the text.
    pub read: u64,
    workspace: Workspace,
}

impl Run {
    pub fn new(model: &Checkpoint) -> Run {
        let zeros = vec![0.0; model.to_flat().len()];
        let record = OptimiserRecord::default();
        Run::resumed(model, OptimiserState { first: zeros.clone(), second: zeros, record })
    }

    /// A run that has done some steps.
    pub fn resumed(model: &Checkpoint, state: OptimiserState) -> Run {
        let decoder = Decoder::new(model.config());
        let options = TrainOptions { optimiser: state.record.clone(), ..TrainOptions::default() };
        let optimiser = AdamW::with_options(decoder.layout(), &options);
        let (config, params, read) = (model.config().clone(), model.to_flat(), state.record.updates);
        Run { config, decoder, optimiser, params, state, read, workspace: Workspace::new() }
    }

    pub fn model(&self) -> Checkpoint {
        Checkpoint::from_flat(&self.config, &self.params)
    }

    /// Some steps; the losses before each.
    pub fn train(&mut self, steps: u64) -> Vec<f64> {
        (0..steps).map(|_| self.step()).collect()
    }

    /// One step of AdamW; the loss before it, in nats a token.
    fn step(&mut self) -> f64 {
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
        self.read += 1;
        let OptimiserState { first, second, record } = &mut self.state;
        record.updates += 1;
        let (spec, params) = (spec(), &mut self.params);
        self.optimiser.update(&spec, record.updates, spec.learning_rate, 1.0, params, first, second, &grads);
        loss / TOKENS as f64
    }
}

fn spec() -> TrainSpec {
    TrainSpec {
        steps: 1,
        batch_rows: 1,
        learning_rate: 3e-3,
        warmup_steps: 0,
        schedule: Schedule::Constant,
        final_lr_fraction: 1.0,
        weight_decay: 0.1,
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-8,
        clip_norm: 1.0,
        seed: 0,
        ..TrainSpec::default()
    }
}
