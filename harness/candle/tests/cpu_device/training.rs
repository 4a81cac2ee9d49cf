//! Gradients, loss curve and resumption.

use crate::support::{config, rows, weights};
use phi_candle::{Accelerator, DeviceEngine, Precision};
use phi_model::{Batch, Decoder, PackedTokens, ParamLayout, Workspace};
use phi_train::{
    Control, CpuEngine, DecayGroup, Mask, Progress, Schedule, StepEngine, TrainError, TrainOptions, TrainPoint,
    TrainProgress, TrainSpec, TrainTensors, train,
};

fn spec(steps: u64, micro_rows: usize) -> TrainSpec {
    TrainSpec {
        steps,
        batch_rows: 4,
        learning_rate: 3e-3,
        warmup_steps: 3,
        schedule: Schedule::Cosine,
        final_lr_fraction: 0.1,
        eval_every: 5,
        seed: 3,
        options: TrainOptions { micro_rows: Some(micro_rows), ..TrainOptions::default() },
        ..TrainSpec::default()
    }
}

fn engine(precision: Precision, spec: &TrainSpec) -> DeviceEngine {
    let config = config();
    let tensors = TrainTensors::new(weights(&config));
    DeviceEngine::new(&Accelerator::cpu(precision), &config, spec, 20, tensors).unwrap()
}

/// Loss and gradient of the mean loss of all rows, by phi-bench's own decoder.
fn reference(data: &PackedTokens) -> (f64, Vec<f32>) {
    let config = config();
    let (mut tokens, mut targets, mut weights_of, mut segments) = (vec![], vec![], vec![], vec![]);
    for row in 0..data.num_rows() {
        segments.extend(data.segments(row).into_iter().map(|s| s.start + tokens.len()..s.end + tokens.len()));
        tokens.extend_from_slice(data.inputs(row));
        targets.extend_from_slice(data.targets(row));
        weights_of.extend(data.weights(row).iter().map(|w| f32::from(*w)));
    }
    let batch = Batch { tokens: &tokens, targets: &targets, weights: &weights_of, segments: &segments };
    let params = weights(&config);
    let mut grads = vec![0.0; params.len()];
    let scale = 1.0 / data.num_targets() as f32;
    let decoder = Decoder::new(&config);
    let loss = decoder.loss_and_gradients(&params, &batch, scale, &mut grads, &mut Workspace::new());
    (loss * f64::from(scale), grads)
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|x| x * x).sum::<f64>().sqrt()
}

/// The norm of the difference of two gradients of a parameter, as a share of the norm of the expected one.
fn shares(got: &[f32], expected: &[f32]) -> Vec<(String, f64, f64)> {
    let layout = ParamLayout::new(&config());
    let of = |spec: &phi_model::ParamSpec| {
        let (got, expected) = (&got[spec.range.clone()], &expected[spec.range.clone()]);
        let size = norm(expected.iter().map(|x| f64::from(*x)));
        let difference = norm(got.iter().zip(expected).map(|(a, b)| f64::from(a - b)));
        (spec.name.clone(), difference / size, size)
    };
    layout.specs().iter().map(of).collect()
}

#[test]
fn every_named_parameter_gets_a_finite_gradient_that_equals_the_decoder_s_own() {
    let data = rows(&config(), 5);
    let (loss, expected) = reference(&data);
    // Two rows at once: the last chunk is smaller than the others.
    let mut engine = engine(Precision::F32, &spec(1, 2));
    let all: Vec<usize> = (0..5).collect();
    let got = engine.gradient(&data, &all, 0).unwrap();
    let flat = engine.gradients().unwrap();
    assert!(flat.iter().all(|g| g.is_finite()));
    assert!((got.loss - loss).abs() < 1e-6, "{} instead of {loss}", got.loss);
    assert_eq!(got.targets, data.num_targets() as u64);
    let whole = norm(expected.iter().map(|x| f64::from(*x)));
    assert!((got.norm / whole - 1.0).abs() < 1e-5);
    for (name, share, size) in shares(&flat, &expected) {
        assert!(size > 1e-7, "{name} has no gradient");
        assert!(share < 1e-4, "{name}: off by {share:.1e} of its norm");
    }
}

#[test]
fn bf16_gradients_point_where_those_of_f32_do() {
    let data = rows(&config(), 4);
    let (loss, expected) = reference(&data);
    let mut engine = engine(Precision::Bf16, &spec(1, 4));
    let got = engine.gradient(&data, &[0, 1, 2, 3], 0).unwrap();
    let flat = engine.gradients().unwrap();
    assert!((got.loss / loss - 1.0).abs() < 0.01, "{} instead of {loss}", got.loss);
    let dot: f64 = flat.iter().zip(&expected).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    let sizes = norm(flat.iter().map(|x| f64::from(*x))) * norm(expected.iter().map(|x| f64::from(*x)));
    assert!(dot / sizes > 0.995, "cosine {}", dot / sizes);
    assert!(flat != expected, "the products were in bf16");
}

