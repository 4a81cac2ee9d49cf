//! The parts that pipelines over numbers are made of: tests, changes, and ways to sum up.
//!
//! Phrases hold `{k}` for the part's constant; code holds `{x}` for the element, and reducers `{l}` for the list.

use crate::grammar::dice::Dice;
use crate::grammar::value::Value::{self, Int};
use crate::grammar::value::{floor_div, modulo};

/// A test on a number.
#[derive(Debug)]
pub struct Filter {
    pub key: &'static str,
    /// `{}` stands for the noun: "even {}", "{} greater than 5".
    pub noun: &'static str,
    /// "is even", to follow a variable's name.
    pub predicate: &'static str,
    pub cond: &'static str,
    pub range: Option<(i128, i128)>,
    pub eval: fn(i128, i128) -> bool,
}

/// A change of a number. Meanings saturate: what leaves the range of `i128` is far too large for a test anyway.
#[derive(Debug)]
pub struct Change {
    pub key: &'static str,
    /// "each squared"
    pub participle: &'static str,
    /// "square {}", where `{}` stands for "each", "it", or a name.
    pub imperative: &'static str,
    /// "{} squared": the changed number itself.
    pub noun: &'static str,
    pub expr: &'static str,
    pub range: Option<(i128, i128)>,
    pub eval: fn(i128, i128) -> i128,
}

/// A list made into one result.
#[derive(Debug, Clone, Copy)]
pub struct Reduce {
    pub key: &'static str,
    /// "the sum"
    pub noun: &'static str,
    /// Code over a list `{l}`.
    pub expr: &'static str,
    /// Start and step of a loop over elements `{x}` with accumulator `{t}`.
    pub fold: Option<(&'static str, &'static str)>,
    pub eval: fn(&[i128]) -> Option<Value>,
}

impl Reduce {
    /// The reading that forgets what an empty list gives, where the docstring says so: tests must tell it apart.
    pub fn without_default(&self) -> Option<Self> {
        let eval: fn(&[i128]) -> Option<Value> = match self.key {
            "max" => |v| v.iter().copied().max().map(Int),
            "min" => |v| v.iter().copied().min().map(Int),
            "first" => |v| v.first().copied().map(Int),
            _ => return None,
        };
        Some(Self { eval, ..*self })
    }
}

macro_rules! filter {
    ($key:literal, $noun:literal, $predicate:literal, $cond:literal, $range:expr, $eval:expr) => {
        Filter { key: $key, noun: $noun, predicate: $predicate, cond: $cond, range: $range, eval: $eval }
    };
}

macro_rules! change {
    ($key:literal, $participle:literal, $imperative:literal, $noun:literal, $expr:literal, $range:expr, $eval:expr) => {
        Change {
            key: $key,
            participle: $participle,
            imperative: $imperative,
            noun: $noun,
            expr: $expr,
            range: $range,
            eval: $eval,
        }
    };
}

macro_rules! reduce {
    ($key:literal, $noun:literal, $expr:literal, $fold:expr, $eval:expr) => {
        Reduce { key: $key, noun: $noun, expr: $expr, fold: $fold, eval: $eval }
    };
}

pub const FILTERS: &[Filter] = &[
    filter!("even", "even {}", "is even", "{x} % 2 == 0", None, |x, _| modulo(x, 2) == 0),
    filter!("odd", "odd {}", "is odd", "{x} % 2 == 1", None, |x, _| modulo(x, 2) == 1),
    filter!("positive", "positive {}", "is positive", "{x} > 0", None, |x, _| x > 0),
    filter!("negative", "negative {}", "is negative", "{x} < 0", None, |x, _| x < 0),
    filter!("nonzero", "{} other than {k}", "is not {k}", "{x} != {k}", Some((0, 12)), |x, k| x != k),
    filter!("greater", "{} greater than {k}", "is greater than {k}", "{x} > {k}", Some((-2, 9)), |x, k| x > k),
    filter!("less", "{} less than {k}", "is less than {k}", "{x} < {k}", Some((1, 12)), |x, k| x < k),
    filter!("at_least", "{} of at least {k}", "is at least {k}", "{x} >= {k}", Some((-2, 9)), |x, k| x >= k),
    filter!("at_most", "{} of at most {k}", "is at most {k}", "{x} <= {k}", Some((1, 12)), |x, k| x <= k),
    filter!(
        "multiple",
        "multiples of {k} among the {}",
        "is a multiple of {k}",
        "{x} % {k} == 0",
        Some((3, 5)),
        |x, k| { modulo(x, k) == 0 }
    ),
    filter!(
        "not_multiple",
        "{} not divisible by {k}",
        "is not divisible by {k}",
        "{x} % {k} != 0",
        Some((2, 5)),
        |x, k| { modulo(x, k) != 0 }
    ),
    filter!(
        "last_digit",
        "{} with remainder 1 modulo {k}",
        "leaves 1 modulo {k}",
        "{x} % {k} == 1",
        Some((3, 5)),
        |x, k| { modulo(x, k) == 1 }
    ),
    filter!(
        "near_zero",
        "{} at most {k} away from 0",
        "is at most {k} away from 0",
        "abs({x}) <= {k}",
        Some((3, 9)),
        |x, k| { x.saturating_abs() <= k }
    ),
];

