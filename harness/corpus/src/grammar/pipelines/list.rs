//! Filter, change and reduce a list of integers, in one to four steps.

use super::finish::{Layout, Meaning, chain, upper_first};
use super::parts::{CHANGES, Change, FILTERS, Filter, REDUCES, Reduce, constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::{fresh, parameter_names};

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("filter_list", 2, |dice| draft("filter_list", 2, &[Kind::Filter], Some("list"), dice)),
    Concept::drawn("map_list", 2, |dice| draft("map_list", 2, &[Kind::Change], Some("list"), dice)),
    Concept::drawn("filter_reduce", 3, |dice| draft("filter_reduce", 3, &[Kind::Filter], None, dice)),
    Concept::drawn("map_reduce", 3, |dice| draft("map_reduce", 3, &[Kind::Change], None, dice)),
    Concept::drawn("filter_map", 3, |dice| draft("filter_map", 3, &[Kind::Filter, Kind::Change], Some("list"), dice)),
    Concept::drawn("filter_map_reduce", 3, |dice| {
        draft("filter_map_reduce", 3, &[Kind::Filter, Kind::Change], None, dice)
    }),
    Concept::drawn("map_filter_reduce", 4, |dice| {
        draft("map_filter_reduce", 4, &[Kind::Change, Kind::Filter], None, dice)
    }),
    Concept::drawn("two_filters_reduce", 4, |dice| {
        draft("two_filters_reduce", 4, &[Kind::Filter, Kind::Filter], None, dice)
    }),
    Concept::drawn("filter_two_maps", 4, |dice| {
        draft("filter_two_maps", 4, &[Kind::Filter, Kind::Change, Kind::Change], None, dice)
    }),
    Concept::drawn("map_filter_map", 4, |dice| {
        draft("map_filter_map", 4, &[Kind::Change, Kind::Filter, Kind::Change], Some("list"), dice)
    }),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Filter,
    Change,
}

#[derive(Clone, Copy)]
enum Stage {
    Filter(&'static Filter, i128),
    Change(&'static Change, i128),
}

impl Stage {
    fn draw(kind: Kind, dice: &mut Dice) -> Self {
        match kind {
            Kind::Filter => {
                let filter = dice.choose(FILTERS);
                Self::Filter(filter, constant(filter.range, dice))
            }
            Kind::Change => {
                let change = dice.choose(CHANGES);
                Self::Change(change, constant(change.range, dice))
            }
        }
    }

    fn key(self) -> String {
        match self {
            Self::Filter(filter, _) => format!("filter.{}", filter.key),
            Self::Change(change, _) => format!("map.{}", change.key),
        }
    }

    fn apply(self, items: Vec<i128>) -> Vec<i128> {
        match self {
            Self::Filter(filter, k) => items.into_iter().filter(|x| (filter.eval)(*x, k)).collect(),
            Self::Change(change, k) => items.into_iter().map(|x| (change.eval)(x, k)).collect(),
        }
    }

    fn code(self) -> String {
        match self {
            Self::Filter(filter, k) => with_k(filter.cond, k),
            Self::Change(change, k) => with_k(change.expr, k),
        }
    }

    /// `place` is 0 for the first step, which must name the list.
    fn imperative(self, place: usize, list: &str, dice: &mut Dice) -> String {
        match self {
            Self::Filter(filter, k) => {
                let noun = with_k(filter.noun, k);
                if place == 0 {
                    format!("{} the {} in {list}", dice.pick(&["keep", "take", "pick"]), noun.replace("{}", "numbers"))
                } else {
                    let noun = noun.replace("{}", "ones");
                    format!("{} the {noun}", dice.pick(&["keep", "keep only", "pick"]))
                }
            }
            Self::Change(change, k) => {
                let each = if place == 0 { format!("each number in {list}") } else { "each".into() };
                with_k(change.imperative, k).replace("{}", &each)
            }
        }
    }
}

fn run(stages: &[Stage], reduce: &Reduce, args: &[Value]) -> Option<Value> {
    let items = Call { args, consts: &[] }.ints(0)?;
    (reduce.eval)(&stages.iter().fold(items, |items, stage| stage.apply(items)))
}

fn draft(concept: &'static str, level: u8, kinds: &[Kind], reduce: Option<&str>, dice: &mut Dice) -> Option<Draft> {
    let stages: Vec<Stage> = kinds.iter().map(|kind| Stage::draw(*kind, dice)).collect();
    if stages.windows(2).any(|pair| pair[0].key() == pair[1].key()) {
        return None;
    }
    let reduce = match reduce {
        Some(key) => REDUCES.iter().find(|reduce| reduce.key == key)?,
        None => {
            let reduce = dice.choose(REDUCES);
            if reduce.key == "list" {
                return None;
            }
            reduce
        }
    };
    let last_is_filter = kinds.last() == Some(&Kind::Filter);
    if !last_is_filter && matches!(reduce.key, "count" | "distinct") {
        return None;
    }
    let args = [Arg::Ints];
    let params = parameter_names(&args, dice);
    let list = params[0];
    let x = fresh(Arg::Ints.loop_names(), &params, dice);
    let t = fresh(&["total", "result", "acc", "out", "res"], &[list, x], dice);

    let description = describe(&stages, reduce, list, dice);
    let body = write(&stages, reduce, dice)?.replace("{a}", list).replace("{x}", x).replace("{t}", t);
    let mut rules: Vec<String> = stages.iter().map(|stage| stage.key()).collect();
    if reduce.key != "list" {
        rules.push(format!("reduce.{}", reduce.key));
    }
    let mut wrong: Vec<Meaning<'_>> = vec![];
    wrong.extend(reduce.without_default().map(|reading| -> Meaning<'_> {
        let stages = stages.clone();
        Box::new(move |args| run(&stages, &reading, args))
    }));
    for i in 0..stages.len() {
        let mut without = stages.clone();
        without.remove(i);
        wrong.push(Box::new(move |args| run(&without, reduce, args)));
        let mut shifted = stages.clone();
        let has_constant = match &mut shifted[i] {
            Stage::Filter(filter, k) => {
                *k += 1;
                filter.range.is_some()
            }
            Stage::Change(change, k) => {
                *k += 1;
                change.range.is_some()
            }
        };
        if has_constant {
            wrong.push(Box::new(move |args| run(&shifted, reduce, args)));
        }
    }
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &names(&stages, reduce),
        description,
        body,
        rules,
        idea: "Each step takes the list that the step before has left, so the order of the steps matters.",
        eval: Box::new(|args| run(&stages, reduce, args)),
        wrong,
    }
    .draft(dice)
}

