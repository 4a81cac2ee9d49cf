//! Arithmetic on one or two numbers.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{Bool, Int};
use crate::grammar::value::{floor_div, modulo};

pub(super) const RULES: &[Rule] = &[
    rule!(
        "add_constant",
        2,
        [Int],
        [(2, 40)],
        ["add", "increase", "plus", "shift", "raise_by"],
        ["{R} {a} plus {k}.", "{R} the sum of {a} and {k}.", "Add {k} to {a}.", "Increase {a} by {k}."],
        ["return {a} + {k}", "return {k} + {a}", "{t} = {a} + {k}\nreturn {t}"],
        |c| Some(Int(c.int(0)? + c.k(0))),
        "Adding a constant moves every number by the same distance."
    ),
    rule!(
        "linear",
        2,
        [Int],
        [(2, 9), (10, 30)],
        ["linear", "line", "scale_and_shift", "affine"],
        ["{R} {k} times {a} plus {m}.", "Multiply {a} by {k} and add {m}.", "{R} {a} times {k}, increased by {m}."],
        ["return {k} * {a} + {m}", "{t} = {a} * {k}\nreturn {t} + {m}"],
        |c| Some(Int(c.int(0)? * c.k(0) + c.k(1))),
        "Multiplication binds more tightly than addition, so no brackets are needed."
    ),
    rule!(
        "square",
        1,
        [Int],
        [],
        ["square", "squared", "to_the_second", "times_itself"],
        ["{R} the square of {a}.", "{R} {a} times itself.", "Multiply {a} by itself."],
        ["return {a} * {a}", "return {a} ** 2"],
        |c| Some(Int(c.int(0)?.pow(2))),
        "A square is a number multiplied by itself, so it is never negative."
    ),
    rule!(
        "difference",
        1,
        [Int, Int],
        [],
        ["difference", "minus", "subtract", "gap"],
        ["{R} {a} minus {b}.", "Subtract {b} from {a}.", "{R} how much {a} exceeds {b}."],
        ["return {a} - {b}", "{t} = {a} - {b}\nreturn {t}"],
        |c| Some(Int(c.int(0)? - c.int(1)?)),
        "The order matters: swapping the two numbers flips the sign."
    ),
    rule!(
        "distance",
        1,
        [Int, Int],
        [],
        ["distance", "absolute_difference", "how_far", "apart"],
        [
            "{R} the distance between {a} and {b}.",
            "{R} the absolute difference of {a} and {b}.",
            "{R} how far {a} is from {b}."
        ],
        ["return abs({a} - {b})", "if {a} > {b}:\n    return {a} - {b}\nreturn {b} - {a}"],
        |c| Some(Int((c.int(0)? - c.int(1)?).abs())),
        "Taking the absolute value makes the distance the same in both directions."
    ),
    rule!(
        "larger_of_two",
        1,
        [Int, Int],
        [],
        ["larger", "max_of_two", "bigger", "greater"],
        [
            "{R} the larger of {a} and {b}.",
            "{R} whichever of {a} and {b} is bigger.",
            "{R} the maximum of {a} and {b}."
        ],
        ["return max({a}, {b})", "if {a} > {b}:\n    return {a}\nreturn {b}", "return {a} if {a} > {b} else {b}"],
        |c| Some(Int(c.int(0)?.max(c.int(1)?))),
        "One comparison is enough to know which of two numbers is larger."
    ),
    rule!(
        "middle_of_three",
        3,
        [Int, Int, Int],
        [],
        ["middle", "median_of_three", "middle_value", "second_largest"],
        ["{R} the middle one of {a}, {b} and {c}.", "{R} the median of {a}, {b} and {c}."],
        ["return sorted([{a}, {b}, {c}])[1]", "return {a} + {b} + {c} - max({a}, {b}, {c}) - min({a}, {b}, {c})"],
        |c| {
            let mut v = [c.int(0)?, c.int(1)?, c.int(2)?];
            v.sort_unstable();
            Some(Int(v[1]))
        },
        "Sorting three numbers puts the median in the middle."
    ),
    rule!(
        "sum_of_two_squares",
        2,
        [Int, Int],
        [],
        ["sum_of_squares", "squares_added", "norm_squared"],
        [
            "{R} the sum of the squares of {a} and {b}.",
            "Square {a} and {b} and add the results.",
            "{R} {a} squared plus {b} squared."
        ],
        ["return {a} * {a} + {b} * {b}", "return {a} ** 2 + {b} ** 2"],
        |c| Some(Int(c.int(0)?.pow(2) + c.int(1)?.pow(2))),
        "Each number is squared before the two are added."
    ),
    rule!(
        "remainder",
        2,
        [Big],
        [(3, 12)],
        ["remainder", "mod", "leftover", "what_remains"],
        [
            "{R} the remainder of {a} divided by {k}.",
            "{R} what is left when {a} is divided by {k}.",
            "{R} {a} modulo {k}."
        ],
        ["return {a} % {k}", "{t} = {a} // {k}\nreturn {a} - {t} * {k}"],
        |c| Some(Int(modulo(c.int(0)?, c.k(0)))),
        "The remainder is always smaller than the divisor."
    ),
    rule!(
        "full_boxes",
        2,
        [Big],
        [(3, 12)],
        ["full_boxes", "groups", "how_many_fit", "whole_parts"],
        [
            "{R} how many times {k} fits into {a}.",
            "{R} the number of full boxes of {k} that {a} things fill.",
            "Divide {a} by {k}, rounding down."
        ],
        ["return {a} // {k}", "return ({a} - {a} % {k}) // {k}"],
        |c| Some(Int(floor_div(c.int(0)?, c.k(0)))),
        "Floor division throws the remainder away."
    ),
    rule!(
        "boxes_needed",
        3,
        [Big],
        [(3, 12)],
        ["boxes_needed", "ceil_div", "round_up", "pages"],
        [
            "{R} the number of boxes of {k} needed for {a} things.",
            "Divide {a} by {k}, rounding up.",
            "{R} how many groups of {k} hold {a} people."
        ],
        [
            "return ({a} + {k} - 1) // {k}",
            "{t} = {a} // {k}\nif {a} % {k}:\n    {t} += 1\nreturn {t}",
            "return -(-{a} // {k})"
        ],
        |c| Some(Int(floor_div(c.int(0)? + c.k(0) - 1, c.k(0)))),
        "Adding the divisor less one before dividing rounds up instead of down."
    ),
    rule!(
        "round_to_multiple",
        3,
        [Big],
        [(3, 12)],
        ["round_down", "floor_multiple", "snap", "largest_multiple"],
        ["{R} the largest multiple of {k} not above {a}.", "Round {a} down to a multiple of {k}."],
        ["return {a} - {a} % {k}", "return {a} // {k} * {k}"],
        |c| Some(Int(c.int(0)? - modulo(c.int(0)?, c.k(0)))),
        "Subtracting the remainder leaves a multiple of the divisor."
    ),
    rule!(
        "is_multiple",
        2,
        [Nat],
        [(2, 6)],
        ["is_multiple", "divides", "is_divisible", "divisible_by"],
        ["{W} {a} is a multiple of {k}.", "{W} {a} is divisible by {k}.", "{W} {k} divides {a}."],
        ["return {a} % {k} == 0", "return not {a} % {k}"],
        |c| Some(Bool(modulo(c.int(0)?, c.k(0)) == 0)),
        "A number is a multiple of another when the remainder is zero."
    ),
    rule!(
        "in_interval",
        2,
        [Int],
        [(-5, 9), (10, 30)],
        ["in_range", "is_between", "inside", "within"],
        ["{W} {a} lies between {k} and {m}, both included.", "{W} {a} is at least {k} and at most {m}."],
        ["return {k} <= {a} <= {m}", "return {a} >= {k} and {a} <= {m}"],
        |c| Some(Bool((c.k(0)..=c.k(1)).contains(&c.int(0)?))),
        "Python lets two comparisons be chained as in mathematics."
    ),
    rule!(
        "average_floor",
        1,
        [Int, Int],
        [],
        ["average", "mean_of_two", "midpoint", "halfway"],
        ["{R} the average of {a} and {b}, rounded down.", "{R} the midpoint of {a} and {b}, rounded down."],
        ["return ({a} + {b}) // 2", "{t} = {a} + {b}\nreturn {t} // 2"],
        |c| Some(Int(floor_div(c.int(0)? + c.int(1)?, 2))),
        "The brackets make Python add before it divides."
    ),
];
