//! Training steps by the clock.

use phi_candle::{Accelerator, DeviceEngine, Precision};
use phi_model::{Checkpoint, PackedTokens, PhiConfig};
use phi_train::{StepEngine, TrainSpec, TrainTensors, Update};
use std::error::Error;
use std::time::Instant;

/// What is trained.
pub struct Workload {
    name: &'static str,
    config: PhiConfig,
    rows: usize,
    length: usize,
}

impl Workload {
    /// `reference`: 6 layers, hidden 256, 4 heads of 64, rotary dimension 32, vocabulary 4096, 16 rows of 256 tokens.
    /// `phi-1-small`: 20 layers, hidden 1024, 16 heads of 64, vocabulary 51200, 16 rows of 1024 tokens.
    pub fn named(name: &str) -> Option<Workload> {
        let shape = |vocab_size, hidden_size, num_layers, length| PhiConfig {
            vocab_size,
            hidden_size,
            intermediate_size: 4 * hidden_size,
            num_layers,
            num_heads: hidden_size / 64,
            rotary_dim: 32,
            rope_theta: 10_000.0,
            max_positions: length,
            layer_norm_eps: 1e-5,
            eos_token_id: 0,
        };
        match name {
            "reference" => {
                Some(Workload { name: "reference", config: shape(4096, 256, 6, 256), rows: 16, length: 256 })
            }
            "phi-1-small" => {
                Some(Workload { name: "phi-1-small", config: shape(51_200, 1024, 20, 1024), rows: 16, length: 1024 })
            }
            _ => None,
        }
    }
}

/// Trains some steps and prints the median step without the first two, and its share of the peak of products that is
/// measured here and now.
pub fn training(
    on: &Accelerator,
    precision: Precision,
    workload: &Workload,
    steps: usize,
) -> Result<(), Box<dyn Error>> {
    let Workload { name, config, rows, length } = workload;
    let mut data = PackedTokens::new(*length);
    for row in 0..*rows {
        let token = |i: usize| ((row * 6_151 + i * 7_919) % config.vocab_size) as u32;
        data.push(&(0..=*length).map(token).collect::<Vec<_>>(), |_| true, |_| false);
    }
    let tensors = TrainTensors::new(Checkpoint::random(config, 1).to_flat());
    let mut engine = DeviceEngine::new(on, config, &TrainSpec::default(), *length, tensors)?;
    let all: Vec<usize> = (0..*rows).collect();
    let (mut seconds, mut loss) = (Vec::new(), 0.0);
    for step in 0..steps.max(3) as u64 {
        let start = Instant::now();
        // The loss is brought to the host, so the device has done with all before it.
        loss = engine.gradient(&data, &all, step)?.loss;
        engine.update(Update { step: step + 1, learning_rate: 1e-3, gradient_scale: 1.0 })?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let mut counted = seconds.split_off(2);
    counted.sort_by(f64::total_cmp);
    let median = counted[counted.len() / 2];
    let tokens = (rows * length) as f64 / median;
    let flops = tokens * config.train_flops_per_token(*length);
    let peak = on.product_peak()?;
    let line = serde_json::json!({
        "time": name, "program": "phi-bench", "device": on.describe(), "dtype": precision.name(),
        "params": config.num_params(), "tokens_per_s": tokens.round(), "step_ms": (median * 1e4).round() / 10.0,
        "tflops": flops / 1e12, "product_peak_tflops": peak / 1e12, "mfu": flops / peak,
        "forecast_bytes": engine.memory_bytes(), "loss": loss,
    });
    println!("{line}");
    Ok(())
}
