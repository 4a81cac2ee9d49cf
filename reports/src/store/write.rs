//! Saves a run in one transaction.

use crate::{ArmRun, Phase, RankFact, Run, ScorePoint};
use phi_suites::{Sample, Score};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::HashMap;

pub(super) fn save(db: &mut Connection, run: &Run) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute("DELETE FROM runs WHERE key = ?1", [&run.key])?;
    tx.execute(
        "INSERT INTO runs (key, name, question, recipe, command, started_unix_s, compute_s, baseline, primary_task, \
         primary_metric) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            run.key,
            run.name,
            run.question,
            run.recipe,
            run.command,
            run.started_unix_s as i64,
            run.compute_s,
            run.baseline,
            run.primary.0,
            run.primary.1
        ],
    )?;
    let run_id = tx.last_insert_rowid();
    save_facts(&tx, run_id, "environment", &run.environment)?;
    save_facts(&tx, run_id, "corpus", &run.corpus)?;
    for (position, left_out) in run.left_out.iter().enumerate() {
        tx.prepare_cached("INSERT INTO left_out VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
            run_id,
            position as i64,
            left_out.task,
            left_out.why,
            left_out.how
        ])?;
    }
    for (position, c) in run.comparisons.iter().enumerate() {
        tx.prepare_cached("INSERT INTO comparisons VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
            run_id,
            position as i64,
            c.arm,
            c.against,
            c.task,
            c.metric,
            c.question
        ])?;
    }
    let mut texts = Texts { run_id, ids: HashMap::new() };
    for (position, arm) in run.arms.iter().enumerate() {
        save_arm(&tx, &mut texts, position, arm)?;
    }
    tx.commit()
}

fn save_facts(tx: &Transaction, run_id: i64, kind: &str, facts: &[(String, String)]) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (position, (name, value)) in facts.iter().enumerate() {
        insert.execute(params![run_id, kind, position as i64, name, value])?;
    }
    Ok(())
}

fn save_arm<'run>(
    tx: &Transaction,
    texts: &mut Texts<'run>,
    position: usize,
    arm: &'run ArmRun,
) -> rusqlite::Result<()> {
    let growth = arm.growth.as_ref();
    tx.prepare_cached(
        "INSERT INTO arms VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?20, ?21)",
    )?
    .execute(params![
        texts.run_id,
        position as i64,
        arm.arm,
        arm.description,
        arm.seed as i64,
        arm.params as i64,
        arm.inherited_flops,
        arm.pretrain_flops,
        arm.align_flops,
        arm.train_s,
        arm.is_control,
        growth.map(|g| &g.method),
        growth.map(|g| g.params.0 as i64),
        growth.map(|g| g.params.1 as i64),
        growth.map(|g| g.val_loss.0),
        growth.map(|g| g.val_loss.1),
        growth.and_then(|g| g.block_cosine),
        growth.and_then(|g| g.block_cosine_after_training),
        arm.peak_memory_bytes.map(|bytes| bytes as i64),
        arm.latency_ms_per_token,
        growth.and_then(|g| g.dead_width.as_deref()),
    ])?;
    let arm_id = tx.last_insert_rowid();
    save_curve(tx, arm_id, arm)?;
    save_score_curve(tx, arm_id, &arm.score_curve)?;
    save_ranks(tx, arm_id, growth.map_or(&[], |g| &g.ranks))?;
    save_scores(tx, arm_id, &arm.scores)?;
    for (position, sample) in arm.samples.iter().enumerate() {
        save_sample(tx, texts, arm_id, position, sample)?;
    }
    Ok(())
}

fn save_curve(tx: &Transaction, arm_id: i64, arm: &ArmRun) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO curve_points VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for (position, point) in arm.curve.iter().enumerate() {
        insert.execute(params![
            arm_id,
            position as i64,
            phase_name(point.phase),
            point.step as i64,
            point.tokens as i64,
            point.flops,
            point.train_loss,
            point.val_loss
        ])?;
    }
    Ok(())
}

fn save_score_curve(tx: &Transaction, arm_id: i64, points: &[ScorePoint]) -> rusqlite::Result<()> {
    let mut insert =
        tx.prepare_cached("INSERT INTO score_points VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
    for (position, point) in points.iter().enumerate() {
        insert.execute(params![
            arm_id,
            position as i64,
            phase_name(point.phase),
            point.step as i64,
            point.tokens as i64,
            point.flops,
            point.task,
            point.metric,
            point.value,
            point.interval.0,
            point.interval.1
        ])?;
    }
    Ok(())
}

fn save_ranks(tx: &Transaction, arm_id: i64, ranks: &[RankFact]) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO growth_ranks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (position, rank) in ranks.iter().enumerate() {
        insert.execute(params![
            arm_id,
            position as i64,
            rank.matrix,
            rank.effective.0,
            rank.effective.1,
            rank.full.0 as i64,
            rank.full.1 as i64
        ])?;
    }
    Ok(())
}

fn save_scores(tx: &Transaction, arm_id: i64, scores: &[Score]) -> rusqlite::Result<()> {
    let mut insert =
        tx.prepare_cached("INSERT INTO scores VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?;
    for (position, score) in scores.iter().enumerate() {
        insert.execute(params![
            arm_id,
            position as i64,
            score.task,
            score.metric,
            score.value,
            score.stderr,
            score.n as i64,
            score.clusters as i64,
            score.interval.0,
            score.interval.1,
            score.interval_method,
            score.higher_is_better
        ])?;
    }
    Ok(())
}

fn save_sample<'run>(
    tx: &Transaction,
    texts: &mut Texts<'run>,
    arm_id: i64,
    position: usize,
    sample: &'run Sample,
) -> rusqlite::Result<()> {
    let prompt_id = texts.id(tx, &sample.prompt)?;
    let target_id = texts.id(tx, &sample.target)?;
    let sample_id = position as i64;
    tx.prepare_cached("INSERT INTO samples VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(params![
        arm_id,
        sample_id,
        sample.task,
        sample.doc_id as i64,
        sample.key,
        sample.cluster,
        sample.group,
        prompt_id,
        target_id
    ])?;
    let mut insert = tx.prepare_cached("INSERT INTO responses VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for (position, r) in sample.responses.iter().enumerate() {
        insert.execute(params![
            arm_id,
            sample_id,
            position as i64,
            r.text,
            r.log_likelihood,
            r.is_greedy,
            r.verdict,
            r.detail
        ])?;
    }
    let mut insert = tx.prepare_cached("INSERT INTO sample_metrics VALUES (?1, ?2, ?3, ?4)")?;
    for (metric, value) in &sample.metrics {
        insert.execute(params![arm_id, sample_id, metric, value])?;
    }
    Ok(())
}

/// Texts of one run that are already in the store.
struct Texts<'run> {
    run_id: i64,
    ids: HashMap<&'run str, i64>,
}

impl<'run> Texts<'run> {
    fn id(&mut self, tx: &Transaction, body: &'run str) -> rusqlite::Result<i64> {
        if let Some(&id) = self.ids.get(body) {
            return Ok(id);
        }
        tx.prepare_cached("INSERT INTO texts (run_id, body) VALUES (?1, ?2)")?.execute(params![self.run_id, body])?;
        let id = tx.last_insert_rowid();
        self.ids.insert(body, id);
        Ok(id)
    }
}

pub(super) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Pretrain => "pretrain",
        Phase::Align => "align",
    }
}
