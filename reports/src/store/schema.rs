//! The store's tables, and how an older store becomes one of today.

use super::packed;
use crate::{ReportError, Result};
use rusqlite::{Connection, Transaction};
use std::path::Path;

/// One version of the schema: statements, then what takes more than statements.
struct Migration {
    sql: &'static str,
    then: fn(&Transaction) -> rusqlite::Result<()>,
}

/// The position is the version. Never edit one that was released: add the next.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("v1.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("v2.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("v3.sql"), then: packed::migrate },
];

/// The newest schema that this program knows.
pub(super) const SUPPORTED: i64 = MIGRATIONS.len() as i64;

/// Marks the file as a run store (`PRAGMA application_id`; the letters `phib`).
const APPLICATION_ID: i32 = 0x7068_6962;

/// The schema's version; 0 of an empty file.
pub(super) fn version(db: &Connection, path: &Path) -> Result<i64> {
    let fail = |source| ReportError::database(path, "read the schema version", source);
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).map_err(fail)?;
    let id: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(fail)?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(ReportError::corrupt(path, "another program's SQLite database"));
    }
    let found: i64 = match tables {
        0 => 0,
        _ => db
            .query_row("SELECT coalesce(max(version), 0) FROM schema_migrations", [], |row| row.get(0))
            .map_err(|e| ReportError::corrupt(path, e))?,
    };
    if found > SUPPORTED {
        return Err(ReportError::NewerSchema { path: path.to_path_buf(), found, supported: SUPPORTED });
    }
    Ok(found)
}

/// Brings the schema up to date, one transaction a version.
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<()> {
    let found = version(db, path)?;
    for version in found + 1..=SUPPORTED {
        apply(db, version).map_err(|source| ReportError::database(path, "update its schema", source))?;
    }
    Ok(())
}

fn apply(db: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT",
    )?;
    let done: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM schema_migrations WHERE version = ?1)",
        [version],
        |row| row.get(0),
    )?;
    if !done {
        let migration = &MIGRATIONS[version as usize - 1];
        transaction.execute_batch(migration.sql)?;
        (migration.then)(&transaction)?;
        transaction
            .execute("INSERT INTO schema_migrations VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))", [version])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.commit()
}
