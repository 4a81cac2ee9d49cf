//! A drawn exercise before it has a number: what the families of concepts produce.

use super::args::Arg;
use super::dice::{Dice, stable_hash};
use super::value::Value;
use crate::exercise::Exercise;

/// One call of the drafted function and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Python source with `{f}` in place of the function's name.
    pub call: String,
    /// What the call gives.
    pub expected: Value,
}

/// An exercise as drawn from the grammar.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The concept's name.
    pub concept: &'static str,
    /// Difficulty from 1 to 4; a draft that combines reserved rules counts as 5 instead.
    pub level: u8,
    /// The function's or class's name.
    pub entry_point: String,
    /// `def name(a, b):` or `class Name:`.
    pub signature: String,
    /// What the docstring says.
    pub description: String,
    /// The body, indented by four spaces.
    pub body: String,
    /// The calls to test with; the first ones double as the docstring's examples.
    pub cases: Vec<Case>,
    /// How many cases the docstring shows.
    pub num_examples: usize,
    /// The names of the rules that it combines; one entry where there is nothing to combine.
    pub rules: Vec<String>,
    /// One sentence for textbooks on why the solution works.
    pub idea: &'static str,
}

/// Which split a draft may enter. It is a function of the draft alone, so that splits of different seeds and sizes
/// never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Exercises and textbooks to train on.
    Train,
    /// Exercises to be scored on; `reserved` says that it combines rules that training never combines.
    HeldOut {
        /// Whether it holds a reserved combination of rules.
        reserved: bool,
    },
    /// Would share its docstring or its body with the other side.
    Neither,
}

/// One pair of rules in this many is reserved for the held-out split.
const RESERVED_ONE_IN: u64 = 9;
/// One body, and one description, in this many belongs to the held-out split.
const HELD_OUT_ONE_IN: u64 = 5;

impl Draft {
    /// Signature and docstring.
    pub fn prompt(&self) -> String {
        let mut out = format!("{}\n    \"\"\"{}\n", self.signature, self.description);
        if self.num_examples > 0 {
            out.push('\n');
        }
        for case in self.cases.iter().take(self.num_examples) {
            let call = case.call.replace("{f}", &self.entry_point);
            out.push_str(&format!("    >>> {call}\n    {}\n", case.expected.literal()));
        }
        out.push_str("    \"\"\"\n");
        out
    }

    /// `check(candidate)` with one assertion a case.
    pub fn test(&self) -> String {
        let mut out = String::from("def check(candidate):\n");
        for case in &self.cases {
            let call = case.call.replace("{f}", "candidate");
            let expected = case.expected.literal();
            let relation = if matches!(case.expected, Value::Bool(_) | Value::None) { "is" } else { "==" };
            out.push_str(&format!("    assert {call} {relation} {expected}\n"));
        }
        out
    }

    /// The exercise under a given name.
    pub fn exercise(&self, task_id: String) -> Exercise {
        Exercise {
            task_id,
            concept: self.concept.to_string(),
            difficulty: if self.is_reserved() { 5 } else { self.level },
            prompt: self.prompt(),
            entry_point: self.entry_point.clone(),
            canonical_solution: self.body.clone(),
            test: self.test(),
        }
    }

    /// Whether two of its rules are a pair that only the held-out split may combine.
    pub fn is_reserved(&self) -> bool {
        self.rules.iter().enumerate().any(|(i, a)| {
            self.rules[i + 1..].iter().any(|b| {
                let (first, second) = if a < b { (a, b) } else { (b, a) };
                a != b && stable_hash(&["reserved", first, second]).is_multiple_of(RESERVED_ONE_IN)
            })
        })
    }

    /// The split that it may enter.
    pub fn side(&self) -> Side {
        let held_out = |kind, text: &str| stable_hash(&[kind, text]).is_multiple_of(HELD_OUT_ONE_IN);
        match (held_out("body", &self.body), held_out("description", &self.description)) {
            // Two readings can share a body (greater than 0, positive), so a reserved combination is hashed like the rest.
            (true, true) => Side::HeldOut { reserved: self.is_reserved() },
            (false, false) if !self.is_reserved() => Side::Train,
            _ => Side::Neither,
        }
    }
}

/// What a function gives for its arguments, or `None` where it gives nothing that a test can use.
pub type Meaning<'a> = Box<dyn Fn(&[Value]) -> Option<Value> + 'a>;

/// What a function's cases are drawn with.
pub struct Semantics<'a> {
    /// The kinds of its arguments, in the order in which `order` permutes them.
    pub args: &'a [Arg],
    /// `order[i]` is the argument that stands at place `i` of the signature.
    pub order: &'a [usize],
    /// What the function gives, or `None` where it gives nothing that a test can use.
    pub eval: &'a dyn Fn(&[Value]) -> Option<Value>,
    /// Wrong readings that the cases must tell from `eval`, such as a constant off by one.
    pub wrong: &'a [Meaning<'a>],
}

/// Draws six cases that tell the function from constants, from its arguments, and from the wrong readings.
pub fn draw_cases(semantics: &Semantics<'_>, dice: &mut Dice) -> Option<Vec<Case>> {
    const CASES: usize = 6;
    let mut drawn: Vec<(Vec<Value>, Value)> = vec![];
    let mut told_apart = vec![false; semantics.wrong.len()];
    for attempt in 0..160 {
        let args: Vec<Value> = semantics.args.iter().map(|arg| arg.sample(dice)).collect();
        let Some(expected) = (semantics.eval)(&args).filter(Value::is_readable) else { continue };
        if expected.literal().len() > 60 || drawn.iter().any(|(seen, _)| *seen == args) {
            continue;
        }
        let tells: Vec<bool> = semantics.wrong.iter().map(|wrong| wrong(&args).as_ref() != Some(&expected)).collect();
        let is_new = tells.iter().zip(&told_apart).any(|(now, before)| *now && !before);
        let missing = told_apart.iter().any(|told| !told);
        let same = drawn.iter().filter(|(_, seen)| *seen == expected).count();
        let same_as_argument = args.contains(&expected);
        let accept = if missing && drawn.len() + 1 >= CASES && attempt < 120 {
            is_new
        } else {
            same < if matches!(expected, Value::Bool(_)) { 3 } else { 2 } && (!same_as_argument || drawn.len() > 2)
        };
        if accept {
            for (told, now) in told_apart.iter_mut().zip(tells) {
                *told |= now;
            }
            drawn.push((args, expected));
        }
        if drawn.len() >= CASES && told_apart.iter().all(|told| *told) {
            break;
        }
    }
    if drawn.len() < CASES - 1 || told_apart.iter().any(|told| !told) {
        return None;
    }
    Some(
        drawn
            .into_iter()
            .map(|(args, expected)| {
                let call: Vec<String> = semantics.order.iter().map(|i| args[*i].literal()).collect();
                Case { call: format!("{{f}}({})", call.join(", ")), expected }
            })
            .collect(),
    )
}