/// Training losses and validation losses.
fn run(engine: &mut dyn StepEngine, spec: &TrainSpec) -> (Vec<f64>, Vec<f64>) {
    let data = rows(&config(), 30);
    let dir = tempfile::tempdir().unwrap();
    let mut progress = TrainProgress::default();
    let mut losses = Vec::new();
    let mut after_step = |p: &Progress, _: &[TrainPoint], _: &mut dyn StepEngine| {
        losses.push(p.loss);
        Ok::<_, TrainError>(Control::Continue)
    };
    let validation = rows(&config(), 2);
    train(spec, engine, &mut progress, &data, &validation, &dir.path().join("state"), &mut after_step).unwrap();
    (losses, progress.curve.iter().map(|point| point.val_loss).collect())
}

/// Both engines' losses over the same run.
fn both(precision: Precision, spec: &TrainSpec) -> [(Vec<f64>, Vec<f64>); 2] {
    let config = config();
    let mut own = CpuEngine::new(&config, spec, TrainTensors::new(weights(&config)));
    [run(&mut engine(precision, spec), spec), run(&mut own, spec)]
}

#[test]
fn twenty_steps_of_adamw_follow_the_processor_s_loss_curve() {
    let [got, expected] = both(Precision::F32, &spec(20, 3));
    assert_eq!((got.0.len(), got.1.len()), (20, 5));
    assert!(expected.0[19] < expected.0[0] - 0.1, "the model learns: {:?}", expected.0);
    for (i, (a, b)) in got.0.iter().chain(&got.1).zip(expected.0.iter().chain(&expected.1)).enumerate() {
        assert!((a - b).abs() < 1e-4, "{i}: {a} instead of {b}");
    }
}

#[test]
fn a_loss_curve_in_bf16_stays_within_a_hundredth_of_that_in_f32() {
    let [got, expected] = both(Precision::Bf16, &spec(20, 4));
    for (i, (a, b)) in got.0.iter().zip(&expected.0).enumerate() {
        assert!((a / b - 1.0).abs() < 0.01, "{i}: {a} instead of {b}");
    }
    assert_ne!(got, expected, "the products were in bf16");
}

#[test]
fn options_of_a_run_mean_the_same_on_the_device() {
    let mut spec = spec(6, 4);
    spec.options.mask = Mask::None;
    spec.options.decay = vec![DecayGroup::Embeddings, DecayGroup::Biases];
    spec.weight_decay = 2.0;
    let [got, expected] = both(Precision::F32, &spec);
    for (a, b) in got.0.iter().zip(&expected.0) {
        assert!((a - b).abs() < 1e-4, "{a} instead of {b}");
    }
    spec.options.decay = vec![DecayGroup::Matrices];
    assert!((run(&mut engine(Precision::F32, &spec), &spec).0[5] - expected.0[5]).abs() > 1e-3, "decay matters");
    spec.options.dropout.residual = 0.1;
    let tensors = TrainTensors::new(weights(&config()));
    let refused = DeviceEngine::new(&Accelerator::cpu(Precision::F32), &config(), &spec, 20, tensors);
    assert!(refused.unwrap_err().to_string().contains("dropout"));
}

#[test]
fn weights_and_moments_brought_to_the_host_begin_a_new_engine_where_the_old_one_stood() {
    let (config, spec) = (config(), spec(1, 4));
    let data = rows(&config, 8);
    let mut one = engine(Precision::F32, &spec);
    let step = |engine: &mut DeviceEngine, step: u64| {
        let loss = engine.gradient(&data, &[0, 1, 2, 3], step).unwrap().loss;
        let update = phi_train::Update { step: step + 1, learning_rate: 1e-3, gradient_scale: 0.5 };
        engine.update(update).unwrap();
        loss
    };
    step(&mut one, 0);
    step(&mut one, 1);
    let tensors = one.tensors().unwrap().clone();
    assert!(tensors.first.iter().chain(&tensors.second).any(|x| *x != 0.0), "the moments are brought too");
    let mut two = DeviceEngine::new(&Accelerator::cpu(Precision::F32), &config, &spec, 20, tensors).unwrap();
    assert_eq!(step(&mut one, 2).to_bits(), step(&mut two, 2).to_bits());
    assert_eq!(one.tensors().unwrap(), two.tensors().unwrap());
}

#[test]
fn a_sequence_s_loss_doesn_t_depend_on_what_is_packed_before_it() {
    let config = config();
    let mut packed = PackedTokens::new(16);
    let tokens: Vec<u32> = (0..17).map(|i| (i * 5 % 61) as u32).collect();
    packed.push(&tokens, |i| i >= 10, |i| i == 10);
    let mut alone = PackedTokens::new(6);
    alone.push(&tokens[10..], |_| true, |_| false);
    let mut engine = engine(Precision::F32, &spec(1, 4));
    let (a, b) = (engine.loss(&packed).unwrap(), engine.loss(&alone).unwrap());
    assert!((a - b).abs() < 1e-6, "{a} and {b}");
    assert_eq!(engine.config(), &config);
}
