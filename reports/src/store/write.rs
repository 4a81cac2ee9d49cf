//! Saves a run in one transaction, sample by sample if need be.

use super::packed::Packer;
use crate::{ArmRun, Phase, RankFact, ReportError, Result, Run, ScorePoint};
use phi_suites::{Sample, Score};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// A run that is being saved: see [`crate::Store::begin_run`]. Dropped before [`RunWriter::commit`], it leaves the store as
/// it was.
#[derive(Debug)]
pub struct RunWriter<'store> {
    tx: Transaction<'store>,
    path: &'store Path,
    texts: Texts,
    n_arms: usize,
    open: Option<OpenArm>,
}

/// The arm that samples are added to.
#[derive(Debug)]
struct OpenArm {
    id: i64,
    n_samples: i64,
    packer: Packer,
}

impl<'store> RunWriter<'store> {
    pub(super) fn begin(db: &'store mut Connection, path: &'store Path, run: &Run) -> rusqlite::Result<Self> {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let run_id = save_head(&tx, run)?;
        Ok(Self { tx, path, texts: Texts { run_id, ids: HashMap::new() }, n_arms: 0, open: None })
    }

    /// Adds an arm with the samples that it has.
    ///
    /// # Errors
    /// As [`crate::Store::save_run`].
    pub fn arm(&mut self, arm: &ArmRun) -> Result<()> {
        self.add_arm(arm).map_err(|source| ReportError::database(self.path, "save the run", source))?;
        arm.samples.iter().try_for_each(|sample| self.sample(sample))
    }

    /// Adds a sample to the arm that was added last. Memory doesn't grow with their number, but for a few bytes a text that
    /// isn't yet in the store.
    ///
    /// # Errors
    /// As [`crate::Store::save_run`].
    ///
    /// # Panics
    /// If there is no arm yet.
    pub fn sample(&mut self, sample: &Sample) -> Result<()> {
        let arm = self.open.as_mut().expect("an arm comes before its samples");
        save_sample(&self.tx, &mut self.texts, arm, sample)
            .map_err(|source| ReportError::database(self.path, "save the run", source))
    }

    /// Keeps the run.
    ///
    /// # Errors
    /// As [`crate::Store::save_run`].
    pub fn commit(mut self) -> Result<()> {
        let path = self.path;
        let result = self.finish_arm().and_then(|()| self.tx.commit());
        result.map_err(|source| ReportError::database(path, "save the run", source))
    }

    fn add_arm(&mut self, arm: &ArmRun) -> rusqlite::Result<()> {
        self.finish_arm()?;
        let id = save_arm(&self.tx, self.texts.run_id, self.n_arms, arm)?;
        self.n_arms += 1;
        self.open = Some(OpenArm { id, n_samples: 0, packer: Packer::default() });
        Ok(())
    }

    fn finish_arm(&mut self) -> rusqlite::Result<()> {
        let Some(arm) = self.open.take() else { return Ok(()) };
        arm.packer.finish(&self.tx, arm.id)?;
        self.tx.execute("UPDATE arms SET n_samples = ?2 WHERE id = ?1", params![arm.id, arm.n_samples])?;
        Ok(())
    }
}

fn save_head(tx: &Transaction, run: &Run) -> rusqlite::Result<i64> {
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
    save_facts(tx, run_id, "environment", &run.environment)?;
    save_facts(tx, run_id, "corpus", &run.corpus)?;
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
    for (position, step) in run.steps.iter().enumerate() {
        let values = params![run_id, position as i64, step.key, step.kind, step.label, step.seconds];
        tx.prepare_cached("INSERT INTO steps VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(values)?;
    }
    Ok(run_id)
}

fn save_facts(tx: &Transaction, run_id: i64, kind: &str, facts: &[(String, String)]) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (position, (name, value)) in facts.iter().enumerate() {
        insert.execute(params![run_id, kind, position as i64, name, value])?;
    }
    Ok(())
}

/// The arm without its samples; its id.
fn save_arm(tx: &Transaction, run_id: i64, position: usize, arm: &ArmRun) -> rusqlite::Result<i64> {
    let growth = arm.growth.as_ref();
    tx.prepare_cached(
        "INSERT INTO arms VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?20, ?21, 0)",
    )?
    .execute(params![
        run_id,
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
    Ok(arm_id)
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

fn save_sample(tx: &Transaction, texts: &mut Texts, arm: &mut OpenArm, sample: &Sample) -> rusqlite::Result<()> {
    let prompt_id = texts.id(tx, &sample.prompt)?;
    let target_id = texts.id(tx, &sample.target)?;
    let (arm_id, sample_id) = (arm.id, arm.n_samples);
    arm.n_samples += 1;
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
    let metrics = sample.metrics.iter().map(|(metric, value)| (metric.as_str(), *value));
    arm.packer.add(tx, arm_id, (&sample.task, &sample.key), metrics)
}

/// Texts of one run that are already in the store, by the first half of their SHA-256.
#[derive(Debug)]
struct Texts {
    run_id: i64,
    ids: HashMap<[u8; 16], i64>,
}

impl Texts {
    fn id(&mut self, tx: &Transaction, body: &str) -> rusqlite::Result<i64> {
        let hash = *Sha256::digest(body).first_chunk::<16>().expect("a SHA-256 has 32 bytes");
        if let Some(&id) = self.ids.get(&hash) {
            return Ok(id);
        }
        tx.prepare_cached("INSERT INTO texts (run_id, body) VALUES (?1, ?2)")?.execute(params![self.run_id, body])?;
        let id = tx.last_insert_rowid();
        self.ids.insert(hash, id);
        Ok(id)
    }
}

pub(crate) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Pretrain => "pretrain",
        Phase::Align => "align",
    }
}
