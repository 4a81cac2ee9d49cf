//! Sorting, and the algorithms behind it.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool};
use crate::grammar::value::modulo;

pub(super) const RULES: &[Rule] = &[
    rule!(
        "sort_ascending",
        1,
        [Ints],
        [],
        ["sort_list", "ascending", "in_order", "sorted_copy"],
        ["{R} {a} sorted in ascending order.", "Sort {a} from the smallest to the largest."],
        ["return sorted({a})", "{t} = list({a})\n{t}.sort()\nreturn {t}"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            Some(Value::ints(v))
        },
        "sorted makes a new list and leaves the old one alone."
    ),
    rule!(
        "sort_descending",
        1,
        [Ints],
        [],
        ["sort_down", "descending", "largest_first", "reverse_sorted"],
        ["{R} {a} sorted in descending order.", "Sort {a} from the largest to the smallest."],
        ["return sorted({a}, reverse=True)", "return sorted({a})[::-1]"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            v.reverse();
            Some(Value::ints(v))
        },
        "reverse=True turns the order around."
    ),
    rule!(
        "sort_by_absolute",
        2,
        [Ints],
        [],
        ["sort_by_abs", "by_absolute", "by_size", "order_by_abs"],
        ["{R} {a} sorted by absolute value.", "Sort the numbers in {a} by their distance from 0."],
        ["return sorted({a}, key=abs)", "return sorted({a}, key=lambda {x}: abs({x}))"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_by_key(|x| x.abs());
            Some(Value::ints(v))
        },
        "A key function says by what to compare."
    ),
    rule!(
        "sort_by_remainder",
        3,
        [Ints],
        [(3, 7)],
        ["sort_by_remainder", "by_mod", "group_by_remainder"],
        ["{R} {a} sorted by the remainder when divided by {k}.", "Sort {a} by each number modulo {k}."],
        ["return sorted({a}, key=lambda {x}: {x} % {k})"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_by_key(|x| modulo(*x, c.k(0)));
            Some(Value::ints(v))
        },
        "Python's sort is stable: equal keys keep their order."
    ),
    rule!(
        "n_smallest",
        2,
        [SomeInts],
        [(1, 4)],
        ["smallest", "n_smallest", "lowest", "bottom"],
        [
            "{R} the {k} smallest numbers of {a} in ascending order.",
            "{B} a sorted list of the {k} smallest elements of {a}."
        ],
        ["return sorted({a})[:{k}]"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            v.truncate(c.k(0) as usize);
            Some(Value::ints(v))
        },
        "After sorting, the smallest numbers stand at the front."
    ),
    rule!(
        "n_largest",
        2,
        [SomeInts],
        [(1, 4)],
        ["largest", "n_largest", "highest", "top"],
        [
            "{R} the {k} largest numbers of {a} in descending order.",
            "{B} a list of the {k} largest elements of {a}, largest first."
        ],
        ["return sorted({a}, reverse=True)[:{k}]"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            v.reverse();
            v.truncate(c.k(0) as usize);
            Some(Value::ints(v))
        },
        "Sorting downwards puts the largest numbers at the front."
    ),
    rule!(
        "first_three_sorted",
        2,
        [Ints],
        [],
        ["is_sorted", "is_ascending", "in_order", "never_falls"],
        [
            "{W} the first three numbers of {a} are in ascending order.",
            "{W} the first three elements of {a} never fall."
        ],
        ["{t} = {a}[:3]\nreturn {t} == sorted({t})"],
        |c| Some(Bool(c.ints(0)?.into_iter().take(3).collect::<Vec<_>>().is_sorted())),
        "A list is in order when sorting doesn't change it."
    ),
    rule!(
        "sort_words_by_length",
        2,
        [Words],
        [],
        ["sort_by_length", "by_length", "shortest_first", "order_words"],
        ["{R} {a} sorted by length.", "Sort {a} from the shortest to the longest word."],
        ["return sorted({a}, key=len)"],
        |c| {
            let mut v = c.strs(0)?;
            v.sort_by_key(String::len);
            Some(Value::strs(v))
        },
        "The function len serves as the key."
    ),
    rule!(
        "sort_pairs_by_second",
        2,
        [Pairs],
        [],
        ["sort_by_second", "by_second", "order_pairs", "sort_pairs"],
        ["{R} {a} sorted by the second element of each pair.", "Sort the pairs in {a} by their second number."],
        ["return sorted({a}, key=lambda {x}: {x}[1])"],
        |c| {
            let mut v = c.rows(0)?;
            v.sort_by_key(|p| p[1]);
            Some(Value::List(v.into_iter().map(|p| Value::Tuple(p.into_iter().map(Value::Int).collect())).collect()))
        },
        "The key picks the part of each pair that counts."
    ),
    rule!(
        "bubble_sort",
        4,
        [Ints],
        [],
        ["bubble_sort", "swap_sort", "sort_by_swaps"],
        [
            "Sort {a} by swapping neighbours and return the sorted copy.",
            "{R} a sorted copy of {a}, made by bubble sort."
        ],
        [
            "{a} = list({a})\nfor {i} in range(len({a})):\n    for {y} in range(len({a}) - 1 - {i}):\n        if {a}[{y}] > {a}[{y} + 1]:\n            {a}[{y}], {a}[{y} + 1] = {a}[{y} + 1], {a}[{y}]\nreturn {a}"
        ],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            Some(Value::ints(v))
        },
        "After each pass the largest number left has reached its place."
    ),
    rule!(
        "merge_sorted",
        4,
        [Sorted, Sorted],
        [],
        ["merge_sorted", "merge", "merge_lists", "combine_sorted"],
        [
            "Merge the sorted lists {a} and {b} into one sorted list.",
            "{R} one sorted list with the elements of the sorted lists {a} and {b}."
        ],
        [
            "{t} = []\nwhile {a} and {b}:\n    if {a}[0] <= {b}[0]:\n        {t}.append({a}[0])\n        {a} = {a}[1:]\n    else:\n        {t}.append({b}[0])\n        {b} = {b}[1:]\nreturn {t} + {a} + {b}",
            "return sorted({a} + {b})"
        ],
        |c| {
            let mut v = [c.ints(0)?, c.ints(1)?].concat();
            v.sort_unstable();
            Some(Value::ints(v))
        },
        "The smaller of the two heads is always the next element."
    ),
];
