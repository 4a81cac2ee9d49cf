//! Two lists walked side by side: combine the pairs, maybe filter, then sum up.

use super::finish::{Layout, Meaning};
use super::parts::{FILTERS, Filter, REDUCES, Reduce, constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::{fresh, parameter_names};

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("zip_reduce", 3, |dice| draft("zip_reduce", 3, false, dice)),
    Concept::drawn("zip_filter_reduce", 4, |dice| draft("zip_filter_reduce", 4, true, dice)),
];

struct Combine {
    key: &'static str,
    plural: &'static str,
    expr: &'static str,
    eval: fn(i128, i128) -> i128,
}

const COMBINES: &[Combine] = &[
    Combine { key: "sum", plural: "sums", expr: "{x} + {y}", eval: |x, y| x + y },
    Combine { key: "product", plural: "products", expr: "{x} * {y}", eval: |x, y| x * y },
    Combine { key: "difference", plural: "differences", expr: "{x} - {y}", eval: |x, y| x - y },
    Combine { key: "distance", plural: "distances", expr: "abs({x} - {y})", eval: |x, y| (x - y).abs() },
    Combine { key: "larger", plural: "larger ones", expr: "max({x}, {y})", eval: i128::max },
    Combine { key: "smaller", plural: "smaller ones", expr: "min({x}, {y})", eval: i128::min },
];

fn run(combine: &Combine, filter: Option<(&Filter, i128)>, reduce: &Reduce, args: &[Value]) -> Option<Value> {
    let call = Call { args, consts: &[] };
    let pairs = call.ints(0)?.into_iter().zip(call.ints(1)?);
    let kept: Vec<i128> = pairs
        .filter(|(x, _)| filter.is_none_or(|(filter, k)| (filter.eval)(*x, k)))
        .map(|(x, y)| (combine.eval)(x, y))
        .collect();
    (reduce.eval)(&kept)
}

fn draft(concept: &'static str, level: u8, with_filter: bool, dice: &mut Dice) -> Option<Draft> {
    let combine = dice.choose(COMBINES);
    let reduce = dice.choose(REDUCES);
    let filter = with_filter.then(|| {
        let filter = dice.choose(FILTERS);
        (filter, constant(filter.range, dice))
    });
    if matches!(reduce.key, "product" | "count" | "text") {
        return None;
    }
    let args = [Arg::Ints, Arg::Ints];
    let params = parameter_names(&args, dice);
    let x = fresh(&["x", "a", "p", "u"], &params, dice);
    let y = fresh(&["y", "b", "q", "v"], &params, dice);

    let [first, second] = [params[0], params[1]];
    let only = filter
        .map_or(String::new(), |(filter, k)| format!(" where the number in {first} {}", with_k(filter.predicate, k)));
    let description = match dice.below(3) {
        0 => format!("Return {} of the {} of {first} and {second} at equal places{only}.", reduce.noun, combine.plural),
        1 => format!("Pair up {first} and {second}{only}, and return {} of the {}.", reduce.noun, combine.plural),
        _ => {
            format!("Take the {} of the pairs from {first} and {second}{only}. Return {}.", combine.plural, reduce.noun)
        }
    };
    let cond = filter.map_or(String::new(), |(filter, k)| format!(" if {}", with_k(filter.cond, k)));
    let list = format!("[{} for {{x}}, {{y}} in zip({{a}}, {{b}}){cond}]", combine.expr);
    let body = if dice.chance(0.35) && reduce.key != "list" {
        format!("{{t}} = {list}\nreturn {}", reduce.expr.replace("{l}", "{t}"))
    } else {
        format!("return {}", reduce.expr.replace("{l}", &list))
    };
    let t = fresh(&["made", "combined", "result"], &params, dice);
    let body = body.replace("{a}", first).replace("{b}", second).replace("{x}", x).replace("{y}", y).replace("{t}", t);
    let mut wrong: Vec<Meaning<'_>> = vec![];
    for other in COMBINES.iter().filter(|other| other.key != combine.key).take(3) {
        if reduce.key != "distinct" {
            wrong.push(Box::new(move |args| run(other, filter, reduce, args)));
        }
    }
    wrong.extend(
        reduce
            .without_default()
            .map(|reading| -> Meaning<'_> { Box::new(move |args| run(combine, filter, &reading, args)) }),
    );
    if let Some((which, k)) = filter.filter(|(which, _)| which.range.is_some()) {
        wrong.push(Box::new(move |args| run(combine, Some((which, k + 1)), reduce, args)));
    }
    if filter.is_some() {
        wrong.push(Box::new(move |args| run(combine, None, reduce, args)));
    }
    let mut rules = vec![format!("zip.{}", combine.key), format!("reduce.{}", reduce.key)];
    rules.extend(filter.map(|(filter, _)| format!("filter.{}", filter.key)));
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &["combine_lists", "pair_up", "zip_lists", "side_by_side", "two_lists", "match_lists", "both"],
        description,
        body,
        rules,
        idea: "zip hands out one element of each list at a time and stops with the shorter list.",
        eval: Box::new(move |args| run(combine, filter, reduce, args)),
        wrong,
    }
    .draft(dice)
}
