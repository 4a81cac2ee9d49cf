//! What samples are worth, packed by arm, task and metric.
//!
//! A row a sample and metric took most of the store's time and space; a comparison of two arms reads two arrays instead.

use rusqlite::{Connection, Transaction, params};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Questions a chunk: bounds the memory that writing takes.
const CHUNK: usize = 65_536;

/// The bits that say that a sample has no such metric: a NaN that arithmetic doesn't give.
const ABSENT: u64 = 0x7ff8_0000_0000_abce;

/// The values of one arm that are still to be written.
#[derive(Debug, Default)]
pub(super) struct Packer {
    tasks: BTreeMap<String, Task>,
}

#[derive(Debug, Default)]
struct Task {
    chunk: i64,
    keys: Vec<String>,
    metrics: BTreeMap<String, Vec<f64>>,
}

impl Packer {
    /// Takes the next sample of a task.
    pub(super) fn add<'m>(
        &mut self,
        tx: &Transaction,
        arm_id: i64,
        (task, key): (&str, &str),
        metrics: impl IntoIterator<Item = (&'m str, f64)>,
    ) -> rusqlite::Result<()> {
        if !self.tasks.contains_key(task) {
            self.tasks.insert(task.to_owned(), Task::default());
        }
        let pending = self.tasks.get_mut(task).expect("it was put there just now");
        let position = pending.keys.len();
        pending.keys.push(key.to_owned());
        for (metric, value) in metrics {
            if !pending.metrics.contains_key(metric) {
                pending.metrics.insert(metric.to_owned(), Vec::new());
            }
            let values = pending.metrics.get_mut(metric).expect("it was put there just now");
            values.resize(position, f64::from_bits(ABSENT));
            values.push(if value.is_nan() { f64::NAN } else { value });
        }
        if pending.keys.len() == CHUNK { pending.write(tx, arm_id, task) } else { Ok(()) }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self, tx: &Transaction, arm_id: i64) -> rusqlite::Result<()> {
        self.tasks.iter_mut().filter(|(_, p)| !p.keys.is_empty()).try_for_each(|(task, p)| p.write(tx, arm_id, task))
    }
}

impl Task {
    fn write(&mut self, tx: &Transaction, arm_id: i64, task: &str) -> rusqlite::Result<()> {
        let keys = std::mem::take(&mut self.keys);
        let set = question_set(tx, &keys)?;
        let mut insert = tx.prepare_cached("INSERT INTO sample_values VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for (metric, mut values) in std::mem::take(&mut self.metrics) {
            values.resize(keys.len(), f64::from_bits(ABSENT));
            let packed: Vec<u8> = values.iter().flat_map(|v| v.to_bits().to_le_bytes()).collect();
            insert.execute(params![arm_id, task, metric, self.chunk, set, packed])?;
        }
        self.chunk += 1;
        Ok(())
    }
}

/// The id of the set of these questions, which is made if need be.
fn question_set(tx: &Transaction, keys: &[String]) -> rusqlite::Result<i64> {
    let keys = serde_json::to_string(keys).expect("strings are plain JSON");
    let hash = Sha256::digest(&keys);
    let hash = hash.as_slice();
    tx.prepare_cached("INSERT OR IGNORE INTO question_sets (hash, keys) VALUES (?1, ?2)")?
        .execute(params![hash, keys])?;
    tx.prepare_cached("SELECT id FROM question_sets WHERE hash = ?1")?.query_row([hash], |row| row.get(0))
}

/// One chunk of values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    pub(super) question_set_id: i64,
    /// SHA-256 of the questions' keys: equal sets are the same questions, in this store or in another.
    pub(super) question_hash: Vec<u8>,
    /// In the order of the keys; `None` where a sample has no such metric.
    pub(super) values: Vec<Option<f64>>,
}

/// All chunks of an arm, by task and metric.
pub(super) fn chunks(db: &Connection, arm_id: i64) -> rusqlite::Result<BTreeMap<(String, String), Vec<Chunk>>> {
    let mut statement = db.prepare_cached(
        "SELECT task, metric, question_set_id, hash, packed FROM sample_values \
         JOIN question_sets ON question_sets.id = question_set_id WHERE arm_id = ?1 ORDER BY task, metric, chunk",
    )?;
    let mut rows = statement.query([arm_id])?;
    let mut chunks: BTreeMap<(String, String), Vec<Chunk>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let chunk = Chunk {
            question_set_id: row.get(2)?,
            question_hash: row.get(3)?,
            values: unpack(row.get_ref(4)?.as_blob()?),
        };
        chunks.entry((row.get(0)?, row.get(1)?)).or_default().push(chunk);
    }
    Ok(chunks)
}

fn unpack(packed: &[u8]) -> Vec<Option<f64>> {
    let (eights, _) = packed.as_chunks::<8>();
    eights
        .iter()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .map(|bits| (bits != ABSENT).then(|| f64::from_bits(bits)))
        .collect()
}

/// The questions of a set.
pub(super) fn keys(db: &Connection, question_set_id: i64) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT keys FROM question_sets WHERE id = ?1")?.query_row([question_set_id], |row| {
        serde_json::from_str(row.get_ref(0)?.as_str()?)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
    })
}

/// Packs the rows that version 1 kept, and drops them.
pub(super) fn migrate(tx: &Transaction) -> rusqlite::Result<()> {
    let arms: Vec<i64> =
        tx.prepare("SELECT id FROM arms")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for arm_id in arms {
        let mut packer = Packer::default();
        let mut samples =
            tx.prepare_cached("SELECT position, task, key FROM samples WHERE arm_id = ?1 ORDER BY position")?;
        let mut metrics =
            tx.prepare_cached("SELECT metric, value FROM sample_metrics WHERE arm_id = ?1 AND sample = ?2")?;
        let mut rows = samples.query([arm_id])?;
        while let Some(row) = rows.next()? {
            let position: i64 = row.get(0)?;
            let values: Vec<(String, f64)> = metrics
                .query_map([arm_id, position], |row| {
                    Ok((row.get(0)?, row.get::<_, Option<f64>>(1)?.unwrap_or(f64::NAN)))
                })?
                .collect::<Result<_, _>>()?;
            let values = values.iter().map(|(metric, value)| (metric.as_str(), *value));
            packer.add(tx, arm_id, (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?), values)?;
        }
        packer.finish(tx, arm_id)?;
    }
    tx.execute_batch("DROP TABLE sample_metrics")
}
