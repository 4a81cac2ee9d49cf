//! Sets, tuples and pairs.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool, Int, Tuple};

fn sorted(mut items: Vec<i128>) -> Value {
    items.sort_unstable();
    items.dedup();
    Value::ints(items)
}

pub(super) const RULES: &[Rule] = &[
    rule!(
        "common_elements",
        2,
        [Ints, Ints],
        [],
        ["common", "intersection", "shared", "in_both"],
        [
            "{R} the sorted distinct numbers that are in both {a} and {b}.",
            "{B} a sorted list of what {a} and {b} have in common."
        ],
        ["return sorted(set({a}) & set({b}))", "return sorted({x} for {x} in set({a}) if {x} in {b})"],
        |c| {
            let b = c.ints(1)?;
            Some(sorted(c.ints(0)?.into_iter().filter(|x| b.contains(x)).collect()))
        },
        "The operator & keeps what both sets hold."
    ),
    rule!(
        "union_sorted",
        2,
        [Ints, Ints],
        [],
        ["union", "combine", "in_either", "all_numbers"],
        ["{R} the sorted distinct numbers that are in {a} or {b}.", "{B} a sorted list of the union of {a} and {b}."],
        ["return sorted(set({a}) | set({b}))", "return sorted(set({a} + {b}))"],
        |c| Some(sorted([c.ints(0)?, c.ints(1)?].concat())),
        "The operator | joins two sets."
    ),
    rule!(
        "only_in_first",
        2,
        [Ints, Ints],
        [],
        ["only_in_first", "set_minus", "missing", "not_in_second"],
        [
            "{R} the sorted distinct numbers of {a} that are not in {b}.",
            "{B} a sorted list of what {a} holds and {b} doesn't."
        ],
        ["return sorted(set({a}) - set({b}))"],
        |c| {
            let b = c.ints(1)?;
            Some(sorted(c.ints(0)?.into_iter().filter(|x| !b.contains(x)).collect()))
        },
        "The operator - takes away what the other set holds."
    ),
    rule!(
        "count_distinct",
        1,
        [Ints],
        [],
        ["count_distinct", "num_unique", "distinct_count", "how_many_different"],
        ["{R} how many different numbers {a} holds.", "Count the distinct elements of {a}."],
        ["return len(set({a}))"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            v.dedup();
            Some(Int(v.len() as i128))
        },
        "A set holds each element only once."
    ),
    rule!(
        "has_duplicates",
        2,
        [Ints],
        [],
        ["has_duplicates", "any_repeated", "has_repeats", "not_unique"],
        ["{W} any number occurs twice in {a}.", "{W} {a} holds a repeated number."],
        [
            "return len(set({a})) < len({a})",
            "for {x} in {a}:\n    if {a}.count({x}) > 1:\n        return True\nreturn False"
        ],
        |c| {
            let v = c.ints(0)?;
            let mut d = v.clone();
            d.sort_unstable();
            d.dedup();
            Some(Bool(d.len() < v.len()))
        },
        "When the set is smaller than the list, something was repeated."
    ),
    rule!(
        "share_any",
        2,
        [Set, Ints],
        [],
        ["shares_any", "meets", "overlaps", "has_common"],
        ["{W} {a} and {b} share any number.", "{W} some element of {a} is also in {b}."],
        ["return bool(set({a}) & set({b}))", "return any({x} in {b} for {x} in {a})"],
        |c| {
            let b = c.ints(1)?;
            Some(Bool(c.ints(0)?.iter().any(|x| b.contains(x))))
        },
        "An empty intersection counts as False."
    ),
    rule!(
        "swap_tuple",
        1,
        [Pairs],
        [],
        ["swap_pairs", "flip_pairs", "swap_each", "turn_around"],
        ["{R} {a} with the elements of each pair swapped.", "Swap the two elements of every pair in {a}."],
        ["return [({y}, {x}) for {x}, {y} in {a}]", "return [({x}[1], {x}[0]) for {x} in {a}]"],
        |c| Some(Value::List(c.rows(0)?.into_iter().map(|p| Tuple(vec![Int(p[1]), Int(p[0])])).collect())),
        "A pair can be unpacked into two names."
    ),
    rule!(
        "pair_sums",
        1,
        [Pairs],
        [],
        ["pair_sums", "add_pairs", "sum_each", "totals"],
        ["{R} the list of the sums of the pairs in {a}.", "Add the two numbers of every pair in {a}."],
        ["return [{x} + {y} for {x}, {y} in {a}]", "return [sum({x}) for {x} in {a}]"],
        |c| Some(Value::ints(c.rows(0)?.iter().map(|p| p.iter().sum()))),
        "Each pair is unpacked and added."
    ),
    rule!(
        "min_max_tuple",
        2,
        [SomeInts],
        [],
        ["min_max", "extremes", "bounds", "lowest_highest"],
        ["{R} a tuple of the smallest and the largest number in {a}.", "{R} the minimum and maximum of {a} as a pair."],
        ["return (min({a}), max({a}))", "{t} = sorted({a})\nreturn ({t}[0], {t}[-1])"],
        |c| {
            let v = c.ints(0)?;
            Some(Tuple(vec![Int(*v.iter().min()?), Int(*v.iter().max()?)]))
        },
        "A tuple returns two results at once."
    ),
    rule!(
        "split_parity",
        3,
        [Ints],
        [],
        ["split_parity", "evens_and_odds", "partition", "separate"],
        [
            "{R} a tuple of two lists: the even and the odd numbers of {a}.",
            "Split {a} into a pair of its even and its odd numbers."
        ],
        ["return ([{x} for {x} in {a} if {x} % 2 == 0], [{x} for {x} in {a} if {x} % 2])"],
        |c| {
            let (e, o): (Vec<_>, Vec<_>) = c.ints(0)?.into_iter().partition(|x| x % 2 == 0);
            Some(Tuple(vec![Value::ints(e), Value::ints(o)]))
        },
        "Two comprehensions make the two parts."
    ),
    rule!(
        "divmod_tuple",
        2,
        [Big],
        [(3, 12)],
        ["quotient_remainder", "div_and_mod", "split_number", "parts"],
        [
            "{R} the quotient and remainder of {a} divided by {k} as a tuple.",
            "{R} a pair: how often {k} fits into {a}, and what remains."
        ],
        ["return ({a} // {k}, {a} % {k})", "return divmod({a}, {k})"],
        |c| {
            let n = c.int(0)?;
            Some(Tuple(vec![Int(n / c.k(0)), Int(n % c.k(0))]))
        },
        "Quotient and remainder belong together."
    ),
    rule!(
        "tuple_scale",
        2,
        [Tuple],
        [(2, 9)],
        ["scale_tuple", "times_point", "stretch", "multiply_tuple"],
        ["{R} a tuple with every number of {a} multiplied by {k}.", "Multiply each element of the tuple {a} by {k}."],
        ["return tuple({x} * {k} for {x} in {a})"],
        |c| Some(Tuple(c.ints(0)?.into_iter().map(|x| Int(x * c.k(0))).collect())),
        "A tuple can't be changed, so a new one is built."
    ),
    rule!(
        "overlap_length",
        4,
        [Int, Int],
        [(5, 20)],
        ["overlap", "shared_days", "common_length", "overlap_length"],
        [
            "Two intervals of length {k} start at {a} and {b}. Return the length of their overlap.",
            "{R} how much two intervals of length {k} starting at {a} and {b} overlap."
        ],
        ["return max(0, min({a}, {b}) + {k} - max({a}, {b}))"],
        |c| {
            let (a, b) = (c.int(0)?, c.int(1)?);
            Some(Int((a.min(b) + c.k(0) - a.max(b)).max(0)))
        },
        "The overlap runs from the later start to the earlier end."
    ),
];
