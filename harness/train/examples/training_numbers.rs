//! Logits, gradients and a loss curve, for another implementation to be held against (`tests/peers/torch_training.py`):
//! `training_numbers MODEL ROWS.json OUT`.
//!
//! `ROWS.json` holds rows of token ids of one length. Into the folder `OUT` go `numbers.safetensors` (`logits` of the first row;
//! the gradient of the mean loss over the first batch as `grad.NAME`), `curve.json` (the settings, and rows, loss and
//! learning-rate factor of each step), and `model/`, the trained model.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use phi_model::{Batch, Checkpoint, Decoder, PackedTokens, Workspace};
use phi_train::{
    Control, CpuEngine, Progress, Schedule, StepEngine, TrainError, TrainPoint, TrainProgress, TrainSpec, TrainTensors,
    rows_of_step, train,
};
use safetensors::tensor::{Dtype, TensorView};

fn spec() -> TrainSpec {
    TrainSpec {
        steps: 50,
        batch_rows: 4,
        learning_rate: 1e-3,
        warmup_steps: 5,
        schedule: Schedule::Cosine,
        final_lr_fraction: 0.1,
        seed: 3,
        eval_every: 50,
        ..TrainSpec::default()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, rows, out] = arguments.as_slice() else {
        return Err("usage: training_numbers MODEL ROWS.json OUT".into());
    };
    let checkpoint = Checkpoint::load(Path::new(model))?;
    let rows: Vec<Vec<u32>> = serde_json::from_slice(&std::fs::read(rows)?)?;
    let length = rows.first().ok_or("no rows")?.len();
    let mut data = PackedTokens::new(length - 1);
    rows.iter().for_each(|row| data.push(row, |_| true, |_| false));
    let out = Path::new(out);
    std::fs::create_dir_all(out)?;
    first_batch(&checkpoint, &data, out)?;
    curve(&checkpoint, &data, out)
}

fn first_batch(checkpoint: &Checkpoint, data: &PackedTokens, out: &Path) -> Result<(), Box<dyn Error>> {
    let (config, params) = (checkpoint.config(), checkpoint.to_flat());
    let decoder = Decoder::new(config);
    let mut workspace = Workspace::new();
    let length = data.seq_len();
    let whole = 0..length;
    let logits = decoder.logits(&params, data.inputs(0), std::slice::from_ref(&whole), &mut workspace).to_vec();

    let rows = rows_of_step(&spec(), data.num_rows(), 0);
    let tokens: Vec<u32> = rows.iter().flat_map(|&row| data.inputs(row).to_vec()).collect();
    let targets: Vec<u32> = rows.iter().flat_map(|&row| data.targets(row).to_vec()).collect();
    let segments: Vec<_> = (0..rows.len()).map(|row| row * length..(row + 1) * length).collect();
    let weights = vec![1.0; tokens.len()];
    let batch = Batch { tokens: &tokens, targets: &targets, weights: &weights, segments: &segments };
    let mut gradients = vec![0.0; params.len()];
    decoder.loss_and_gradients(&params, &batch, 1.0 / tokens.len() as f32, &mut gradients, &mut workspace);

    let mut tensors = BTreeMap::from([("logits".to_owned(), (vec![length, config.vocab_size], bytes(&logits)))]);
    for spec in decoder.layout().specs() {
        tensors.insert(format!("grad.{}", spec.name), (spec.shape.clone(), bytes(&gradients[spec.range.clone()])));
    }
    let views = tensors
        .iter()
        .map(|(name, (shape, bytes))| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    Ok(safetensors::serialize_to_file(views, None, &out.join("numbers.safetensors"))?)
}

fn curve(checkpoint: &Checkpoint, data: &PackedTokens, out: &Path) -> Result<(), Box<dyn Error>> {
    let spec = spec();
    let mut engine = CpuEngine::new(checkpoint.config(), &spec, TrainTensors::new(checkpoint.to_flat()));
    let mut losses = Vec::new();
    let validation = data.head(1);
    let mut after_step = |progress: &Progress, _: &[TrainPoint], _: &mut dyn StepEngine| {
        losses.push(progress.loss);
        Ok::<_, TrainError>(Control::Continue)
    };
    let mut progress = TrainProgress::default();
    train(&spec, &mut engine, &mut progress, data, &validation, &out.join("state"), &mut after_step)?;
    let steps: Vec<_> = (0..spec.steps)
        .zip(losses)
        .map(|(step, loss)| {
            let factor = spec.schedule.factor(step, spec.steps, spec.warmup_steps, spec.final_lr_fraction);
            serde_json::json!({"rows": rows_of_step(&spec, data.num_rows(), step), "loss": loss, "factor": factor})
        })
        .collect();
    let curve = serde_json::json!({"spec": spec, "steps": steps});
    std::fs::write(out.join("curve.json"), serde_json::to_vec_pretty(&curve)?)?;
    Checkpoint::from_flat(checkpoint.config(), engine.weights()?).save(&out.join("model"))?;
    Ok(())
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
