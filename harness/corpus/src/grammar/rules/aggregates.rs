//! One number out of a list.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{Bool, Int};

pub(super) const RULES: &[Rule] = &[
    rule!(
        "sum_list",
        1,
        [Ints],
        [],
        ["sum_list", "total", "add_all", "add_up"],
        ["{R} the sum of the numbers in {a}.", "Add up all numbers in {a}.", "{R} the total of {a}."],
        ["return sum({a})", "{t} = 0\nfor {x} in {a}:\n    {t} += {x}\nreturn {t}"],
        |c| Some(Int(c.ints(0)?.iter().sum())),
        "The accumulator starts at zero and takes in one number after the other."
    ),
    rule!(
        "product_list",
        1,
        [Ints],
        [],
        ["product", "multiply_all", "product_of_list", "times_all"],
        [
            "{R} the product of the numbers in {a}.",
            "Multiply all numbers in {a}.",
            "{R} the product of all elements of {a}."
        ],
        ["{t} = 1\nfor {x} in {a}:\n    {t} *= {x}\nreturn {t}"],
        |c| Some(Int(c.ints(0)?.iter().product())),
        "A product starts at one, since one changes nothing in a multiplication."
    ),
    rule!(
        "sum_of_squares",
        1,
        [Ints],
        [],
        ["sum_squares", "square_sum", "squares_total", "add_squares"],
        [
            "{R} the sum of the squares of the numbers in {a}.",
            "Square every number in {a} and add the results.",
            "{R} the total of the squared elements of {a}."
        ],
        ["return sum({x} * {x} for {x} in {a})", "{t} = 0\nfor {x} in {a}:\n    {t} += {x} * {x}\nreturn {t}"],
        |c| Some(Int(c.ints(0)?.iter().map(|x| x * x).sum())),
        "Each element is squared on its way into the sum."
    ),
    rule!(
        "value_range",
        1,
        [SomeInts],
        [],
        ["value_range", "spread", "max_minus_min", "width"],
        [
            "{R} the difference between the largest and the smallest number in {a}.",
            "{R} the range of {a}: its maximum minus its minimum."
        ],
        ["return max({a}) - min({a})"],
        |c| {
            let v = c.ints(0)?;
            Some(Int(v.iter().max()? - v.iter().min()?))
        },
        "The spread of a list is the distance between its extremes."
    ),
    rule!(
        "mean_floor",
        1,
        [SomeInts],
        [],
        ["mean", "average", "list_average", "mean_of_list"],
        ["{R} the average of {a}, rounded down.", "{R} the mean of the numbers in {a}, rounded down."],
        ["return sum({a}) // len({a})", "{t} = 0\nfor {x} in {a}:\n    {t} += {x}\nreturn {t} // len({a})"],
        |c| {
            let v = c.ints(0)?;
            (!v.is_empty()).then(|| Int(v.iter().sum::<i128>().div_euclid(v.len() as i128)))
        },
        "The average is the sum divided by how many numbers there are."
    ),
    rule!(
        "count_greater",
        2,
        [Ints],
        [(0, 9)],
        ["count_greater", "count_above", "how_many_above", "num_larger"],
        [
            "{R} how many numbers in {a} are greater than {k}.",
            "Count the elements of {a} above {k}.",
            "{R} the number of elements of {a} that exceed {k}."
        ],
        [
            "return sum(1 for {x} in {a} if {x} > {k})",
            "return len([{x} for {x} in {a} if {x} > {k}])",
            "{t} = 0\nfor {x} in {a}:\n    if {x} > {k}:\n        {t} += 1\nreturn {t}"
        ],
        |c| Some(Int(c.ints(0)?.iter().filter(|x| **x > c.k(0)).count() as i128)),
        "Counting means adding one for every element that passes the test."
    ),
    rule!(
        "count_equal",
        2,
        [Ints, Int],
        [],
        ["count_equal", "occurrences", "times_found", "how_often"],
        ["{R} how often {b} occurs in {a}.", "Count how many elements of {a} equal {b}."],
        [
            "return {a}.count({b})",
            "return sum(1 for {x} in {a} if {x} == {b})",
            "{t} = 0\nfor {x} in {a}:\n    if {x} == {b}:\n        {t} += 1\nreturn {t}"
        ],
        |c| {
            let k = c.int(1)?;
            Some(Int(c.ints(0)?.iter().filter(|x| **x == k).count() as i128))
        },
        "A list knows how to count an element by itself."
    ),
    rule!(
        "all_positive",
        1,
        [Ints],
        [],
        ["all_positive", "only_positive", "every_positive"],
        ["{W} all numbers in {a} are positive.", "{W} every element of {a} is greater than 0."],
        ["return all({x} > 0 for {x} in {a})", "for {x} in {a}:\n    if {x} <= 0:\n        return False\nreturn True"],
        |c| Some(Bool(c.ints(0)?.iter().all(|x| *x > 0))),
        "One element that fails is enough to answer no."
    ),
    rule!(
        "any_greater",
        2,
        [Ints],
        [(5, 14)],
        ["any_greater", "has_above", "exceeds", "some_larger"],
        ["{W} any number in {a} is greater than {k}.", "{W} {a} holds a number above {k}."],
        [
            "return any({x} > {k} for {x} in {a})",
            "for {x} in {a}:\n    if {x} > {k}:\n        return True\nreturn False"
        ],
        |c| Some(Bool(c.ints(0)?.iter().any(|x| *x > c.k(0)))),
        "One element that passes is enough to answer yes."
    ),
    rule!(
        "second_largest",
        3,
        [SomeInts],
        [],
        ["second_largest", "runner_up", "second_max", "next_to_largest"],
        ["{R} the second largest distinct number in {a}, or None if there is none."],
        ["{t} = sorted(set({a}))\nif len({t}) < 2:\n    return None\nreturn {t}[-2]"],
        |c| {
            let mut v = c.ints(0)?;
            v.sort_unstable();
            v.dedup();
            if v.len() < 2 { None } else { Some(Int(v[v.len() - 2])) }
        },
        "A set removes repeats, so the second from the end is really smaller."
    ),
    rule!(
        "alternating_sum",
        3,
        [Ints],
        [],
        ["alternating_sum", "plus_minus", "zigzag_sum", "signed_sum"],
        [
            "{R} the sum of {a} with alternating signs, starting with plus.",
            "Add and subtract the numbers in {a} in turn, beginning with adding."
        ],
        [
            "return sum({a}[::2]) - sum({a}[1::2])",
            "{t} = 0\nfor {i}, {x} in enumerate({a}):\n    if {i} % 2 == 0:\n        {t} += {x}\n    else:\n        {t} -= {x}\nreturn {t}"
        ],
        |c| Some(Int(c.ints(0)?.iter().enumerate().map(|(i, x)| if i % 2 == 0 { *x } else { -*x }).sum())),
        "The index tells which sign is due."
    ),
    rule!(
        "longest_run",
        4,
        [Ints],
        [],
        ["longest_run", "max_streak", "longest_streak", "best_run"],
        [
            "{R} the length of the longest run of positive numbers in {a}.",
            "{R} how many positive numbers stand in a row in {a} at most."
        ],
        ["{t} = 0\nrun = 0\nfor {x} in {a}:\n    run = run + 1 if {x} > 0 else 0\n    {t} = max({t}, run)\nreturn {t}"],
        |c| Some(Int(c
            .ints(0)?
            .iter()
            .fold((0, 0), |(b, r), x| {
                let r = if *x > 0 { r + 1 } else { 0 };
                (b.max(r), r)
            })
            .0)),
        "Two counters are kept: the run that goes on now, and the best so far."
    ),
    rule!(
        "best_profit",
        4,
        [SomeInts],
        [],
        ["best_profit", "max_gain", "largest_rise", "max_profit"],
        [
            "{R} the largest gain from buying at one price in {a} and selling at a later one, or 0.",
            "{R} the largest increase from one number in {a} to a later one, or 0."
        ],
        ["{t} = 0\nlow = {a}[0]\nfor {x} in {a}:\n    low = min(low, {x})\n    {t} = max({t}, {x} - low)\nreturn {t}"],
        |c| {
            let v = c.ints(0)?;
            Some(Int(v
                .iter()
                .fold((0, *v.first()?), |(b, l): (i128, i128), x| {
                    let l = l.min(*x);
                    (b.max(x - l), l)
                })
                .0))
        },
        "The lowest price so far is all that needs to be remembered."
    ),
];