pub const CHANGES: &[Change] = &[
    change!("square", "each squared", "square {}", "{} squared", "{x} * {x}", None, |x, _| x.saturating_mul(x)),
    change!("double", "each doubled", "double {}", "twice {}", "2 * {x}", None, |x, _| x.saturating_mul(2)),
    change!("negate", "each negated", "negate {}", "minus {}", "-{x}", None, |x, _| x.saturating_neg()),
    change!(
        "absolute",
        "each made positive",
        "take the absolute value of {}",
        "the absolute value of {}",
        "abs({x})",
        None,
        |x, _| x.saturating_abs()
    ),
    change!("add", "each increased by {k}", "add {k} to {}", "{} plus {k}", "{x} + {k}", Some((1, 15)), |x, k| x
        .saturating_add(k)),
    change!(
        "subtract",
        "each decreased by {k}",
        "subtract {k} from {}",
        "{} minus {k}",
        "{x} - {k}",
        Some((1, 15)),
        |x, k| x.saturating_sub(k)
    ),
    change!(
        "times",
        "each multiplied by {k}",
        "multiply {} by {k}",
        "{k} times {}",
        "{x} * {k}",
        Some((3, 9)),
        |x, k| x.saturating_mul(k)
    ),
    change!(
        "divide",
        "each divided by {k}, rounding down",
        "divide {} by {k}, rounding down",
        "{} divided by {k}, rounded down",
        "{x} // {k}",
        Some((2, 5)),
        floor_div
    ),
    change!(
        "modulo",
        "each taken modulo {k}",
        "take {} modulo {k}",
        "{} modulo {k}",
        "{x} % {k}",
        Some((3, 9)),
        modulo
    ),
    change!(
        "cap",
        "each capped at {k}",
        "cap {} at {k}",
        "the smaller of {} and {k}",
        "min({x}, {k})",
        Some((2, 12)),
        |x, k| x.min(k)
    ),
    change!(
        "floor",
        "each raised to at least {k}",
        "raise {} to at least {k}",
        "the larger of {} and {k}",
        "max({x}, {k})",
        Some((0, 8)),
        |x, k| x.max(k)
    ),
    change!(
        "from",
        "each subtracted from {k}",
        "subtract {} from {k}",
        "{k} minus {}",
        "{k} - {x}",
        Some((5, 30)),
        |x, k| k.saturating_sub(x)
    ),
    change!("cube", "each cubed", "cube {}", "{} cubed", "{x} ** 3", None, |x, _| x
        .saturating_mul(x)
        .saturating_mul(x)),
];

fn sorted(v: &[i128]) -> Vec<i128> {
    let mut v = v.to_vec();
    v.sort_unstable();
    v
}

pub const REDUCES: &[Reduce] = &[
    reduce!("sum", "the sum", "sum({l})", Some(("0", "{t} += {x}")), |v| Some(Int(v
        .iter()
        .copied()
        .fold(0, i128::saturating_add)))),
    reduce!("list", "the list", "{l}", Some(("[]", "{t}.append({x})")), |v| Some(Value::ints(v.to_vec()))),
    reduce!("count", "the count", "len({l})", Some(("0", "{t} += 1")), |v| Some(Int(v.len() as i128))),
    reduce!("product", "the product", "math.prod({l})", Some(("1", "{t} *= {x}")), |v| Some(Int(v
        .iter()
        .copied()
        .fold(1, i128::saturating_mul)))),
    reduce!("max", "the largest (0 if none)", "max({l}, default=0)", None, |v| Some(Int(v
        .iter()
        .copied()
        .max()
        .unwrap_or(0)))),
    reduce!("min", "the smallest (0 if none)", "min({l}, default=0)", None, |v| Some(Int(v
        .iter()
        .copied()
        .min()
        .unwrap_or(0)))),
    reduce!("sorted", "the sorted list", "sorted({l})", None, |v| Some(Value::ints(sorted(v)))),
    reduce!("descending", "the list in descending order", "sorted({l}, reverse=True)", None, |v| {
        Some(Value::ints(sorted(v).into_iter().rev()))
    }),
    reduce!("reversed", "the list reversed", "{l}[::-1]", None, |v| Some(Value::ints(v.iter().rev().copied()))),
    reduce!("distinct", "the number of distinct values", "len(set({l}))", None, |v| {
        let mut v = sorted(v);
        v.dedup();
        Some(Int(v.len() as i128))
    }),
    reduce!("first", "the first (0 if none)", "next(iter({l}), 0)", None, |v| Some(Int(v
        .first()
        .copied()
        .unwrap_or(0)))),
    reduce!("text", "the comma-joined string", "\",\".join(str({x}) for {x} in {l})", None, |v| {
        Some(Value::Str(v.iter().map(i128::to_string).collect::<Vec<_>>().join(",")))
    }),
];

/// A constant for a part, or zero where it has none.
pub fn constant(range: Option<(i128, i128)>, dice: &mut Dice) -> i128 {
    range.map_or(0, |(low, high)| dice.range(low, high))
}

/// Fills in the constant.
pub fn with_k(template: &str, k: i128) -> String {
    template.replace("{k}", &k.to_string())
}
