//! Growth of a small model.

use super::{MODEL_FILES, Running, save_model};
use crate::AblationError;
use crate::folder::write_json;
use phi_growth::{Growth, block_cosine, grow};
use phi_model::{Checkpoint, PackedTokens, PhiConfig};
use phi_reports::GrowthFacts;
use phi_train::evaluate_loss;

/// What was measured when growing.
pub(crate) const GROWTH: &str = "growth.json";

const OUTPUTS: &[&str] = &[MODEL_FILES[0], MODEL_FILES[1], MODEL_FILES[2], GROWTH];

pub(super) fn run(
    r: &Running<'_>,
    config: &PhiConfig,
    growth: &Growth,
) -> Result<&'static [&'static str], AblationError> {
    let (dir, corpus) = (r.dir(), r.input(0));
    let small = Checkpoint::load(&r.input(1).join("model"))?;
    let large = grow(&small, config, growth)?;
    let validation = PackedTokens::load(&corpus.join("pretrain-validation.tokens"))?;
    let loss = |model: &Checkpoint| evaluate_loss(model.config(), &model.to_flat(), &validation, 1);
    let facts = GrowthFacts {
        method: growth.method.name().to_owned(),
        params: (small.config().num_params(), config.num_params()),
        val_loss: (loss(&small)?, loss(&large)?),
        block_cosine: block_cosine(&large, small.config()),
        block_cosine_after_training: None,
    };
    save_model(&large, &corpus, &dir)?;
    write_json(&dir.join(GROWTH), &facts)?;
    Ok(OUTPUTS)
}
