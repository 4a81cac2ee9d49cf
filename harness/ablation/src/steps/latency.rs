//! How long a model takes to generate a token on this machine, as it is at that moment. Nothing depends on it.

use phi_model::Engine;
use phi_suites::{LanguageModel, Prompt, Sampling};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What was measured; not among the step's hashed outputs.
pub(crate) const LATENCY: &str = "latency.json";

/// Tokens of one measurement.
const TOKENS: usize = 32;

/// Measurements, of which the middle one is taken.
const REPEATS: usize = 5;

/// Milliseconds a generated token, one completion at a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub ms_per_token: f64,
}

/// Generates a few short texts; `None` if the model can't, or ends at once.
pub(super) fn measure(model: &Engine) -> Option<Latency> {
    let prompt = Prompt {
        text: "def f(x):\n    \"\"\"".into(),
        stop: Vec::new(),
        max_tokens: TOKENS.min(model.max_length() / 2),
        sampling: Sampling::Nucleus { temperature: 4.0, top_p: 1.0, seed: 1 },
    };
    let mut times: Vec<f64> = (0..REPEATS)
        .filter_map(|_| {
            let started = Instant::now();
            let completion = model.generate(std::slice::from_ref(&prompt)).ok()?.pop()?;
            let ms = started.elapsed().as_secs_f64() * 1000.0;
            (completion.num_tokens > 0).then(|| ms / completion.num_tokens as f64)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times.len() == REPEATS).then(|| Latency { ms_per_token: times[REPEATS / 2] })
}
