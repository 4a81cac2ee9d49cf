//! From the steps' outputs to the run that is stored and reported.

use crate::executor::Outcome;
use crate::folder::OutputFolder;
use crate::plan::Cell;
use crate::recipe::Recipe;
use crate::split::Split;
use crate::step::{Step, StepSpec, hex};
use crate::steps::{CORPUS_STATS, EVALUATION, GROWTH, LATENCY, Latency, TRAINING, TrainingRecord};
use crate::{AblationError, Plan};
use phi_corpus::CorpusStats;
use phi_reports::{ArmRun, CurvePoint, GrowthFacts, LeftOut, Phase, Run, ScorePoint, StatedComparison, StepRecord};
use phi_suites::Evaluation;
use sha2::{Digest, Sha256};

/// Reads what the steps left and puts the run together, of the arms and seeds whose steps are all done; the others are
/// named among what was left out.
///
/// # Errors
/// An output is missing or damaged.
pub fn gather(
    recipe: &Recipe,
    plan: &Plan,
    folder: &OutputFolder,
    outcome: &Outcome,
    command: &str,
    environment: Vec<(String, String)>,
) -> Result<Run, AblationError> {
    let done = |i: &usize| outcome.done[*i];
    let compute_s = (0..plan.steps.len()).filter(done).map(|i| seconds(folder, &plan.steps[i])).sum();
    let mut corpus = corpus_facts(folder, &plan.steps[plan.corpus])?;
    let split = Split::of(recipe, plan, folder, outcome)?;
    corpus.extend(split.iter().flat_map(Split::facts));
    let (whole, broken): (Vec<&Cell>, Vec<&Cell>) = plan.cells.iter().partition(|cell| cell.steps().all(|i| done(&i)));
    let arms: Result<Vec<ArmRun>, AblationError> =
        whole.into_iter().map(|cell| arm_run(recipe, plan, folder, cell, split.as_ref())).collect();
    let mut left_out = plan.left_out.clone();
    left_out.extend(broken.into_iter().map(|cell| missing(recipe, plan, outcome, cell)));
    Ok(Run {
        key: run_key(recipe, plan, outcome),
        name: recipe.name.clone(),
        question: recipe.question.clone(),
        recipe: recipe.to_toml(),
        command: command.to_owned(),
        started_unix_s: folder.made_unix_s(),
        compute_s,
        environment,
        corpus,
        baseline: recipe.baseline.clone(),
        primary: (recipe.primary.task.clone(), recipe.primary.metric.clone()),
        arms: arms?,
        left_out,
        comparisons: stated(recipe),
        steps: plan
            .steps
            .iter()
            .zip(&outcome.done)
            .filter(|(_, done)| **done)
            .map(|(step, _)| record(folder, step))
            .collect(),
    })
}

/// A run's identity: the part of the recipe that results depend on, and all steps that were done.
pub fn run_key(recipe: &Recipe, plan: &Plan, outcome: &Outcome) -> String {
    let mut hasher = Sha256::new();
    hasher.update(recipe.of_results());
    for (step, done) in plan.steps.iter().zip(&outcome.done) {
        hasher.update(if *done { step.key.as_str() } else { "missing" });
    }
    hex(&hasher.finalize())[..32].to_owned()
}

fn stated(recipe: &Recipe) -> Vec<StatedComparison> {
    let comparisons = recipe.comparisons.iter().map(|c| StatedComparison {
        arm: c.arm.clone(),
        against: c.against.clone(),
        task: c.task.clone().unwrap_or_else(|| recipe.primary.task.clone()),
        metric: c.metric.clone().unwrap_or_else(|| recipe.primary.metric.clone()),
        question: c.question.clone(),
    });
    comparisons.collect()
}