fn names<'a>(stages: &[Stage], reduce: &Reduce) -> Vec<&'a str> {
    let by_reduce: &[&str] = match reduce.key {
        "sum" => &["sum_selected", "total_of", "sum_them", "add_chosen"],
        "count" | "distinct" => &["count_selected", "count_them", "how_many", "num_matching"],
        "max" => &["largest_of", "max_selected", "top_of"],
        "min" => &["smallest_of", "min_selected", "low_of"],
        "product" => &["product_of", "multiply_selected", "prod_them"],
        "sorted" | "descending" => &["sort_selected", "ordered", "arrange"],
        _ => &["select", "transform_list", "pick_numbers", "change_list"],
    };
    let mut names = by_reduce.to_vec();
    if stages.len() > 1 {
        names.extend(["pipeline", "filter_and_map", "steps", "chain"]);
    }
    names
}

fn describe(stages: &[Stage], reduce: &Reduce, list: &str, dice: &mut Dice) -> String {
    let result = reduce.noun;
    let give = dice.pick(&["Return", "Return", "Compute", "Give", "Find"]);
    match stages {
        [Stage::Filter(filter, k)] if dice.chance(0.6) => {
            let noun = with_k(filter.noun, *k).replace("{}", "numbers");
            format!("{give} {result} of the {noun} in {list}.")
        }
        [Stage::Change(change, k)] if dice.chance(0.6) => {
            format!("{give} {result} of the numbers in {list}, {}.", with_k(change.participle, *k))
        }
        [Stage::Filter(filter, f), Stage::Change(change, k)] if dice.chance(0.6) => {
            let noun = with_k(filter.noun, *f).replace("{}", "numbers");
            format!("{give} {result} of the {noun} in {list}, {}.", with_k(change.participle, *k))
        }
        [Stage::Filter(one, k), Stage::Filter(two, m)] if dice.chance(0.5) => {
            let noun = with_k(one.noun, *k).replace("{}", "numbers");
            format!("{give} {result} of the {noun} in {list}, counting only if each {}.", with_k(two.predicate, *m))
                .replace("counting only if each", dice.pick(&["where each also", "for which each also"]))
        }
        _ => {
            let steps: Vec<String> =
                stages.iter().enumerate().map(|(i, stage)| stage.imperative(i, list, dice)).collect();
            let steps = upper_first(&chain(&steps, dice));
            let finish = dice.pick(&[", and return ", ". Return ", ", then return "]);
            format!("{steps}{finish}{result}.")
        }
    }
}

fn write(stages: &[Stage], reduce: &Reduce, dice: &mut Dice) -> Option<String> {
    let fold_only = reduce.key == "product";
    let (cond, expr) = match stages {
        [Stage::Filter(..)] => (Some(stages[0].code()), None),
        [Stage::Change(..)] => (None, Some(stages[0].code())),
        [Stage::Filter(..), Stage::Change(..)] => (Some(stages[0].code()), Some(stages[1].code())),
        [Stage::Filter(..), Stage::Filter(..)] => {
            (Some(format!("{} and {}", stages[0].code(), stages[1].code())), None)
        }
        _ => {
            // Step by step, one line each.
            let mut body: String = stages
                .iter()
                .map(|stage| match stage {
                    Stage::Filter(..) => format!("{{a}} = [{{x}} for {{x}} in {{a}} if {}]\n", stage.code()),
                    Stage::Change(..) => format!("{{a}} = [{} for {{x}} in {{a}}]\n", stage.code()),
                })
                .collect();
            if fold_only {
                body.push_str("{t} = 1\nfor {x} in {a}:\n    {t} *= {x}\nreturn {t}");
            } else {
                body.push_str(&format!("return {}", reduce.expr.replace("{l}", "{a}")));
            }
            return Some(body);
        }
    };
    if let Some((start, step)) = reduce.fold
        && (fold_only || dice.chance(0.3))
    {
        let step = step.replacen("{x}", expr.as_deref().unwrap_or("{x}"), 1);
        return Some(match &cond {
            Some(cond) => {
                format!("{{t}} = {start}\nfor {{x}} in {{a}}:\n    if {cond}:\n        {step}\nreturn {{t}}")
            }
            None => format!("{{t}} = {start}\nfor {{x}} in {{a}}:\n    {step}\nreturn {{t}}"),
        });
    }
    let element = expr.unwrap_or_else(|| "{x}".into());
    let filter = cond.map_or(String::new(), |cond| format!(" if {cond}"));
    let list = format!("[{element} for {{x}} in {{a}}{filter}]");
    if dice.chance(0.4) && reduce.key != "list" {
        return Some(format!("{{a}} = {list}\nreturn {}", reduce.expr.replace("{l}", "{a}")));
    }
    Some(format!("return {}", reduce.expr.replace("{l}", &list)))
}
