//! Matrices: sum up each row or column, then sum up the results.

use super::finish::{Layout, Meaning};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::{fresh, parameter_names};

pub(super) const CONCEPTS: &[Concept] = &[Concept::drawn("matrix_reduce", 3, draft)];

struct Inner {
    key: &'static str,
    plural: &'static str,
    expr: &'static str,
    eval: fn(&[i128]) -> i128,
}

struct Outer {
    key: &'static str,
    noun: &'static str,
    expr: &'static str,
    eval: fn(&[i128]) -> Value,
}

fn largest(v: &[i128]) -> i128 {
    v.iter().copied().max().unwrap_or(0)
}

fn smallest(v: &[i128]) -> i128 {
    v.iter().copied().min().unwrap_or(0)
}

fn sorted(v: &[i128]) -> Vec<i128> {
    let mut v = v.to_vec();
    v.sort_unstable();
    v
}

const INNER: &[Inner] = &[
    Inner { key: "sum", plural: "sums", expr: "sum({x})", eval: |v| v.iter().sum() },
    Inner { key: "max", plural: "maxima", expr: "max({x})", eval: largest },
    Inner { key: "min", plural: "minima", expr: "min({x})", eval: smallest },
    Inner {
        key: "spread",
        plural: "spreads (largest minus smallest)",
        expr: "max({x}) - min({x})",
        eval: |v| largest(v) - smallest(v),
    },
    Inner { key: "first", plural: "first elements", expr: "{x}[0]", eval: |v| v.first().copied().unwrap_or(0) },
    Inner { key: "last", plural: "last elements", expr: "{x}[-1]", eval: |v| v.last().copied().unwrap_or(0) },
    Inner {
        key: "ends",
        plural: "sums of first and last elements",
        expr: "{x}[0] + {x}[-1]",
        eval: |v| v.first().copied().unwrap_or(0) + v.last().copied().unwrap_or(0),
    },
];

const OUTER: &[Outer] = &[
    Outer { key: "list", noun: "the list", expr: "[{e}]", eval: |v| Value::ints(v.to_vec()) },
    Outer { key: "sum", noun: "the sum", expr: "sum({e})", eval: |v| Value::Int(v.iter().sum()) },
    Outer { key: "max", noun: "the largest", expr: "max({e})", eval: |v| Value::Int(largest(v)) },
    Outer { key: "min", noun: "the smallest", expr: "min({e})", eval: |v| Value::Int(smallest(v)) },
    Outer { key: "sorted", noun: "the sorted list", expr: "sorted({e})", eval: |v| Value::ints(sorted(v)) },
    Outer {
        key: "reversed",
        noun: "the reversed list",
        expr: "[{e}][::-1]",
        eval: |v| Value::ints(v.iter().rev().copied()),
    },
    Outer {
        key: "distinct",
        noun: "the number of different values",
        expr: "len(set({e}))",
        eval: |v| {
            let mut v = sorted(v);
            v.dedup();
            Value::Int(v.len() as i128)
        },
    },
];

fn run(inner: &Inner, outer: &Outer, by_column: bool, args: &[Value]) -> Option<Value> {
    let rows = Call { args, consts: &[] }.rows(0)?;
    let lines: Vec<Vec<i128>> = if by_column {
        (0..rows.first()?.len()).map(|i| rows.iter().map(|row| row[i]).collect()).collect()
    } else {
        rows
    };
    let results: Vec<i128> = lines.iter().map(|line| (inner.eval)(line)).collect();
    Some((outer.eval)(&results))
}

fn draft(dice: &mut Dice) -> Option<Draft> {
    let inner = dice.choose(INNER);
    let outer = dice.choose(OUTER);
    let by_column = dice.chance(0.4);
    let args = [Arg::Matrix];
    let params = parameter_names(&args, dice);
    let matrix = params[0];
    let x = fresh(if by_column { &["col", "column", "c"] } else { Arg::Matrix.loop_names() }, &params, dice);

    let line = if by_column { "column" } else { "row" };
    let description = match dice.below(3) {
        0 => format!("Return {} of the {} of the {line}s of {matrix}.", outer.noun, inner.plural),
        1 => format!("For the {line}s of {matrix}, return {} of their {}.", outer.noun, inner.plural),
        _ => format!("Take the {} of the {line}s in {matrix}, and return {}.", inner.plural, outer.noun),
    };
    let source = if by_column { "zip(*{a})" } else { "{a}" };
    let made = format!("{} for {{x}} in {source}", inner.expr);
    let body = if dice.chance(0.3) {
        format!("{{t}} = [{made}]\nreturn {}", outer.expr.replace("[{e}]", "{t}").replace("{e}", "{t}"))
    } else {
        format!("return {}", outer.expr.replace("{e}", &made))
    };
    let t = fresh(&["parts", "found", "results"], &[matrix, x], dice);
    let body = body.replace("{a}", matrix).replace("{x}", x).replace("{t}", t);
    let mut wrong: Vec<Meaning<'_>> = vec![Box::new(move |args| run(inner, outer, !by_column, args))];
    for other in INNER.iter().filter(|other| other.key != inner.key).take(2) {
        wrong.push(Box::new(move |args| run(other, outer, by_column, args)));
    }
    Layout {
        concept: "matrix_reduce",
        level: 3,
        args: &args,
        params: &params,
        names: &["matrix_summary", "grid_value", "by_line", "summarize", "matrix_result", "scan_matrix"],
        description,
        body,
        rules: vec![
            format!("matrix.inner.{}", inner.key),
            format!("matrix.outer.{}", outer.key),
            format!("matrix.by.{line}"),
        ],
        idea: "The inner step works on one line, the outer one on what the lines gave.",
        eval: Box::new(move |args| run(inner, outer, by_column, args)),
        wrong,
    }
    .draft(dice)
}
