//! The files that a user's task names: `dataset_path: json`, `csv` or `parquet` with `dataset_kwargs.data_files`.

use super::records::Records;
use super::{Source, open_error, record_error};
use crate::{LeftOut, SuiteError, Task};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The files of a split, where the task names files of its own.
///
/// # Errors
/// [`SuiteError::TaskFile`] names the key that can't be taken, [`SuiteError::LeftOut`] the file that isn't there.
pub(super) fn source(task: &Task, split: &str) -> Result<Option<Source>, SuiteError> {
    let config = task.config();
    let (Some("json" | "csv" | "parquet"), Some(kwargs)) = (config.dataset_path.as_deref(), &config.dataset_kwargs)
    else {
        return Ok(None);
    };
    let refuse = |key: &str, reason: String| task.refuse(&["dataset_kwargs", key], &reason);
    if let Some(key) =
        kwargs.keys().find(|key| !matches!(key.as_str(), "data_files" | "data_dir" | "trust_remote_code"))
    {
        return Err(refuse(key, "isn't supported; only data_files and data_dir are".to_owned()));
    }
    let files = kwargs.get("data_files").ok_or_else(|| refuse("data_files", "is missing".to_owned()))?;
    // Without splits all files are the split `train`, as in the library `datasets`.
    let of_split = match files {
        Value::Object(splits) => splits.get(split),
        all => (split == "train").then_some(all),
    };
    let Some(of_split) = of_split else {
        return Err(refuse("data_files", format!("has no split {split:?}, which the task asks for")));
    };
    let names: Vec<String> = match of_split {
        Value::String(one) => vec![one.clone()],
        several => serde_json::from_value(several.clone()).map_err(|_| {
            refuse("data_files", "must be a file name, a list of them, or splits with either".to_owned())
        })?,
    };
    let below = kwargs.get("data_dir").and_then(Value::as_str).unwrap_or("");
    let paths = names.iter().map(|name| locate(task, &Path::new(below).join(name))).collect::<Result<_, _>>()?;
    Ok(Some(Source::User { paths }))
}

/// A file by its path, or else beside the task file.
fn locate(task: &Task, path: &Path) -> Result<PathBuf, SuiteError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let beside = task.folder().map(|folder| folder.join(path)).filter(|beside| beside.is_file());
    beside.ok_or_else(|| {
        SuiteError::LeftOut(LeftOut {
            task: task.name().to_owned(),
            reason: format!("there is no file {}, neither here nor beside the task file", path.display()),
            remedy: "mend dataset_kwargs.data_files".to_owned(),
        })
    })
}

/// All records as they stand in the files. Every record has every column, as in the library `datasets`: what isn't there is
/// null. Numbers of CSV files are numbers where every cell of the column is one.
pub(super) fn read(task: &Task, paths: &[PathBuf]) -> Result<Vec<Value>, SuiteError> {
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    let mut is_csv = false;
    for path in paths {
        let records = Records::open(path).map_err(|error| open_error(task, path, error))?;
        is_csv |= matches!(records, Records::Csv(_));
        for record in records {
            rows.push(record.map_err(|error| record_error(error, path))?.fields);
        }
    }
    let mut columns: Vec<String> = Vec::new();
    for row in &rows {
        if row.keys().any(|key| !columns.contains(key)) {
            columns.extend(row.keys().filter(|key| !columns.contains(key)).cloned().collect::<Vec<_>>());
        }
    }
    if is_csv {
        columns.iter().for_each(|column| infer(&mut rows, column));
    }
    let complete = |mut row: Map<String, Value>| {
        let value = |column: &String| (column.clone(), row.shift_remove(column).unwrap_or_default());
        Value::Object(columns.iter().map(value).collect())
    };
    Ok(rows.into_iter().map(complete).collect())
}

/// A column of texts as whole numbers, numbers or booleans, where every cell is one; empty cells are null.
fn infer(rows: &mut [Map<String, Value>], column: &str) {
    let cells = || rows.iter().filter_map(|row| row.get(column)?.as_str()).filter(|cell| !cell.is_empty());
    let kinds: [fn(&str) -> Option<Value>; 3] = [
        |cell| cell.trim().parse::<i64>().ok().map(Value::from),
        |cell| cell.trim().parse::<f64>().ok().filter(|x| x.is_finite()).map(Value::from),
        |cell| match cell {
            "True" | "true" | "TRUE" => Some(true.into()),
            "False" | "false" | "FALSE" => Some(false.into()),
            _ => None,
        },
    ];
    let kind = kinds.into_iter().find(|kind| cells().next().is_some() && cells().all(|cell| kind(cell).is_some()));
    for row in rows {
        if let Some(cell) = row.get_mut(column) {
            let text = cell.as_str().unwrap_or_default();
            let value = if text.is_empty() { Some(Value::Null) } else { kind.and_then(|kind| kind(text)) };
            if let Some(value) = value {
                *cell = value;
            }
        }
    }
}
