//! Loads runs.

use super::packed;
use crate::{ArmRun, CurvePoint, GrowthFacts, LeftOut, Phase, RankFact, Run, ScorePoint, StatedComparison, StepRecord};
use phi_suites::{Response, Sample, Score};
use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, HashMap};

/// The run without its arms, and its id.
pub(super) fn head(db: &Connection, key: &str) -> rusqlite::Result<(i64, Run)> {
    let (id, mut run) = db.query_row(
        "SELECT id, key, name, question, recipe, command, started_unix_s, compute_s, baseline, primary_task, \
         primary_metric FROM runs WHERE key = ?1",
        [key],
        |row| {
            let run = Run {
                key: row.get(1)?,
                name: row.get(2)?,
                question: row.get(3)?,
                recipe: row.get(4)?,
                command: row.get(5)?,
                started_unix_s: natural(row, 6)?,
                compute_s: real(row, 7)?,
                environment: Vec::new(),
                corpus: Vec::new(),
                baseline: row.get(8)?,
                primary: (row.get(9)?, row.get(10)?),
                arms: Vec::new(),
                left_out: Vec::new(),
                steps: Vec::new(),
                comparisons: Vec::new(),
            };
            Ok((row.get::<_, i64>(0)?, run))
        },
    )?;
    run.environment = facts(db, id, "environment")?;
    run.corpus = facts(db, id, "corpus")?;
    run.left_out = rows(db, "SELECT task, why, how FROM left_out WHERE run_id = ?1 ORDER BY position", id, |row| {
        Ok(LeftOut { task: row.get(0)?, why: row.get(1)?, how: row.get(2)? })
    })?;
    run.comparisons = rows(
        db,
        "SELECT arm, against, task, metric, question FROM comparisons WHERE run_id = ?1 ORDER BY position",
        id,
        |row| {
            let (arm, against, task) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(StatedComparison { arm, against, task, metric: row.get(3)?, question: row.get(4)? })
        },
    )?;
    run.steps =
        rows(db, "SELECT key, kind, label, seconds FROM steps WHERE run_id = ?1 ORDER BY position", id, |row| {
            Ok(StepRecord { key: row.get(0)?, kind: row.get(1)?, label: row.get(2)?, seconds: real(row, 3)? })
        })?;
    Ok((id, run))
}

/// The arms of a run without curves, scores and samples, each with its id, in order.
pub(super) fn arms(db: &Connection, run_id: i64) -> rusqlite::Result<Vec<(i64, ArmRun)>> {
    rows(db, "SELECT * FROM arms WHERE run_id = ?1 ORDER BY position", run_id, arm)
}

/// The scores of an arm, in order.
pub(super) fn scores(db: &Connection, arm_id: i64) -> rusqlite::Result<Vec<Score>> {
    rows(db, "SELECT * FROM scores WHERE arm_id = ?1 ORDER BY position", arm_id, score)
}

/// The run with its arms, whose samples are left out.
pub(super) fn without_samples(db: &Connection, key: &str) -> rusqlite::Result<Run> {
    let (id, run) = head(db, key)?;
    let arms =
        arms(db, id)?.into_iter().map(|(id, arm)| with_curve_and_scores(db, id, arm)).collect::<Result<_, _>>()?;
    Ok(Run { arms, ..run })
}

fn with_curve_and_scores(db: &Connection, arm_id: i64, arm: ArmRun) -> rusqlite::Result<ArmRun> {
    let curve = rows(db, "SELECT * FROM curve_points WHERE arm_id = ?1 ORDER BY position", arm_id, curve_point)?;
    let score_curve = rows(db, "SELECT * FROM score_points WHERE arm_id = ?1 ORDER BY position", arm_id, score_point)?;
    let mut arm = ArmRun { curve, score_curve, scores: scores(db, arm_id)?, ..arm };
    if let Some(growth) = &mut arm.growth {
        growth.ranks = rows(db, "SELECT * FROM growth_ranks WHERE arm_id = ?1 ORDER BY position", arm_id, rank)?;
    }
    Ok(arm)
}

/// The whole run.
pub(super) fn load(db: &Connection, key: &str) -> rusqlite::Result<Run> {
    let (id, run) = head(db, key)?;
    let texts = texts(db, id)?;
    let arms = arms(db, id)?.into_iter().map(|(id, arm)| whole_arm(db, id, arm, &texts)).collect::<Result<_, _>>()?;
    Ok(Run { arms, ..run })
}

