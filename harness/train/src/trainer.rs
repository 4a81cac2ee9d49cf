//! The training loop.

use crate::batches::Batches;
use crate::step::Workers;
use crate::{AdamW, TrainError, TrainPoint, TrainSpec, TrainState};
use phi_model::{Decoder, PackedTokens, PhiConfig};
use std::path::Path;
use std::time::Instant;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Optimiser steps done.
    pub step: u64,
    /// Steps in all.
    pub steps: u64,
    /// Training loss of the last step, in nats a target.
    pub loss: f64,
    /// Norm of its gradient before clipping.
    pub grad_norm: f64,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The loss on the validation rows, in nats a target, where it was measured after this step.
    pub val_loss: Option<f64>,
    /// Seconds of training so far, those before an interruption included.
    pub seconds: f64,
    /// Bytes of weights, moments, gradients and activations, without the rows of tokens.
    pub memory_bytes: u64,
}

/// What the caller wants after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// To go on.
    Continue,
    /// To go on, with the state saved first.
    Save,
    /// To stop, with the state saved first.
    Stop,
    /// To stop as if killed: the state stays as it was last saved, and this step is done again.
    Abandon,
}

/// Trains from `state` to the end of `spec`. After every step `after_step` is shown the weights and says how to go on;
/// where it asks for it, the state is saved to `snapshot`.
///
/// # Errors
/// [`TrainError::Interrupted`] when the caller stopped it; otherwise what is wrong with settings, data or disk, or that
/// the loss diverged.
pub fn train(
    spec: &TrainSpec,
    config: &PhiConfig,
    state: &mut TrainState,
    data: &PackedTokens,
    validation: &PackedTokens,
    snapshot: &Path,
    after_step: &mut dyn FnMut(Progress, &[f32]) -> Control,
) -> Result<(), TrainError> {
    spec.validate().map_err(TrainError::Spec)?;
    for rows in [data, validation] {
        check_data(config, rows)?;
    }
    let decoder = Decoder::new(config);
    let optimiser = AdamW::new(decoder.layout());
    let mut batches = Batches::new(data.num_rows(), spec.batch_rows, spec.seed);
    let mut workers = Workers::new(spec.threads);
    let before = state.progress.seconds;
    let started = Instant::now();

    if state.progress.curve.is_empty() {
        let val_loss = mean_loss(&decoder, &state.params, validation, &mut workers);
        if !val_loss.is_finite() {
            let learning_rate = spec.learning_rate;
            return Err(TrainError::Diverged { step: 0, loss: val_loss, learning_rate });
        }
        state.progress.curve.push(TrainPoint { step: 0, train_loss: None, val_loss, grad_norm: None });
    }
    while state.progress.step < spec.steps {
        let step = state.progress.step;
        let rows = batches.rows(step);
        let targets: usize = rows.iter().map(|&r| data.weights(r).iter().filter(|w| **w != 0).count()).sum();
        let scale = 1.0 / targets.max(1) as f64;
        let loss = workers.run(&decoder, &state.params, data, &rows, Some(scale as f32)) * scale;
        let norm = workers.grads().iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>().sqrt();
        if !loss.is_finite() || !norm.is_finite() {
            return Err(TrainError::Diverged { step, loss, learning_rate: spec.learning_rate });
        }
        let factor = spec.schedule.factor(step, spec.steps, spec.warmup_steps, spec.final_lr_fraction);
        let clip = (spec.clip_norm / norm).min(1.0);
        let TrainState { params, first, second, progress } = &mut *state;
        let rate = spec.learning_rate * factor;
        optimiser.update(spec, step + 1, rate, clip, params, first, second, workers.grads());

        progress.step += 1;
        progress.loss_sum += loss * targets as f64;
        progress.loss_targets += targets as f64;
        let mut measured = None;
        if progress.step.is_multiple_of(spec.eval_every) || progress.step == spec.steps {
            let val_loss = mean_loss(&decoder, params, validation, &mut workers);
            if !val_loss.is_finite() {
                let learning_rate = spec.learning_rate;
                return Err(TrainError::Diverged { step, loss: val_loss, learning_rate });
            }
            let train_loss = Some(progress.loss_sum / progress.loss_targets.max(1.0));
            progress.curve.push(TrainPoint { step: progress.step, train_loss, val_loss, grad_norm: Some(norm) });
            (progress.loss_sum, progress.loss_targets) = (0.0, 0.0);
            measured = Some(val_loss);
        }
        progress.seconds = before + started.elapsed().as_secs_f64();
        let report = Progress {
            step: progress.step,
            steps: spec.steps,
            loss,
            grad_norm: norm,
            learning_rate: rate,
            val_loss: measured,
            seconds: progress.seconds,
            memory_bytes: (params.len() * 3 * size_of::<f32>()) as u64 + workers.bytes(),
        };
        match after_step(report, params) {
            Control::Continue => {}
            Control::Save => state.save(snapshot, decoder.layout())?,
            Control::Stop => {
                state.save(snapshot, decoder.layout())?;
                return Err(TrainError::Interrupted);
            }
            Control::Abandon => return Err(TrainError::Interrupted),
        }
    }
    Ok(())
}

/// The loss a target on some rows, in nats.
///
/// # Errors
/// The rows don't fit the model.
pub fn evaluate_loss(
    config: &PhiConfig,
    params: &[f32],
    rows: &PackedTokens,
    threads: usize,
) -> Result<f64, TrainError> {
    check_data(config, rows)?;
    Ok(mean_loss(&Decoder::new(config), params, rows, &mut Workers::new(threads.max(1))))
}

fn mean_loss(decoder: &Decoder, params: &[f32], data: &PackedTokens, workers: &mut Workers) -> f64 {
    let rows: Vec<usize> = (0..data.num_rows()).collect();
    workers.run(decoder, params, data, &rows, None) / data.num_targets().max(1) as f64
}

fn check_data(config: &PhiConfig, data: &PackedTokens) -> Result<(), TrainError> {
    let wrong = |reason: String| Err(TrainError::Data(reason));
    if data.num_rows() == 0 || data.num_targets() == 0 {
        return wrong("there is no row of tokens to train on or to validate with; give more text".into());
    }
    if data.seq_len() > config.max_positions {
        return wrong(format!(
            "rows of {} tokens don't fit a model of {} positions",
            data.seq_len(),
            config.max_positions
        ));
    }
    match data.max_token() {
        Some(id) if id as usize >= config.vocab_size => {
            wrong(format!("token {id} lies outside the model's vocabulary of {}", config.vocab_size))
        }
        _ => Ok(()),
    }
}
