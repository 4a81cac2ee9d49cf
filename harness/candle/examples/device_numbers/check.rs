//! Gradients, a loss curve, log-probabilities and a greedy text: the device's beside those of phi-bench's own decoder.

use phi_candle::{Accelerator, DeviceEngine, PhiOnDevice, Precision};
use phi_model::{
    Batch, Checkpoint, Decoder, DeviceModel, PackedTokens, ParamLayout, PhiConfig, Preset, Reading, WeightFiles,
    Workspace,
};
use phi_train::{CpuEngine, StepEngine, TrainSpec, TrainTensors, Update};
use std::error::Error;

const ROWS: usize = 8;
const LENGTH: usize = 128;
const STEPS: u64 = 20;

/// Runs all checks, prints a line for each, and says whether all hold.
pub fn all(on: &Accelerator, precision: Precision) -> Result<bool, Box<dyn Error>> {
    let config = Preset::named("nano").ok_or("there is a preset nano")?.config(512, 0)?;
    let checkpoint = Checkpoint::random(&config, 5);
    let data = rows(&config);
    let mut holds = gradients(on, precision, &checkpoint, &data)?;
    holds &= curve(on, precision, &checkpoint, &data)?;
    let folder = tempfile::tempdir()?;
    checkpoint.save(folder.path())?;
    let device = PhiOnDevice::load(on, &WeightFiles::open(folder.path())?)?;
    holds &= log_probabilities(&device, precision, &checkpoint, &data)?;
    Ok(holds & greedy(&device, precision, &checkpoint, &data)?)
}

/// Rows in which every next token is one of four that its predecessor allows.
fn rows(config: &PhiConfig) -> PackedTokens {
    let mut data = PackedTokens::new(LENGTH);
    for row in 0..ROWS {
        let mut tokens = vec![row as u32 * 31];
        while tokens.len() <= LENGTH {
            let last = tokens[tokens.len() - 1];
            let choice = (last * 7 + tokens.len() as u32 * 13) % 4;
            tokens.push((last * 5 + 7 * choice + 1) % config.vocab_size as u32);
        }
        data.push(&tokens, |i| i % 7 != 2, |i| row % 2 == 1 && i == 50);
    }
    data
}

/// Prints a check and says whether it holds.
fn report(name: &str, precision: Precision, largest: f64, bound: f64) -> bool {
    let holds = largest <= bound;
    let line = serde_json::json!({
        "check": name, "dtype": precision.name(), "largest": largest, "bound": bound, "holds": holds,
    });
    println!("{line}");
    holds
}

fn device_engine(on: &Accelerator, checkpoint: &Checkpoint) -> Result<DeviceEngine, Box<dyn Error>> {
    let tensors = TrainTensors::new(checkpoint.to_flat());
    Ok(DeviceEngine::new(on, checkpoint.config(), &TrainSpec::default(), LENGTH, tensors)?)
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|x| x * x).sum::<f64>().sqrt()
}

/// The largest difference of a parameter's gradient, as a share of its norm.
fn gradients(
    on: &Accelerator,
    precision: Precision,
    checkpoint: &Checkpoint,
    data: &PackedTokens,
) -> Result<bool, Box<dyn Error>> {
    let all: Vec<usize> = (0..ROWS).collect();
    let mut engine = device_engine(on, checkpoint)?;
    engine.gradient(data, &all, 0)?;
    let got = engine.gradients()?;
    let (mut tokens, mut targets, mut weights, mut segments) = (vec![], vec![], vec![], vec![]);
    for row in all {
        segments.extend(data.segments(row).into_iter().map(|s| s.start + tokens.len()..s.end + tokens.len()));
        tokens.extend_from_slice(data.inputs(row));
        targets.extend_from_slice(data.targets(row));
        weights.extend(data.weights(row).iter().map(|w| f32::from(*w)));
    }
    let batch = Batch { tokens: &tokens, targets: &targets, weights: &weights, segments: &segments };
    let params = checkpoint.to_flat();
    let mut expected = vec![0.0; params.len()];
    let scale = 1.0 / data.num_targets() as f32;
    let decoder = Decoder::new(checkpoint.config());
    decoder.loss_and_gradients(&params, &batch, scale, &mut expected, &mut Workspace::new());
    let layout = ParamLayout::new(checkpoint.config());
    let shares = layout.specs().iter().map(|spec| {
        let (got, expected) = (&got[spec.range.clone()], &expected[spec.range.clone()]);
        let difference = norm(got.iter().zip(expected).map(|(a, b)| f64::from(a - b)));
        // The key's bias has next to no gradient of its own: a shift of all keys leaves the soft-max as it is.
        difference / norm(expected.iter().map(|x| f64::from(*x))).max(1e-4)
    });
    Ok(report("gradients", precision, shares.fold(0.0, f64::max), bound(precision, 1e-4, 0.1)))
}

