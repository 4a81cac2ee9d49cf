//! Speed of training on the reference workload, as one line of JSON:
//! `training_speed [--threads N] [--steps N] [--hidden N] [--layers N] [--heads N] [--vocab N] [--rows N] [--seq-len N]`.
//!
//! Unless told otherwise: 6 layers, hidden 256, 4 heads of 64, rotary 32, MLP 1024, vocabulary 4096, 16 rows of 256 random
//! tokens a step, AdamW, 2 threads. Tokens a second are of the median step without the first two; FLOPs by
//! `PhiConfig::train_flops_per_token`; the peak is that of a large f32 product on the same threads; the shares are of the
//! threads' time. `tests/peers/torch_training_speed.py` runs it beside PyTorch.
#![allow(clippy::print_stdout)]

use phi_model::{Checkpoint, PackedTokens, PhiConfig, product_peak};
use phi_train::{CpuEngine, StepEngine, TrainSpec, TrainTensors, Update};
use rand::{RngExt, SeedableRng};
use std::error::Error;
use std::time::{Duration, Instant};

struct Settings {
    threads: usize,
    steps: usize,
    hidden: usize,
    layers: usize,
    heads: usize,
    vocab: usize,
    rows: usize,
    seq_len: usize,
}

fn settings() -> Result<Settings, Box<dyn Error>> {
    let mut s =
        Settings { threads: 2, steps: 12, hidden: 256, layers: 6, heads: 4, vocab: 4096, rows: 16, seq_len: 256 };
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let field = match flag.as_str() {
            "--threads" => &mut s.threads,
            "--steps" => &mut s.steps,
            "--hidden" => &mut s.hidden,
            "--layers" => &mut s.layers,
            "--heads" => &mut s.heads,
            "--vocab" => &mut s.vocab,
            "--rows" => &mut s.rows,
            "--seq-len" => &mut s.seq_len,
            other => return Err(format!("there is no flag {other}").into()),
        };
        *field = arguments.next().ok_or_else(|| format!("{flag} needs a number"))?.parse()?;
    }
    Ok(s)
}

fn main() -> Result<(), Box<dyn Error>> {
    let s = settings()?;
    let config = PhiConfig {
        vocab_size: s.vocab,
        hidden_size: s.hidden,
        intermediate_size: 4 * s.hidden,
        num_layers: s.layers,
        num_heads: s.heads,
        rotary_dim: s.hidden / s.heads / 2,
        rope_theta: 10_000.0,
        max_positions: s.seq_len,
        layer_norm_eps: 1e-5,
        eos_token_id: 0,
    };
    config.validate()?;
    let spec = TrainSpec { threads: s.threads, batch_rows: s.rows, ..TrainSpec::default() };
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut data = PackedTokens::new(s.seq_len);
    for _ in 0..s.rows {
        let row: Vec<u32> = (0..=s.seq_len).map(|_| rng.random_range(0..s.vocab as u32)).collect();
        data.push(&row, |_| true, |_| false);
    }
    let rows: Vec<usize> = (0..s.rows).collect();
    let peak = product_peak(s.threads, Duration::from_millis(500));
    let mut engine = CpuEngine::new(&config, &spec, TrainTensors::new(Checkpoint::random(&config, 1).to_flat()));
    let (mut seconds, mut loss) = (Vec::new(), 0.0);
    for step in 0..s.steps as u64 {
        let begun = Instant::now();
        let gradient = engine.gradient(&data, &rows, step)?;
        loss = gradient.loss;
        engine.update(Update { step: step + 1, learning_rate: 1e-3, gradient_scale: 1.0 })?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    let mut timed = seconds[2.min(seconds.len() - 1)..].to_vec();
    timed.sort_by(f64::total_cmp);
    let median = timed[timed.len() / 2];
    let tokens = (s.rows * s.seq_len) as f64;
    let flops = config.train_flops_per_token(s.seq_len) * tokens / median;
    let all: f64 = seconds.iter().sum::<f64>() * s.threads as f64;
    let shares: serde_json::Map<_, _> = engine
        .times()
        .into_iter()
        .map(|(name, spent)| {
            let threads = if matches!(name, "gradient_sum" | "adamw") { s.threads as f64 } else { 1.0 };
            (name.to_owned(), round(100.0 * spent.as_secs_f64() * threads / all, 2).into())
        })
        .collect();
    println!(
        "{}",
        serde_json::json!({
            "framework": "phi-bench", "dtype": "float32", "threads": s.threads, "params": config.num_params(),
            "tokens_per_s": round(tokens / median, 1), "step_ms": round(1e3 * median, 1), "loss": round(loss, 4),
            "gflops": round(flops / 1e9, 1), "product_peak_gflops": round(peak / 1e9, 1),
            "share_of_peak": round(flops / peak, 3), "engine_mib": engine.memory_bytes() >> 20,
            "peak_rss_mib": phi_train::peak_memory_bytes().map(|bytes| bytes >> 20), "percent_of_time": shares,
        })
    );
    Ok(())
}

fn round(x: f64, digits: i32) -> f64 {
    let by = 10f64.powi(digits);
    (x * by).round() / by
}
