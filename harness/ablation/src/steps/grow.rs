//! Growth of a small model.

use super::{MODEL_FILES, Running, names, save_model};
use crate::AblationError;
use crate::folder::write_json;
use phi_growth::{Growth, GrowthReport, MatrixRank, grow};
use phi_model::{Checkpoint, PackedTokens, PhiConfig};
use phi_reports::{GrowthFacts, RankFact};
use phi_train::evaluate_loss;
use serde::Serialize;

/// What was measured when growing: [`Measured`], of which the report of the ablation reads the [`GrowthFacts`].
pub(crate) const GROWTH: &str = "growth.json";

#[derive(Serialize)]
struct Measured {
    #[serde(flatten)]
    facts: GrowthFacts,
    measured: GrowthReport,
}

pub(super) fn run(r: &Running<'_>, config: &PhiConfig, growth: &Growth) -> Result<Vec<String>, AblationError> {
    let (dir, corpus) = (r.dir(), r.input(0));
    let small = Checkpoint::load(&r.input(1).join("model"))?;
    let large = grow(&small, config, growth)?;
    let validation = PackedTokens::load(&corpus.join("pretrain-validation.tokens"))?;
    let loss = |model: &Checkpoint| evaluate_loss(model.config(), &model.to_flat(), &validation, 1);
    let measured = GrowthReport::new(&small, &large, growth)?;
    let facts = GrowthFacts {
        method: growth.method.name().to_owned(),
        params: (measured.params.before, measured.params.after),
        val_loss: (loss(&small)?, loss(&large)?),
        block_cosine: measured.block_cosine,
        block_cosine_after_training: None,
        ranks: measured.ranks.iter().map(rank).collect(),
        dead_width: measured.dead_width(),
    };
    save_model(&large, &corpus, &dir.join("model"))?;
    write_json(&dir.join(GROWTH), &Measured { facts, measured })?;
    Ok([names(&MODEL_FILES), names(&[GROWTH])].concat())
}

fn rank(measured: &MatrixRank) -> RankFact {
    let (effective, full) = (measured.effective_rank, measured.full_rank);
    RankFact {
        matrix: measured.matrix.clone(),
        effective: (effective.before, effective.after),
        full: (full.before as u64, full.after as u64),
    }
}
