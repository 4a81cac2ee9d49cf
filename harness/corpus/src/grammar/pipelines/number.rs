//! Numbers changed in two or three steps.

use super::finish::{Layout, Meaning, chain, upper_first};
use super::parts::{CHANGES, Change, constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::parameter_names;

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("number_step", 2, |dice| draft("number_step", 2, 1, dice)),
    Concept::drawn("number_two_steps", 3, |dice| draft("number_two_steps", 3, 2, dice)),
    Concept::drawn("number_three_steps", 4, |dice| draft("number_three_steps", 4, 3, dice)),
];

fn run(steps: &[(&Change, i128)], args: &[Value]) -> Option<Value> {
    let n = Call { args, consts: &[] }.int(0)?;
    Some(Value::Int(steps.iter().fold(n, |n, (change, k)| (change.eval)(n, *k))))
}

fn draft(concept: &'static str, level: u8, count: usize, dice: &mut Dice) -> Option<Draft> {
    let mut steps: Vec<(&'static Change, i128)> = vec![];
    for _ in 0..count {
        let change = dice.choose(CHANGES);
        if steps.iter().any(|(seen, _)| seen.key == change.key) {
            return None;
        }
        steps.push((change, constant(change.range, dice)));
    }
    let args = [Arg::Int];
    let params = parameter_names(&args, dice);
    let n = params[0];

    let phrases: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(i, (change, k))| with_k(change.imperative, *k).replace("{}", if i == 0 { n } else { "it" }))
        .collect();
    let finish =
        dice.pick(&[", and return it.", ". Return the result.", ", then return it.", ", and return the result."]);
    let description = format!("{}{finish}", upper_first(&chain(&phrases, dice)));

    let mut body = String::new();
    for (i, (change, k)) in steps.iter().enumerate() {
        let code = with_k(change.expr, *k).replace("{x}", n);
        let is_last = i + 1 == steps.len();
        if is_last && dice.chance(0.6) {
            body.push_str(&format!("return {code}"));
        } else {
            body.push_str(&format!("{n} = {code}\n"));
            if is_last {
                body.push_str(&format!("return {n}"));
            }
        }
    }
    let mut wrong: Vec<Meaning<'_>> = vec![];
    for i in 0..steps.len() {
        let mut without = steps.clone();
        without.remove(i);
        wrong.push(Box::new(move |args| run(&without, args)));
        if steps[i].0.range.is_some() {
            let mut shifted = steps.clone();
            shifted[i].1 += 1;
            wrong.push(Box::new(move |args| run(&shifted, args)));
        }
    }
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &["change_number", "steps", "formula", "convert", "number_game", "calculation", "machine", "next_value"],
        description,
        body,
        rules: steps.iter().map(|(change, _)| format!("map.{}", change.key)).collect(),
        idea: "Each line takes the result of the line before.",
        eval: Box::new(|args| run(&steps, args)),
        wrong,
    }
    .draft(dice)
}
