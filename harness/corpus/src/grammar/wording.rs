//! Names and phrases: how one concept comes in many words.

use super::args::Arg;
use super::dice::Dice;

const RETURN: &[&str] =
    &["Return", "Return", "Return", "Compute", "Give", "Find", "Calculate", "Give back", "Work out", "Get"];
const WHETHER: &[&str] =
    &["Return whether", "Check whether", "Tell whether", "Return True if", "Check if", "Decide whether", "Say whether"];
const BUILD: &[&str] = &["Return", "Return", "Build", "Create", "Make", "Give", "Produce", "Give back"];
const PLAIN_NAMES: &[&str] = &[
    "solve",
    "task",
    "compute",
    "answer",
    "process",
    "helper",
    "work",
    "run",
    "func",
    "evaluate",
    "apply",
    "handle",
    "calculate",
    "transform",
    "exercise",
    "puzzle",
    "step",
    "derive",
];
const NAME_PREFIXES: &[&str] = &["", "", "", "", "get_", "compute_", "find_", "calc_", "my_", "make_", "do_", "give_"];

/// Words that a function may not be called, since its body may need them.
const TAKEN: &[&str] = &[
    "sum",
    "min",
    "max",
    "len",
    "sorted",
    "list",
    "dict",
    "set",
    "tuple",
    "range",
    "zip",
    "abs",
    "any",
    "all",
    "pow",
    "round",
    "reversed",
    "map",
    "filter",
    "str",
    "int",
    "divmod",
    "enumerate",
];

/// A function's name: usually one that tells what it does, sometimes one that doesn't.
pub fn function_name(stems: &[&str], dice: &mut Dice) -> String {
    let name = if dice.chance(0.2) {
        let plain = dice.pick(PLAIN_NAMES);
        if dice.chance(0.5) { format!("{plain}_{}", dice.range(1, 30)) } else { plain.to_string() }
    } else {
        format!("{}{}", dice.pick(NAME_PREFIXES), dice.pick(stems))
    };
    if TAKEN.contains(&name.as_str()) { format!("my_{name}") } else { name }
}

/// How many names of each pool are in use. A model of a million parameters has to learn that a name in the body is the
/// one in the signature, which takes the longer the more names there are.
const PARAMETER_NAMES_IN_USE: usize = 6;

/// The same for loop variables.
const LOOP_NAMES_IN_USE: usize = 3;

/// Distinct names for parameters of the given kinds.
pub fn parameter_names(args: &[Arg], dice: &mut Dice) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = vec![];
    for arg in args {
        let free = arg.names().iter().copied().filter(|name| !names.contains(name));
        let free: Vec<&'static str> = free.take(PARAMETER_NAMES_IN_USE).collect();
        names.push(free[dice.below(free.len())]);
    }
    names
}

/// A name from `pool` that `taken` doesn't hold.
pub fn fresh(pool: &[&'static str], taken: &[&'static str], dice: &mut Dice) -> &'static str {
    let free = pool.iter().copied().filter(|name| !taken.contains(name));
    let free: Vec<&'static str> = free.take(LOOP_NAMES_IN_USE).collect();
    if free.is_empty() { "it" } else { free[dice.below(free.len())] }
}

/// Replaces `{R}`, `{W}` and `{B}` at the start of a sentence by a verb, and sometimes introduces the arguments first.
pub fn sentence(template: &str, args: &[Arg], names: &[&str], dice: &mut Dice) -> String {
    let verbs = [("{R}", RETURN), ("{W}", WHETHER), ("{B}", BUILD)];
    let mut text = template.to_string();
    for (mark, pool) in verbs {
        if text.starts_with(mark) {
            text = text.replacen(mark, dice.pick(pool), 1);
            if dice.chance(0.2) {
                text = introduce(&text, args, names);
            }
        }
    }
    text
}

/// Puts `Given a list of integers xs, ` before a sentence.
pub fn introduce(text: &str, args: &[Arg], names: &[&str]) -> String {
    let given: Vec<String> = args.iter().zip(names).map(|(arg, name)| format!("{} {name}", arg.noun())).collect();
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("Given {}, {first}{}", given.join(" and "), chars.as_str())
}

/// Indents every line by four spaces.
pub fn indent(body: &str) -> String {
    body.lines().map(|line| if line.is_empty() { "\n".into() } else { format!("    {line}\n") }).collect()
}

/// How many examples the docstring shows: mostly none. Their numbers are noise to a small model, and as many tokens again
/// as the rest of an exercise.
pub fn num_examples(dice: &mut Dice) -> usize {
    usize::from(dice.chance(0.2))
}
