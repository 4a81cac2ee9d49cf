//! An ablation whose models are trained and scored on devices, against the same one on the processor.

use phi_ablation::{
    AblationError, ComputeDevice, ComputeRecipe, Context, GpuSlot, Interrupt, Observer, OutputFolder, Plan, Recipe,
    Resources, Step, StepProgress, Trust, execute, gather, survey,
};
use phi_candle::Accelerator;
use phi_reports::Run;
use phi_suites::DataRoot;
use phi_train::{Gpu, Precision};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The tiny recipe of the end-to-end tests, smaller still, with a suite of log-probabilities.
fn recipe() -> Recipe {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tiny.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text
        .replace("seeds = [1, 2]", "seeds = [1]")
        .replace("code_bytes = 30_000", "code_bytes = 6_000")
        .replace("textbooks = 40", "textbooks = 6")
        .replace("exercises = 120", "exercises = 24")
        .replace("held_out = 20", "held_out = 4")
        .replace("small_tokens = 20_000", "small_tokens = 1_024")
        .replace("scratch_tokens = 60_000", "scratch_tokens = 4_096")
        .replace("tokens = 40_000", "tokens = 1_536")
        .replace("curve_points = 4", "curve_points = 2");
    let (text, _) = text.split_once("sampled = {").unwrap();
    Recipe::parse(&format!("{text}\n[[suites]]\ntask = \"code_exercises_bits\"\n"), "test").unwrap()
}

/// Keeps the labels of the steps that were begun.
#[derive(Default)]
struct Begun(Mutex<BTreeSet<String>>);

impl Observer for Begun {
    fn begin(&self, _: &Plan, _: &[bool]) {}
    fn started(&self, step: &Step) {
        self.0.lock().unwrap().insert(step.label.clone());
    }
    fn progressed(&self, _: &Step, _: &StepProgress) {}
    fn finished(&self, _: &Step) {}
    fn failed(&self, step: &Step, error: &AblationError, _: bool) {
        panic!("{}: {error}", step.label);
    }
    fn notice(&self, message: &str) {
        panic!("{message}");
    }
}

/// Runs the recipe in a folder on these devices; gives what came out, and what was begun.
fn run(recipe: &Recipe, out: &Path, gpus: Vec<GpuSlot>) -> Result<(Run, BTreeSet<String>), AblationError> {
    let plan = Plan::new(recipe, &DataRoot::default()).unwrap();
    let folder = OutputFolder::open(out, recipe, true).unwrap();
    let begun = Begun::default();
    let done = survey(&plan, &folder, Trust::Stamps, &begun).unwrap();
    let context = Context::new(DataRoot::default(), phi_sandbox::default_cache_dir(), Interrupt::default());
    let resources = Resources { jobs: 1, memory_bytes: 2 << 30, retries: 0 };
    let outcome = execute(&plan, &folder, &context.with_gpus(gpus), resources, &done, &begun)?;
    assert!(outcome.failures.is_empty());
    Ok((gather(recipe, &plan, &folder, &outcome, "test", Vec::new()).unwrap(), begun.0.into_inner().unwrap()))
}

#[test]
fn an_ablation_on_two_devices_has_the_processor_s_results_and_its_corpus_but_none_of_its_models() {
    let dir = tempfile::tempdir().unwrap();
    let mut recipe = recipe();
    let (expected, begun) = run(&recipe, dir.path(), Vec::new()).unwrap();
    assert!(begun.contains("corpus"));

    let dtype = Some(Precision::F32);
    recipe.set_compute(ComputeRecipe { device: ComputeDevice::Cuda, dtype }).unwrap();
    let none = run(&recipe, dir.path(), Vec::new()).unwrap_err();
    assert!(matches!(&none, AblationError::NoGpu(step) if step.starts_with("pretrain")), "{none}");
    let opened = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let slot = |count: &Arc<AtomicUsize>| {
        let count = Arc::clone(count);
        GpuSlot::new("candle".into(), move |precision| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Accelerator::cpu(precision)) as Box<dyn Gpu>)
        })
    };
    let (got, begun) = run(&recipe, dir.path(), opened.iter().map(slot).collect()).unwrap();
    assert!(!begun.contains("corpus"), "what the processor computes in either case is kept");
    for label in ["pretrain small seed 1", "pretrain scratch seed 1", "align scratch seed 1"] {
        assert!(begun.contains(label), "{label} is another step on a device: {begun:?}");
    }
    let opened: Vec<usize> = opened.iter().map(|count| count.load(Ordering::Relaxed)).collect();
    let on_devices = begun.iter().filter(|label| !label.starts_with("grow")).count();
    assert!(opened.iter().all(|n| *n > 0) && opened.iter().sum::<usize>() == on_devices, "{opened:?} of {on_devices}");

    assert_ne!(got.key, expected.key);
    assert_eq!((got.arms.len(), expected.arms.len()), (2, 2));
    for (got, expected) in got.arms.iter().zip(&expected.arms) {
        for (a, b) in got.curve.iter().zip(&expected.curve) {
            let off = (a.val_loss.unwrap() - b.val_loss.unwrap()).abs();
            assert!(a.step == b.step && off < 1e-3, "{} step {}: {off}", got.arm, a.step);
        }
        assert!(got.curve.len() > 3 && got.curve.len() == expected.curve.len());
        assert_eq!(got.scores.len(), expected.scores.len());
        for (a, b) in got.scores.iter().zip(&expected.scores) {
            assert_eq!((&a.task, &a.metric, a.n), (&b.task, &b.metric, b.n));
            let off = (a.value - b.value).abs();
            assert!(off <= 1e-3 * b.value.abs(), "{} {}: {off} beside {}", a.task, a.metric, b.value);
        }
        let bits = got.scores.iter().find(|score| score.task == "code_exercises_bits").unwrap();
        assert!(bits.value > 0.0, "a score that can differ");
    }
    assert_ne!(got.arms[0].curve, expected.arms[0].curve, "candle did compute");
}

#[test]
fn a_recipe_that_only_the_processor_can_do_is_refused_before_anything_is_computed() {
    let mut recipe = recipe();
    recipe.arms[0].pretrain_optimiser = Some(phi_ablation::OptimiserChange {
        options: Some(phi_train::TrainOptions {
            dropout: serde_json::from_value(serde_json::json!({ "residual": 0.1 })).unwrap(),
            ..Default::default()
        }),
        ..Default::default()
    });
    let refused = recipe.set_compute(ComputeRecipe { device: ComputeDevice::Cuda, dtype: None }).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("arms[0].pretrain_optimiser") && text.contains("dropout"), "{text}");
    let bf16 = ComputeRecipe { device: ComputeDevice::Cpu, dtype: Some(Precision::Bf16) };
    assert!(recipe.set_compute(bf16).unwrap_err().to_string().contains("compute.dtype"));
}
