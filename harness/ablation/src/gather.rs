//! From the steps' outputs to the run that is stored and reported.

use crate::folder::{OutputFolder, StepState, read_json};
use crate::plan::Cell;
use crate::step::{Step, StepSpec};
use crate::steps::{CORPUS_STATS, EVALUATION, GROWTH, TRAINING, TrainingRecord};
use crate::{AblationError, Plan, Recipe};
use phi_corpus::CorpusStats;
use phi_reports::{ArmRun, CurvePoint, GrowthFacts, Phase, Run, StepRecord};
use phi_suites::Evaluation;
use std::time::UNIX_EPOCH;

/// Reads what the steps left and puts the run together. Every step must be done.
///
/// # Errors
/// An output is missing or damaged.
pub fn gather(
    recipe: &Recipe,
    plan: &Plan,
    folder: &OutputFolder,
    command: &str,
    environment: Vec<(String, String)>,
) -> Result<Run, AblationError> {
    let compute_s = plan.steps.iter().map(|s| seconds(folder, s)).sum();
    let corpus = corpus_facts(folder, &plan.steps[plan.corpus])?;
    let arms: Result<Vec<ArmRun>, AblationError> =
        plan.cells.iter().map(|cell| arm_run(recipe, plan, folder, cell)).collect();
    Ok(Run {
        key: run_key(recipe, plan),
        name: recipe.name.clone(),
        question: recipe.question.clone(),
        recipe: recipe.to_toml(),
        command: command.to_owned(),
        started_unix_s: started(folder),
        compute_s,
        environment,
        corpus,
        baseline: recipe.baseline.clone(),
        primary: (recipe.primary.task.clone(), recipe.primary.metric.clone()),
        arms: arms?,
        left_out: plan.left_out.clone(),
        steps: plan.steps.iter().map(|step| record(folder, step)).collect(),
        comparisons: Vec::new(),
    })
}

/// A run's identity: the recipe and all steps.
fn run_key(recipe: &Recipe, plan: &Plan) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    hasher.update(recipe.to_toml());
    for step in &plan.steps {
        hasher.update(&step.key);
    }
    crate::step::hex(&hasher.finalize())[..32].to_owned()
}

fn record(folder: &OutputFolder, step: &Step) -> StepRecord {
    let kind = step.spec.kind().to_owned();
    StepRecord { key: step.key.clone(), kind, label: step.label.clone(), seconds: seconds(folder, step) }
}

fn seconds(folder: &OutputFolder, step: &Step) -> f64 {
    let record = read_json::<TrainingRecord>(&folder.step_dir(step).join(TRAINING));
    match (folder.state(step), record) {
        // A training that was cut off and resumed knows its own time.
        (_, Ok(record)) => record.seconds,
        (StepState::Done(done), _) => done.seconds,
        _ => 0.0,
    }
}

/// When the folder was made.
fn started(folder: &OutputFolder) -> u64 {
    let made = std::fs::metadata(folder.path().join("recipe.toml")).and_then(|m| m.modified());
    made.ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_secs())
}

fn corpus_facts(folder: &OutputFolder, step: &Step) -> Result<Vec<(String, String)>, AblationError> {
    let stats: CorpusStats = read_json(&folder.step_dir(step).join(CORPUS_STATS))?;
    let mut facts = Vec::new();
    for (kind, s) in &stats.by_kind {
        let name = format!("{kind:?}").to_lowercase();
        facts.push((name, format!("{} documents, {} tokens, {} bytes", s.documents, s.tokens, s.bytes)));
    }
    facts.push(("concepts".into(), stats.exercises_by_concept.len().to_string()));
    facts.push((
        "exercises thrown away".into(),
        format!("{} (solution fails), {} (tests too weak)", stats.rejected_solution, stats.rejected_weak_tests),
    ));
    facts.push(("exercises longer than a row".into(), stats.too_long.to_string()));
    let s = stats.skipped;
    facts.push((
        "files passed over".into(),
        format!("{} not UTF-8, {} too large, {} empty", s.not_utf8, s.too_large, s.empty),
    ));
    Ok(facts)
}

fn arm_run(recipe: &Recipe, plan: &Plan, folder: &OutputFolder, cell: &Cell) -> Result<ArmRun, AblationError> {
    let arm = &recipe.arms[cell.arm];
    let dir = |step: usize| folder.step_dir(&plan.steps[step]);
    let training = |step: usize| read_json::<TrainingRecord>(&dir(step).join(TRAINING));
    let inherited_flops = match cell.small {
        Some(small) => flops(&training(small)?),
        None => 0.0,
    };
    let pretrain = training(cell.pretrain)?;
    let align = cell.align.map(training).transpose()?;
    let mut curve = points(&pretrain, Phase::Pretrain, inherited_flops);
    if let Some(align) = &align {
        curve.extend(points(align, Phase::Align, inherited_flops + flops(&pretrain)));
    }
    let growth = match cell.grow {
        Some(step) => {
            let mut facts: GrowthFacts = read_json(&dir(step).join(GROWTH))?;
            facts.block_cosine_after_training = pretrain.block_cosine;
            Some(facts)
        }
        None => None,
    };
    let (mut scores, mut samples) = (Vec::new(), Vec::new());
    for &step in &cell.evaluate {
        debug_assert!(matches!(plan.steps[step].spec, StepSpec::Evaluate { .. }));
        let evaluation: Evaluation = read_json(&dir(step).join(EVALUATION))?;
        scores.extend(evaluation.scores);
        samples.extend(evaluation.samples);
    }
    let mut description = arm.init.description().to_owned();
    if !arm.align {
        description.push_str("; not trained on exercises");
    }
    Ok(ArmRun {
        arm: arm.name.clone(),
        description,
        seed: cell.seed,
        params: pretrain.params,
        inherited_flops,
        pretrain_flops: flops(&pretrain),
        align_flops: align.as_ref().map_or(0.0, flops),
        train_s: pretrain.seconds + align.as_ref().map_or(0.0, |a| a.seconds),
        curve,
        scores,
        samples,
        growth,
        is_control: arm.control,
        peak_memory_bytes: None,
        latency_ms_per_token: None,
        score_curve: Vec::new(),
    })
}

fn flops(record: &TrainingRecord) -> f64 {
    record.flops_per_token * (record.tokens_per_step * record.steps) as f64
}

fn points(record: &TrainingRecord, phase: Phase, before: f64) -> Vec<CurvePoint> {
    record
        .curve
        .iter()
        .map(|p| {
            let tokens = p.step * record.tokens_per_step;
            CurvePoint {
                phase,
                step: p.step,
                tokens,
                flops: before + record.flops_per_token * tokens as f64,
                train_loss: p.train_loss,
                val_loss: Some(p.val_loss),
            }
        })
        .collect()
}
