//! Dictionaries: filter by value, change values, and sum up.

use super::finish::{Layout, Meaning};
use super::parts::{CHANGES, Change, FILTERS, Filter, constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::{fresh, parameter_names};

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("dict_filter_reduce", 3, |dice| draft("dict_filter_reduce", 3, true, false, dice)),
    Concept::drawn("dict_map", 3, |dice| draft("dict_map", 3, false, true, dice)),
    Concept::drawn("dict_filter_map_reduce", 4, |dice| draft("dict_filter_map_reduce", 4, true, true, dice)),
];

struct Reduce {
    key: &'static str,
    noun: &'static str,
    /// `{e}` is the element with its condition: `v * 2 for k, v in d.items() if v > 3`.
    expr: &'static str,
    eval: fn(&[(String, i128)]) -> Value,
}

const REDUCES: &[Reduce] = &[
    Reduce {
        key: "dict",
        noun: "a dictionary",
        expr: "{{y}: {e}}",
        eval: |v| Value::Dict(v.iter().map(|(k, v)| (Value::Str(k.clone()), Value::Int(*v))).collect()),
    },
    Reduce { key: "sum", noun: "the sum", expr: "sum({e})", eval: |v| Value::Int(v.iter().map(|(_, v)| v).sum()) },
    Reduce {
        key: "sorted",
        noun: "the sorted list",
        expr: "sorted({e})",
        eval: |v| {
            let mut v: Vec<i128> = v.iter().map(|(_, v)| *v).collect();
            v.sort_unstable();
            Value::ints(v)
        },
    },
    Reduce { key: "list", noun: "the list", expr: "[{e}]", eval: |v| Value::ints(v.iter().map(|(_, v)| *v)) },
    Reduce {
        key: "max",
        noun: "the largest (0 if none)",
        expr: "max([{e}], default=0)",
        eval: |v| Value::Int(v.iter().map(|(_, v)| *v).max().unwrap_or(0)),
    },
];

type Part<T> = Option<(&'static T, i128)>;

fn run(filter: Part<Filter>, change: Part<Change>, reduce: &Reduce, args: &[Value]) -> Option<Value> {
    let entries = Call { args, consts: &[] }.dict(0)?;
    let kept: Vec<(String, i128)> = entries
        .into_iter()
        .filter(|(_, v)| filter.is_none_or(|(filter, k)| (filter.eval)(*v, k)))
        .map(|(key, v)| (key, change.map_or(v, |(change, k)| (change.eval)(v, k))))
        .collect();
    Some((reduce.eval)(&kept))
}

fn draft(concept: &'static str, level: u8, with_filter: bool, with_change: bool, dice: &mut Dice) -> Option<Draft> {
    let filter = with_filter.then(|| {
        let filter = dice.choose(FILTERS);
        (filter, constant(filter.range, dice))
    });
    let change = with_change.then(|| {
        let change = dice.choose(CHANGES);
        (change, constant(change.range, dice))
    });
    let reduce = dice.choose(REDUCES);
    let args = [Arg::Dict];
    let params = parameter_names(&args, dice);
    let table = params[0];
    let x = fresh(&["v", "value", "x", "n"], &params, dice);
    let y = fresh(&["k", "key", "name"], &[table, x], dice);

    let values = filter.map_or("values".to_string(), |(filter, k)| with_k(filter.noun, k).replace("{}", "values"));
    let changed = change.map_or(String::new(), |(change, k)| format!(", {}", with_k(change.participle, k)));
    let description = match dice.below(3) {
        0 => format!("Return {} of the {values} in {table}{changed}.", reduce.noun),
        1 => format!("Take the {values} in the dictionary {table}{changed}, and return {}.", reduce.noun),
        _ => format!("From {table} take the {values}{changed}. Return {}.", reduce.noun),
    };
    let is_dict = reduce.key == "dict";
    let source = if is_dict { "{y}, {x} in {a}.items()" } else { "{x} in {a}.values()" };
    let element = change.map_or("{x}".to_string(), |(change, k)| with_k(change.expr, k));
    let cond = filter.map_or(String::new(), |(filter, k)| format!(" if {}", with_k(filter.cond, k)));
    let body = if is_dict && dice.chance(0.4) {
        let set = format!("{{t}}[{{y}}] = {element}");
        let inner = if cond.is_empty() { format!("    {set}") } else { format!("   {cond}:\n        {set}") };
        format!("{{t}} = {{}}\nfor {source}:\n{inner}\nreturn {{t}}")
    } else {
        format!("return {}", reduce.expr.replace("{e}", &format!("{element} for {source}{cond}")))
    };
    let body = body.replace("{a}", table).replace("{x}", x).replace("{y}", y).replace("{t}", "result");
    let mut wrong: Vec<Meaning<'_>> = vec![];
    if reduce.key == "max" {
        // The reading that forgets what nothing gives.
        wrong.push(Box::new(move |args| {
            let list = REDUCES.iter().find(|reduce| reduce.key == "list")?;
            let nothing = run(filter, change, list, args)? == Value::List(vec![]);
            if nothing { None } else { run(filter, change, reduce, args) }
        }));
    }
    if let Some((which, k)) = filter {
        wrong.push(Box::new(move |args| run(None, change, reduce, args)));
        if which.range.is_some() {
            wrong.push(Box::new(move |args| run(Some((which, k + 1)), change, reduce, args)));
        }
    }
    if let Some((which, k)) = change {
        wrong.push(Box::new(move |args| run(filter, None, reduce, args)));
        if which.range.is_some() {
            wrong.push(Box::new(move |args| run(filter, Some((which, k + 1)), reduce, args)));
        }
    }
    let mut rules = vec![format!("dict.{}", reduce.key)];
    rules.extend(filter.map(|(filter, _)| format!("filter.{}", filter.key)));
    rules.extend(change.map(|(change, _)| format!("map.{}", change.key)));
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &["dict_values", "select_entries", "from_dict", "values_where", "table_values", "entries"],
        description,
        body,
        rules,
        idea: "values gives the values alone; items gives each key with its value.",
        eval: Box::new(move |args| run(filter, change, reduce, args)),
        wrong,
    }
    .draft(dice)
}
