//! Writes a model of random weights, a tensor at a time: something to measure growth, evaluation and disks with.
//!
//!     cargo run --release -p phi-growth --example random_checkpoint -- phi-1.5 out/
//!     cargo run --release -p phi-growth --example random_checkpoint -- config.json out/ bf16

use phi_growth::ModelFolder;
use phi_model::{FloatFormat, Preset};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (model, out, format) = match arguments.as_slice() {
        [model, out] => (model, out, FloatFormat::F32),
        [model, out, format] if format == "bf16" => (model, out, FloatFormat::Bf16),
        [model, out, format] if format == "f16" => (model, out, FloatFormat::F16),
        _ => return Err("usage: random_checkpoint PRESET|CONFIG.json DIR [bf16|f16]".into()),
    };
    let config = match Preset::named(model) {
        Some(preset) => preset.config(2048, 0)?.to_hugging_face(),
        None => serde_json::from_slice(&std::fs::read(model)?)?,
    };
    ModelFolder::random(&config, format, 0, Path::new(out))?;
    Ok(())
}
