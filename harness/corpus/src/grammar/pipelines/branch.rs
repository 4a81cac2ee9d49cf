//! Formulas chosen by tests.

use super::finish::{Layout, Meaning};
use super::parts::{CHANGES, Change, FILTERS, Filter, constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::parameter_names;

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("if_else_formula", 3, |dice| draft("if_else_formula", 3, 1, dice)),
    Concept::drawn("two_tests_formula", 4, |dice| draft("two_tests_formula", 4, 2, dice)),
];

type Test = (&'static Filter, i128);
type Formula = (&'static Change, i128);

fn run(tests: &[Test], formulas: &[Formula], args: &[Value]) -> Option<Value> {
    let n = Call { args, consts: &[] }.int(0)?;
    let chosen = tests.iter().position(|(filter, k)| (filter.eval)(n, *k)).unwrap_or(tests.len());
    let (change, k) = formulas.get(chosen)?;
    Some(Value::Int((change.eval)(n, *k)))
}

fn draft(concept: &'static str, level: u8, count: usize, dice: &mut Dice) -> Option<Draft> {
    let mut tests: Vec<Test> = vec![];
    let mut formulas: Vec<Formula> = vec![];
    for i in 0..=count {
        if i < count {
            let filter = dice.choose(FILTERS);
            if tests.iter().any(|(seen, _)| seen.key == filter.key) {
                return None;
            }
            tests.push((filter, constant(filter.range, dice)));
        }
        let change = dice.choose(CHANGES);
        if formulas.iter().any(|(seen, _)| seen.key == change.key) {
            return None;
        }
        formulas.push((change, constant(change.range, dice)));
    }
    let args = [Arg::Int];
    let params = parameter_names(&args, dice);
    let n = params[0];
    let noun = |(change, k): &Formula| with_k(change.noun, *k).replace("{}", n);
    let code = |(change, k): &Formula| with_k(change.expr, *k).replace("{x}", n);
    let says = |(filter, k): &Test| with_k(filter.predicate, *k);
    let cond = |(filter, k): &Test| with_k(filter.cond, *k).replace("{x}", n);

    let give = dice.pick(&["Return", "Return", "Give", "Compute"]);
    let (description, body) = if count == 1 {
        let description = match dice.below(3) {
            0 => format!("{give} {} if {n} {}, else {}.", noun(&formulas[0]), says(&tests[0]), noun(&formulas[1])),
            1 => {
                format!("If {n} {}, return {}, otherwise {}.", says(&tests[0]), noun(&formulas[0]), noun(&formulas[1]))
            }
            _ => format!("{give} {}, but {} if {n} {}.", noun(&formulas[1]), noun(&formulas[0]), says(&tests[0])),
        };
        let body = if dice.chance(0.6) {
            format!("if {}:\n    return {}\nreturn {}", cond(&tests[0]), code(&formulas[0]), code(&formulas[1]))
        } else {
            format!("return {} if {} else {}", code(&formulas[0]), cond(&tests[0]), code(&formulas[1]))
        };
        (description, body)
    } else {
        let description = format!(
            "{give} {} if {n} {}, {} if it {}, else {}.",
            noun(&formulas[0]),
            says(&tests[0]),
            noun(&formulas[1]),
            says(&tests[1]),
            noun(&formulas[2])
        );
        let second = dice.pick(&["if", "elif"]);
        let body = format!(
            "if {}:\n    return {}\n{second} {}:\n    return {}\nreturn {}",
            cond(&tests[0]),
            code(&formulas[0]),
            cond(&tests[1]),
            code(&formulas[1]),
            code(&formulas[2])
        );
        (description, body)
    };
    let mut wrong: Vec<Meaning<'_>> = vec![];
    for i in 0..formulas.len() {
        let mut changed = formulas.clone();
        changed[i] = formulas[(i + 1) % formulas.len()];
        let same_tests = tests.clone();
        wrong.push(Box::new(move |args| run(&same_tests, &changed, args)));
        if formulas[i].0.range.is_some() {
            let mut shifted = formulas.clone();
            shifted[i].1 += 1;
            let same_tests = tests.clone();
            wrong.push(Box::new(move |args| run(&same_tests, &shifted, args)));
        }
    }
    let mut rules: Vec<String> = tests.iter().map(|(filter, _)| format!("filter.{}", filter.key)).collect();
    rules.extend(formulas.iter().map(|(change, _)| format!("map.{}", change.key)));
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &["choose_formula", "decide", "branch", "rule", "pick_result", "case_of", "depends", "adjust"],
        description,
        body,
        rules,
        idea: "A return inside an if ends the function, so the line below it is the other case.",
        eval: Box::new(|args| run(&tests, &formulas, args)),
        wrong,
    }
    .draft(dice)
}