/// An arm with its curve, scores and samples.
pub(super) fn whole_arm(
    db: &Connection,
    arm_id: i64,
    arm: ArmRun,
    texts: &HashMap<i64, String>,
) -> rusqlite::Result<ArmRun> {
    let mut arm = with_curve_and_scores(db, arm_id, arm)?;
    arm.samples =
        rows(db, "SELECT * FROM samples WHERE arm_id = ?1 ORDER BY position", arm_id, |row| sample(row, texts))?;
    answers(db, arm_id, &mut arm.samples)?;
    Ok(arm)
}

/// Prompts and targets of a run, by id.
pub(super) fn texts(db: &Connection, run_id: i64) -> rusqlite::Result<HashMap<i64, String>> {
    let texts = rows(db, "SELECT id, body FROM texts WHERE run_id = ?1", run_id, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(texts.into_iter().collect())
}

fn rows<T>(
    db: &Connection,
    sql: &str,
    id: i64,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare_cached(sql)?.query_map([id], read)?.collect()
}

fn facts(db: &Connection, run_id: i64, kind: &str) -> rusqlite::Result<Vec<(String, String)>> {
    db.prepare_cached("SELECT name, value FROM facts WHERE run_id = ?1 AND kind = ?2 ORDER BY position")?
        .query_map((run_id, kind), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn arm(row: &Row<'_>) -> rusqlite::Result<(i64, ArmRun)> {
    let growth = match row.get::<_, Option<String>>("growth_method")? {
        None => None,
        Some(method) => Some(GrowthFacts {
            method,
            params: (natural(row, "growth_params_before")?, natural(row, "growth_params_after")?),
            val_loss: (real(row, "growth_val_loss_before")?, real(row, "growth_val_loss_after")?),
            block_cosine: row.get("growth_block_cosine")?,
            block_cosine_after_training: row.get("growth_block_cosine_after_training")?,
            ranks: Vec::new(),
            dead_width: row.get("growth_dead_width")?,
        }),
    };
    let arm = ArmRun {
        arm: row.get("arm")?,
        description: row.get("description")?,
        seed: natural(row, "seed")?,
        params: natural(row, "params")?,
        inherited_flops: real(row, "inherited_flops")?,
        pretrain_flops: real(row, "pretrain_flops")?,
        align_flops: real(row, "align_flops")?,
        train_s: real(row, "train_s")?,
        curve: Vec::new(),
        scores: Vec::new(),
        samples: Vec::new(),
        growth,
        is_control: row.get("is_control")?,
        peak_memory_bytes: row.get::<_, Option<i64>>("peak_memory_bytes")?.map(|bytes| bytes as u64),
        latency_ms_per_token: row.get("latency_ms_per_token")?,
        score_curve: Vec::new(),
    };
    Ok((row.get("id")?, arm))
}

fn curve_point(row: &Row<'_>) -> rusqlite::Result<CurvePoint> {
    Ok(CurvePoint {
        phase: phase(row)?,
        step: natural(row, "step")?,
        tokens: natural(row, "tokens")?,
        flops: real(row, "flops")?,
        train_loss: row.get("train_loss")?,
        val_loss: row.get("val_loss")?,
    })
}

fn phase(row: &Row<'_>) -> rusqlite::Result<Phase> {
    let name: String = row.get("phase")?;
    Ok(if name == super::write::phase_name(Phase::Pretrain) { Phase::Pretrain } else { Phase::Align })
}

fn score_point(row: &Row<'_>) -> rusqlite::Result<ScorePoint> {
    Ok(ScorePoint {
        phase: phase(row)?,
        step: natural(row, "step")?,
        tokens: natural(row, "tokens")?,
        flops: real(row, "flops")?,
        task: row.get("task")?,
        metric: row.get("metric")?,
        value: real(row, "value")?,
        interval: (real(row, "interval_low")?, real(row, "interval_high")?),
    })
}

fn rank(row: &Row<'_>) -> rusqlite::Result<RankFact> {
    Ok(RankFact {
        matrix: row.get("matrix")?,
        effective: (real(row, "effective_before")?, real(row, "effective_after")?),
        full: (natural(row, "full_before")?, natural(row, "full_after")?),
    })
}

fn score(row: &Row<'_>) -> rusqlite::Result<Score> {
    Ok(Score {
        task: row.get("task")?,
        metric: row.get("metric")?,
        value: real(row, "value")?,
        stderr: real(row, "stderr")?,
        n: count(row, "n")?,
        clusters: count(row, "clusters")?,
        interval: (real(row, "interval_low")?, real(row, "interval_high")?),
        interval_method: row.get("interval_method")?,
        higher_is_better: row.get("higher_is_better")?,
    })
}

fn sample(row: &Row<'_>, texts: &HashMap<i64, String>) -> rusqlite::Result<Sample> {
    let text = |column: &str| -> rusqlite::Result<String> {
        let id: i64 = row.get(column)?;
        texts.get(&id).cloned().ok_or_else(|| misfit(format!("{column} {id} is of no text of its run")))
    };
    Ok(Sample {
        task: row.get("task")?,
        doc_id: count(row, "doc_id")?,
        key: row.get("key")?,
        cluster: row.get("cluster")?,
        group: row.get("group_label")?,
        prompt: text("prompt_id")?,
        target: text("target_id")?,
        responses: Vec::new(),
        metrics: BTreeMap::new(),
        pairs: BTreeMap::new(),
    })
}

/// The answers of one sample, in order; for [`response`].
pub(super) const RESPONSES_OF_SAMPLE: &str = "SELECT text, log_likelihood, is_greedy, verdict, detail FROM responses \
     WHERE arm_id = ?1 AND sample = ?2 ORDER BY position";

/// An answer, by the names of its columns.
pub(super) fn response(row: &Row<'_>) -> rusqlite::Result<Response> {
    Ok(Response {
        text: row.get("text")?,
        log_likelihood: row.get("log_likelihood")?,
        is_greedy: row.get("is_greedy")?,
        verdict: row.get("verdict")?,
        detail: row.get("detail")?,
    })
}

/// Fills in an arm's answers.
fn answers(db: &Connection, arm_id: i64, samples: &mut [Sample]) -> rusqlite::Result<()> {
    let stray = |position: usize| misfit(format!("an answer belongs to sample {position}, which is not there"));
    let mut statement = db.prepare_cached(
        "SELECT sample, text, log_likelihood, is_greedy, verdict, detail FROM responses WHERE arm_id = ?1 \
         ORDER BY sample, position",
    )?;
    let mut rows = statement.query([arm_id])?;
    while let Some(row) = rows.next()? {
        let position = count(row, 0)?;
        samples.get_mut(position).ok_or_else(|| stray(position))?.responses.push(response(row)?);
    }
    metrics(db, arm_id, samples)
}

/// Fills in what an arm's samples are worth.
fn metrics(db: &Connection, arm_id: i64, samples: &mut [Sample]) -> rusqlite::Result<()> {
    let mut of_task: BTreeMap<String, Vec<&mut Sample>> = BTreeMap::new();
    for sample in samples {
        of_task.entry(sample.task.clone()).or_default().push(sample);
    }
    for ((task, metric), chunks) in packed::chunks(db, arm_id)? {
        let samples =
            of_task.get_mut(&task).ok_or_else(|| misfit(format!("values of {task}, which has no samples")))?;
        let values: Vec<Option<f64>> = chunks.into_iter().flat_map(|chunk| chunk.values).collect();
        if values.len() != samples.len() {
            return Err(misfit(format!("{} values of {metric} for {} samples of {task}", values.len(), samples.len())));
        }
        for (sample, value) in samples.iter_mut().zip(values) {
            if let Some(value) = value {
                sample.metrics.insert(metric.clone(), value);
            }
        }
    }
    Ok(())
}

pub(super) fn real(row: &Row<'_>, column: impl rusqlite::RowIndex) -> rusqlite::Result<f64> {
    Ok(row.get::<_, Option<f64>>(column)?.unwrap_or(f64::NAN))
}

/// SQLite's integers are signed: the bits are kept, so every `u64` comes back.
pub(super) fn natural(row: &Row<'_>, column: impl rusqlite::RowIndex) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)? as u64)
}

pub(super) fn count(row: &Row<'_>, column: impl rusqlite::RowIndex) -> rusqlite::Result<usize> {
    Ok(natural(row, column)? as usize)
}

fn misfit(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, e.into())
}
