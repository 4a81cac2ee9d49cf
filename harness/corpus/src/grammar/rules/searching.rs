//! Finding things in lists.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool, Int};

pub(super) const RULES: &[Rule] = &[
    rule!(
        "contains",
        1,
        [Ints, Int],
        [],
        ["contains", "has_value", "is_in", "includes"],
        ["{W} {b} occurs in {a}.", "{W} {a} contains {b}."],
        ["return {b} in {a}", "for {x} in {a}:\n    if {x} == {b}:\n        return True\nreturn False"],
        |c| Some(Bool(c.ints(0)?.contains(&c.int(1)?))),
        "The operator in looks at the elements one after the other."
    ),
    rule!(
        "find_index",
        3,
        [Ints, Int],
        [],
        ["find_index", "index_of", "position", "locate"],
        ["{R} the index of the first {b} in {a}, or -1 if there is none.", "{R} where {b} first occurs in {a}, or -1."],
        [
            "for {i}, {x} in enumerate({a}):\n    if {x} == {b}:\n        return {i}\nreturn -1",
            "if {b} in {a}:\n    return {a}.index({b})\nreturn -1"
        ],
        |c| {
            let k = c.int(1)?;
            Some(Int(c.ints(0)?.iter().position(|x| *x == k).map_or(-1, |i| i as i128)))
        },
        "A linear search returns as soon as it has found what it looks for."
    ),
    rule!(
        "first_greater",
        3,
        [Ints],
        [(3, 12)],
        ["first_greater", "first_above", "find_larger", "first_over"],
        [
            "{R} the first number in {a} greater than {k}, or -1 if there is none.",
            "{R} the first element of {a} above {k}, else -1."
        ],
        ["for {x} in {a}:\n    if {x} > {k}:\n        return {x}\nreturn -1"],
        |c| Some(Int(c.ints(0)?.into_iter().find(|x| *x > c.k(0)).unwrap_or(-1))),
        "The loop ends early when it has found an answer."
    ),
    rule!(
        "index_of_max",
        2,
        [SomeInts],
        [],
        ["index_of_max", "argmax", "where_max", "max_position"],
        ["{R} the index of the largest number in {a}.", "{R} where the maximum of {a} stands first."],
        [
            "return {a}.index(max({a}))",
            "{t} = 0\nfor {i} in range(len({a})):\n    if {a}[{i}] > {a}[{t}]:\n        {t} = {i}\nreturn {t}"
        ],
        |c| {
            let v = c.ints(0)?;
            let m = *v.iter().max()?;
            Some(Int(v.iter().position(|x| *x == m)? as i128))
        },
        "The place of the best element so far is remembered."
    ),
    rule!(
        "indices_of",
        2,
        [Ints, Int],
        [],
        ["indices_of", "all_positions", "where_equal", "find_all"],
        ["{R} the list of all indices at which {b} stands in {a}.", "{R} every position of {b} in {a}."],
        ["return [{i} for {i}, {x} in enumerate({a}) if {x} == {b}]"],
        |c| {
            let k = c.int(1)?;
            Some(Value::ints(c.ints(0)?.iter().enumerate().filter(|(_, x)| **x == k).map(|(i, _)| i as i128)))
        },
        "enumerate gives each element together with its index."
    ),
    rule!(
        "binary_search",
        4,
        [Sorted, Int],
        [],
        ["binary_search", "bisect", "insert_position", "lower_bound"],
        [
            "{R} how many numbers in the sorted list {a} are less than {b}, by binary search.",
            "{R} the place at which {b} belongs in the sorted list {a}, by halving the list."
        ],
        [
            "low, high = 0, len({a})\nwhile low < high:\n    mid = (low + high) // 2\n    if {a}[mid] < {b}:\n        low = mid + 1\n    else:\n        high = mid\nreturn low"
        ],
        |c| {
            let k = c.int(1)?;
            Some(Int(c.ints(0)?.iter().filter(|x| **x < k).count() as i128))
        },
        "Each step halves the part of the list that may hold the answer."
    ),
    rule!(
        "closest",
        3,
        [SomeInts, Int],
        [],
        ["closest", "nearest", "closest_to", "best_match"],
        [
            "{R} the number in {a} that is closest to {b}, the first of them on a tie.",
            "{R} the element of {a} nearest to {b}, the earliest if several are."
        ],
        ["return min({a}, key=lambda {x}: abs({x} - {b}))"],
        |c| {
            let k = c.int(1)?;
            c.ints(0)?.into_iter().min_by_key(|x| (x - k).abs()).map(Int)
        },
        "min with a key compares the distances instead of the numbers."
    ),
    rule!(
        "count_pairs_with_sum",
        4,
        [SomeInts],
        [(4, 14)],
        ["count_pairs", "pairs_with_sum", "pair_count", "two_sum"],
        [
            "{R} how many pairs of numbers at different places in {a} add up to {k}.",
            "Count the pairs in {a} with sum {k}."
        ],
        [
            "{t} = 0\nfor {i} in range(len({a})):\n    for {y} in {a}[{i} + 1:]:\n        if {a}[{i}] + {y} == {k}:\n            {t} += 1\nreturn {t}"
        ],
        |c| {
            let v = c.ints(0)?;
            Some(Int((0..v.len()).map(|i| v[i + 1..].iter().filter(|y| v[i] + **y == c.k(0)).count() as i128).sum()))
        },
        "The inner loop begins after the outer one's place, so no pair is counted twice."
    ),
];
