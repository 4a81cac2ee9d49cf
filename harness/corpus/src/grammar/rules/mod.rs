//! The tables of one-rule concepts, one file a family.

use super::rule::Rule;

/// A table entry in the order name, level, arguments, constants, function names, docstrings, bodies, meaning, idea.
macro_rules! rule {
    ($name:literal, $level:literal, [$($arg:ident),*], [$($range:expr),*], $names:expr, $docs:expr, $bodies:expr,
     $eval:expr, $idea:literal) => {
        $crate::grammar::rule::Rule {
            name: $name,
            level: $level,
            args: &[$($crate::grammar::args::Arg::$arg),*],
            consts: &[$($range),*],
            names: &$names,
            docs: &$docs,
            bodies: &$bodies,
            eval: $eval,
            idea: $idea,
        }
    };
}

mod aggregates;
mod arithmetic;
mod conditionals;
mod dicts;
mod lists;
mod loops;
mod matrices;
mod number_theory;
mod recursion;
mod searching;
mod sets_and_tuples;
mod sorting;
mod strings;
mod words;

/// Every one-rule concept.
pub fn all() -> Vec<&'static Rule> {
    [
        arithmetic::RULES,
        number_theory::RULES,
        aggregates::RULES,
        lists::RULES,
        searching::RULES,
        sorting::RULES,
        loops::RULES,
        recursion::RULES,
        conditionals::RULES,
        strings::RULES,
        words::RULES,
        dicts::RULES,
        sets_and_tuples::RULES,
        matrices::RULES,
    ]
    .into_iter()
    .flatten()
    .collect()
}