fn bound(precision: Precision, f32: f64, bf16: f64) -> f64 {
    match precision {
        Precision::F32 => f32,
        Precision::Bf16 => bf16,
    }
}

/// The largest relative difference of the losses of some AdamW steps.
fn curve(
    on: &Accelerator,
    precision: Precision,
    checkpoint: &Checkpoint,
    data: &PackedTokens,
) -> Result<bool, Box<dyn Error>> {
    let tensors = TrainTensors::new(checkpoint.to_flat());
    let mut own = CpuEngine::new(checkpoint.config(), &TrainSpec::default(), tensors);
    let mut engine = device_engine(on, checkpoint)?;
    let mut largest = 0.0f64;
    for step in 0..STEPS {
        let rows: Vec<usize> = (0..4).map(|i| (step as usize * 3 + i) % ROWS).collect();
        let advance = |engine: &mut dyn StepEngine| -> Result<f64, Box<dyn Error>> {
            let gradient = engine.gradient(data, &rows, step)?;
            let gradient_scale = (1.0 / gradient.norm).min(1.0);
            engine.update(Update { step: step + 1, learning_rate: 1e-3, gradient_scale })?;
            Ok(gradient.loss)
        };
        let (got, expected) = (advance(&mut engine)?, advance(&mut own)?);
        largest = largest.max((got / expected - 1.0).abs());
    }
    Ok(report("losses of 20 AdamW steps, relative", precision, largest, bound(precision, 1e-4, 0.01)))
}

/// Log-probabilities of every token behind a prefix, by phi-bench's own decoder.
fn own_log_probabilities(checkpoint: &Checkpoint, tokens: &[u32]) -> Vec<Vec<f64>> {
    let whole = 0..tokens.len();
    let mut workspace = Workspace::new();
    let decoder = Decoder::new(checkpoint.config());
    let logits = decoder.logits(&checkpoint.to_flat(), tokens, std::slice::from_ref(&whole), &mut workspace);
    let normalised = |row: &[f32]| {
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = row.iter().map(|x| f64::from(x - top).exp()).sum();
        row.iter().map(|x| f64::from(x - top) - sum.ln()).collect()
    };
    logits.chunks(checkpoint.config().vocab_size).map(normalised).collect()
}

fn log_probabilities(
    device: &PhiOnDevice,
    precision: Precision,
    checkpoint: &Checkpoint,
    data: &PackedTokens,
) -> Result<bool, Box<dyn Error>> {
    let reading = |row: usize| {
        let len = LENGTH - row * 9;
        Reading {
            tokens: data.inputs(row)[..len].to_vec(),
            wants: (0..len).map(|i| (i, data.targets(row)[i])).collect(),
        }
    };
    let readings: Vec<Reading> = (0..ROWS).map(reading).collect();
    let mut largest = 0.0f64;
    for (reading, got) in readings.iter().zip(device.read(&readings)?) {
        let own = own_log_probabilities(checkpoint, &reading.tokens);
        for ((offset, target), (got, _)) in reading.wants.iter().zip(got) {
            largest = largest.max((got - own[*offset][*target as usize]).abs());
        }
    }
    Ok(report("log-probabilities", precision, largest, bound(precision, 1e-4, 0.1)))
}

/// The share of greedy tokens that aren't as good as the processor's own choice, to within 1e-4 (0.1 in bf16) of its
/// log-probability.
fn greedy(
    device: &PhiOnDevice,
    precision: Precision,
    checkpoint: &Checkpoint,
    data: &PackedTokens,
) -> Result<bool, Box<dyn Error>> {
    let mut texts: Vec<Vec<u32>> = (0..ROWS).map(|row| data.inputs(row)[..3 + 5 * row].to_vec()).collect();
    let prompts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
    let new = 24;
    let mut decoding = device.begin(&prompts, new)?;
    let everyone: Vec<usize> = (0..ROWS).collect();
    let mut worse = 0;
    for _ in 0..new {
        let logits = decoding.logits().chunks(checkpoint.config().vocab_size);
        let best = |row: &[f32]| (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
        let tokens: Vec<u32> = logits.map(|row| best(row) as u32).collect();
        for (text, token) in texts.iter_mut().zip(&tokens) {
            let own = own_log_probabilities(checkpoint, text).pop().ok_or("a text has tokens")?;
            let top = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            worse += usize::from(own[*token as usize] < top - bound(precision, 1e-4, 0.1));
            text.push(*token);
        }
        decoding.step(&everyone, &tokens)?;
    }
    Ok(report("greedy tokens that aren't the best, share", precision, worse as f64 / (new * ROWS) as f64, 0.0))
}
