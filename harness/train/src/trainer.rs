//! The training loop.

use crate::batches::Batches;
use crate::cpu_engine::mean_loss;
use crate::step::Workers;
use crate::{Gradient, StepEngine, TrainError, TrainPoint, TrainProgress, TrainSpec, Update};
use phi_model::{Decoder, PackedTokens, ParamLayout, PhiConfig};
use std::path::Path;
use std::time::Instant;

/// A loss so many times that of guessing, or of the model that the run began with, is the end of a run.
const FAR_ABOVE_GUESSING: f64 = 3.0;

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
    /// Updates left out so far because the loss had spiked.
    pub skipped: u64,
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
}

/// What is asked after every step: it is lent the curve and the engine, and says how to go on.
pub type AfterStep<'a, E> = dyn FnMut(&Progress, &[TrainPoint], &mut dyn StepEngine) -> Result<Control, E> + 'a;

/// Trains from `progress` to the end of `spec` on an engine that was made for it. After every step `after_step` says how to
/// go on; where it asks for it, the state is saved to `snapshot`.
///
/// # Errors
/// [`TrainError::Interrupted`] when the caller stopped it; what is wrong with settings, data or disk; that the loss diverged;
/// or the error of `after_step`, the state as it was last saved.
pub fn train<E: From<TrainError>>(
    spec: &TrainSpec,
    engine: &mut dyn StepEngine,
    progress: &mut TrainProgress,
    data: &PackedTokens,
    validation: &PackedTokens,
    snapshot: &Path,
    after_step: &mut AfterStep<'_, E>,
) -> Result<(), E> {
    spec.validate().map_err(TrainError::Spec)?;
    for rows in [data, validation] {
        check_data(engine.config(), rows)?;
    }
    let mut batches = Batches::new(data.num_rows(), spec.batch_rows, spec.seed);
    let before = progress.seconds;
    let started = Instant::now();
    let mut worst_loss = FAR_ABOVE_GUESSING * (engine.config().vocab_size as f64).ln();
    let diverged = |step, loss| TrainError::Diverged { step, loss, learning_rate: spec.learning_rate };

    if progress.curve.is_empty() {
        let val_loss = engine.loss(validation)?;
        if !val_loss.is_finite() {
            return Err(diverged(0, val_loss).into());
        }
        progress.curve.push(TrainPoint { step: 0, train_loss: None, val_loss, grad_norm: None });
    }
    worst_loss = worst_loss.max(FAR_ABOVE_GUESSING * progress.curve[0].val_loss);
    while progress.step < spec.steps {
        let step = progress.step;
        let Gradient { loss, targets, norm } = engine.gradient(data, &batches.rows(step), step)?;
        if !norm.is_finite() || is_lost(loss, worst_loss) {
            return Err(diverged(step, loss).into());
        }
        let factor = spec.schedule.factor(step, spec.steps, spec.warmup_steps, spec.final_lr_fraction);
        let learning_rate = spec.learning_rate * factor;
        let spike = spec.options.spike_z.is_some_and(|z| !progress.spikes.accepts(loss, z));
        if !spike {
            let gradient_scale = (spec.clip_norm / norm).min(1.0);
            let update = spec.options.optimiser.updates + step + 1 - progress.spikes.skipped;
            engine.update(Update { step: update, learning_rate, gradient_scale })?;
        }

        progress.step += 1;
        progress.loss_sum += loss * targets as f64;
        progress.loss_targets += targets as f64;
        let mut measured = None;
        if progress.step.is_multiple_of(spec.eval_every) || progress.step == spec.steps {
            let val_loss = engine.loss(validation)?;
            if is_lost(val_loss, worst_loss) {
                return Err(diverged(step, val_loss).into());
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
            learning_rate,
            val_loss: measured,
            skipped: progress.spikes.skipped,
            seconds: progress.seconds,
            memory_bytes: engine.memory_bytes(),
        };
        let control = after_step(&report, &progress.curve, engine)?;
        if control != Control::Continue {
            let layout = ParamLayout::new(engine.config());
            engine.tensors()?.save(progress, snapshot, &layout)?;
        }
        if control == Control::Stop {
            return Err(TrainError::Interrupted.into());
        }
    }
    Ok(())
}

/// Whether a loss is no number, or so large that the run won't recover.
fn is_lost(loss: f64, worst: f64) -> bool {
    loss.is_nan() || loss > worst
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
    Ok(mean_loss(
        &Decoder::new(config),
        params,
        rows,
        &mut Workers::new(&TrainSpec { threads: threads.max(1), ..TrainSpec::default() }),
    ))
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
