//! Random initial weights.

use crate::{Checkpoint, ParamKind, ParamLayout, PhiConfig};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Standard deviation of the initial matrices and embeddings of a model of this width: Phi's 0.02 from width 1024 on,
/// and for narrower models as much more as keeps the size of their products (it grows with the root of the width). With
/// 0.02 at width 128, attention stays flat for hundreds of steps.
pub fn init_std(hidden_size: usize) -> f32 {
    0.02 * (1024.0 / hidden_size as f32).sqrt().max(1.0)
}

/// Fills `out` with normal deviates of the given standard deviation (Box and Muller).
pub fn fill_normal(out: &mut [f32], std: f32, rng: &mut ChaCha8Rng) {
    let unit = |rng: &mut ChaCha8Rng| (f64::from(rng.next_u32()) + 0.5) / 4_294_967_296.0;
    for pair in out.chunks_mut(2) {
        let radius = (-2.0 * unit(rng).ln()).sqrt() * f64::from(std);
        let angle = std::f64::consts::TAU * unit(rng);
        pair[0] = (radius * angle.cos()) as f32;
        if let Some(second) = pair.get_mut(1) {
            *second = (radius * angle.sin()) as f32;
        }
    }
}

impl Checkpoint {
    /// A model with random weights: matrices and embeddings normal with [`init_std`], biases 0, LayerNorm the identity.
    pub fn random(config: &PhiConfig, seed: u64) -> Checkpoint {
        let layout = ParamLayout::new(config);
        let mut flat = vec![0.0; layout.len()];
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let std = init_std(config.hidden_size);
        for spec in layout.specs() {
            let part = &mut flat[spec.range.clone()];
            match spec.kind {
                ParamKind::Embedding | ParamKind::Matrix | ParamKind::HeadWeight => fill_normal(part, std, &mut rng),
                ParamKind::NormWeight => part.fill(1.0),
                ParamKind::NormBias | ParamKind::Bias | ParamKind::HeadBias => {}
            }
        }
        Checkpoint::from_flat(config, &flat)
    }
}