/// An arm at a seed that has no result.
fn missing(recipe: &Recipe, plan: &Plan, outcome: &Outcome, cell: &Cell) -> LeftOut {
    let needed: Vec<usize> = cell.steps().chain([plan.corpus]).collect();
    let failure = outcome.failures.iter().find(|(index, _)| needed.contains(index));
    LeftOut {
        task: format!("{} at seed {}", recipe.arms[cell.arm].name, cell.seed),
        why: failure.map_or_else(
            || "a step that it needs is not done".to_owned(),
            |(index, error)| format!("{} failed: {error}", plan.steps[*index].label),
        ),
        how: "run the same command again, or mend the arm and add --update".to_owned(),
    }
}

fn record(folder: &OutputFolder, step: &Step) -> StepRecord {
    let kind = step.spec.kind().to_owned();
    StepRecord { key: step.key.clone(), kind, label: step.label.clone(), seconds: seconds(folder, step) }
}

fn seconds(folder: &OutputFolder, step: &Step) -> f64 {
    match step.spec {
        // A training that was cut off and resumed knows its own time.
        StepSpec::Pretrain { .. } | StepSpec::Align { .. } => {
            folder.read_output::<TrainingRecord>(step, TRAINING).ok().map(|record| record.seconds)
        }
        _ => folder.seconds(step),
    }
    .unwrap_or(0.0)
}

fn corpus_facts(folder: &OutputFolder, step: &Step) -> Result<Vec<(String, String)>, AblationError> {
    let stats: CorpusStats = folder.read_output(step, CORPUS_STATS)?;
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

fn arm_run(
    recipe: &Recipe,
    plan: &Plan,
    folder: &OutputFolder,
    cell: &Cell,
    split: Option<&Split>,
) -> Result<ArmRun, AblationError> {
    let arm = &recipe.arms[cell.arm];
    let training = |step: usize| folder.read_output::<TrainingRecord>(&plan.steps[step], TRAINING);
    let evaluation = |step: usize| folder.read_output::<Evaluation>(&plan.steps[step], EVALUATION);
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
            let mut facts: GrowthFacts = folder.read_output(&plan.steps[step], GROWTH)?;
            facts.block_cosine_after_training = pretrain.block_cosine;
            Some(facts)
        }
        None => None,
    };
    let (mut scores, mut samples) = (Vec::new(), Vec::new());
    let mut latency = None;
    for &step in &cell.evaluate {
        let evaluation = evaluation(step)?;
        scores.extend(evaluation.scores);
        samples.extend(evaluation.samples);
        latency = latency.or_else(|| latency_of(folder, &plan.steps[step]));
    }
    if let Some(split) = split {
        split.add(&mut samples, &mut scores);
    }
    let mut score_curve = Vec::new();
    for point in &cell.in_training {
        let (tokens_before, flops_before, record) = match (point.phase, &align) {
            (Phase::Align, Some(align)) => {
                let pretrained = pretrain.tokens_per_step * pretrain.steps;
                (pretrained, inherited_flops + flops(&pretrain), align)
            }
            _ => (0, inherited_flops, &pretrain),
        };
        score_curve.extend(evaluation(point.evaluate)?.scores.into_iter().map(|score| ScorePoint {
            phase: point.phase,
            step: point.after,
            tokens: tokens_before + point.tokens,
            flops: flops_before + record.flops_per_token * point.tokens as f64,
            task: score.task,
            metric: score.metric,
            value: score.value,
            interval: score.interval,
        }));
    }
    let mut description = arm.init.description().to_owned();
    if !arm.align {
        description.push_str("; not trained on exercises");
    }
    if let Some(tau) = arm.prune {
        description.push_str(&format!("; exercises like a question, from a match rate of {tau} on, left out"));
    }
    if let Some(data) = &arm.data {
        description.push_str(&format!("; pretrained on {data}"));
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
        peak_memory_bytes: Some(align.as_ref().map_or(0, |a| a.memory_bytes).max(pretrain.memory_bytes)),
        latency_ms_per_token: latency,
        score_curve,
    })
}

/// Milliseconds a generated token, where the step could measure it.
fn latency_of(folder: &OutputFolder, step: &Step) -> Option<f64> {
    let bytes = std::fs::read(folder.step_dir(step).join(LATENCY)).ok()?;
    serde_json::from_slice::<Latency>(&bytes).ok().map(|latency| latency.ms_per_token)
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
