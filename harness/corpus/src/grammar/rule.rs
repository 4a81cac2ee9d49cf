//! One-rule concepts as table entries: wordings, bodies, and what the function means, computed in Rust.
//!
//! The meaning is written a second time, so that the sandbox's check of the Python body against the tests also checks
//! the two against each other.

use super::args::Arg;
use super::dice::Dice;
use super::draft::{Draft, Meaning, Semantics, draw_cases};
use super::value::{Call, Value};
use super::wording::{fresh, function_name, indent, num_examples, parameter_names, sentence};

/// A concept with one rule.
///
/// Templates hold `{a}`, `{b}`, `{c}` for the arguments, `{k}`, `{m}` for the constants, `{x}`, `{y}` for loop variables,
/// `{i}` for an index and `{t}` for an accumulator. A docstring may begin with `{R}` (Return, Compute, ...), `{W}`
/// (Return whether, Check if, ...) or `{B}` (Build, Create, ...).
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The concept's name.
    pub name: &'static str,
    /// Difficulty from 1 to 4.
    pub level: u8,
    /// Kinds of the arguments.
    pub args: &'static [Arg],
    /// Inclusive ranges of the constants.
    pub consts: &'static [(i128, i128)],
    /// What the function may be called.
    pub names: &'static [&'static str],
    /// What the docstring may say.
    pub docs: &'static [&'static str],
    /// Bodies, not indented.
    pub bodies: &'static [&'static str],
    /// What the function gives.
    pub eval: fn(&Call<'_>) -> Option<Value>,
    /// One sentence for textbooks.
    pub idea: &'static str,
}

const ACCUMULATORS: &[&str] = &["total", "result", "acc", "out", "res", "answer", "found"];
const INDICES: &[&str] = &["i", "j", "idx", "pos"];

impl Rule {
    /// Draws an exercise; `None` where no telling tests were found, and another draw should be tried.
    pub fn draft(&self, dice: &mut Dice) -> Option<Draft> {
        let consts: Vec<i128> = self.consts.iter().map(|(low, high)| dice.range(*low, *high)).collect();
        if consts.len() == 2 && consts[0] >= consts[1] {
            return None;
        }
        let params = parameter_names(self.args, dice);
        let mut taken = params.clone();
        let loop_pool = self.args.first().map_or(&["x"] as &[&str], |arg| arg.loop_names());
        let mut names = vec![];
        for pool in [loop_pool, &["y", "v", "z", "other"], INDICES, ACCUMULATORS] {
            let name = fresh(pool, &taken, dice);
            taken.push(name);
            names.push(name);
        }
        let fill = |template: &str| {
            let mut text = template.to_string();
            for (mark, name) in ["{a}", "{b}", "{c}"].iter().zip(&params) {
                text = text.replace(mark, name);
            }
            for (mark, name) in ["{x}", "{y}", "{i}", "{t}"].iter().zip(&names) {
                text = text.replace(mark, name);
            }
            for (mark, value) in ["{k}", "{m}"].iter().zip(&consts) {
                text = text.replace(mark, &value.to_string());
            }
            text
        };
        let mut order: Vec<usize> = (0..params.len()).collect();
        if dice.chance(0.4) {
            dice.shuffle(&mut order);
        }
        let entry_point = function_name(self.names, dice);
        if taken.contains(&entry_point.as_str()) {
            return None;
        }
        let description = fill(&sentence(dice.pick(self.docs), self.args, &params, dice));
        let body = indent(&fill(dice.pick(self.bodies)).replace("{f}", &entry_point));
        let eval = |args: &[Value]| (self.eval)(&Call { args, consts: &consts });
        let wrong: Vec<Meaning<'_>> = (0..consts.len())
            .map(|i| {
                let mut changed = consts.clone();
                changed[i] += 1;
                Box::new(move |args: &[Value]| (self.eval)(&Call { args, consts: &changed })) as Box<_>
            })
            .collect();
        let cases = draw_cases(&Semantics { args: self.args, order: &order, eval: &eval, wrong: &wrong }, dice)?;
        let listed: Vec<&str> = order.iter().map(|i| params[*i]).collect();
        Some(Draft {
            concept: self.name,
            level: self.level,
            signature: format!("def {entry_point}({}):", listed.join(", ")),
            entry_point,
            description,
            body,
            cases,
            num_examples: num_examples(dice),
            rules: vec![self.name.to_string()],
            idea: self.idea,
        })
    }
}
