//! Axes: a table of values that is multiplied out into arms.

use super::Arm;
use super::flaw::{Flaw, flaw, with_suggestion};
use serde::Deserialize;
use toml::{Table, Value};

/// Arms at most; nobody means more.
const MAX_ARMS: usize = 10_000;

/// A field by its path, and the value that it is set to.
type Setting = (Vec<String>, Value);

/// One axis: each value by its name, with what it sets.
struct Axis {
    values: Vec<(String, Vec<Setting>)>,
}

/// The arms of `[matrix]`: the product of its arrays, in the order of their names, the first varying slowest. A plain value
/// holds for every arm; an array under a field's name is an axis of that field; an array of tables with a `name` sets what
/// each table holds.
pub(super) fn expand(matrix: &Table) -> Result<Vec<Arm>, Flaw> {
    let (mut axes, mut fixed) = (Vec::new(), Vec::new());
    collect(matrix, &mut Vec::new(), &mut axes, &mut fixed)?;
    let count = axes.iter().try_fold(1_usize, |n, axis: &Axis| n.checked_mul(axis.values.len()));
    if count.is_none_or(|n| n > MAX_ARMS) {
        return Err(flaw("matrix", format!("its axes make more than {MAX_ARMS} arms")));
    }
    let mut cells: Vec<(Vec<&str>, Table)> = vec![(Vec::new(), Table::new())];
    for (path, value) in &fixed {
        set(&mut cells[0].1, path, value.clone());
    }
    for axis in &axes {
        let longer = cells.iter().flat_map(|(names, table)| {
            axis.values.iter().map(move |(name, settings)| {
                let (mut names, mut table) = (names.clone(), table.clone());
                names.push(name);
                for (path, value) in settings {
                    set(&mut table, path, value.clone());
                }
                (names, table)
            })
        });
        cells = longer.collect();
    }
    let arms = cells.into_iter().map(|(names, mut table)| {
        let name = names.join("/");
        table.insert("name".into(), Value::String(name.clone()));
        let arm = Arm::deserialize(Value::Table(table));
        arm.map_err(|e| flaw("matrix", format!("arm \"{name}\": {}", with_suggestion(&e.to_string()))))
    });
    arms.collect()
}

fn collect(
    table: &Table,
    path: &mut Vec<String>,
    axes: &mut Vec<Axis>,
    fixed: &mut Vec<(Vec<String>, Value)>,
) -> Result<(), Flaw> {
    // By name, whatever order the reader keeps.
    let mut entries: Vec<(&String, &Value)> = table.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    for (key, value) in entries {
        path.push(key.clone());
        match value {
            Value::Array(items) => axes.push(axis(path, items)?),
            Value::Table(inner) => collect(inner, path, axes, fixed)?,
            plain => fixed.push((path.clone(), plain.clone())),
        }
        path.pop();
    }
    Ok(())
}

fn axis(path: &[String], items: &[Value]) -> Result<Axis, Flaw> {
    let field = format!("matrix.{}", path.join("."));
    if items.is_empty() {
        return Err(flaw(field, "an axis without values makes no arm"));
    }
    let values = items.iter().enumerate().map(|(i, item)| match item {
        Value::Table(settings) => {
            let Some(Value::String(name)) = settings.get("name") else {
                return Err(flaw(format!("{field}[{i}]"), "a value that is a table needs a name"));
            };
            let settings = settings.iter().filter(|(key, _)| *key != "name");
            Ok((name.clone(), settings.map(|(key, value)| (vec![key.clone()], value.clone())).collect()))
        }
        plain => Ok((label(path, plain), vec![(path.to_vec(), plain.clone())])),
    });
    Ok(Axis { values: values.collect::<Result<_, _>>()? })
}

/// What a value is called in an arm's name: `tiling`, `no-align`, `learning_rate=0.001`.
fn label(path: &[String], value: &Value) -> String {
    let field = path.last().map_or("", String::as_str);
    match value {
        Value::String(text) => text.clone(),
        Value::Boolean(true) => field.to_owned(),
        Value::Boolean(false) => format!("no-{field}"),
        other => format!("{field}={other}"),
    }
}

/// Sets a field of a table, making the tables on the way.
fn set(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [field] => {
            table.insert(field.clone(), value);
        }
        [field, rest @ ..] => {
            let inner = table.entry(field.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}
