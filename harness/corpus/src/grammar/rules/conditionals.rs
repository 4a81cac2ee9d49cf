//! Decisions.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool, Int};
use crate::grammar::value::{floor_div, modulo};

pub(super) const RULES: &[Rule] = &[
    rule!(
        "sign",
        1,
        [Int],
        [],
        ["sign", "signum", "sign_of", "direction"],
        ["{R} 1 if {a} is positive, -1 if it is negative, else 0.", "{R} the sign of {a}: 1, -1 or 0."],
        ["if {a} > 0:\n    return 1\nif {a} < 0:\n    return -1\nreturn 0", "return ({a} > 0) - ({a} < 0)"],
        |c| Some(Int(c.int(0)?.signum())),
        "Two tests are enough for three cases."
    ),
    rule!(
        "parity_word",
        1,
        [Int],
        [],
        ["parity", "even_or_odd", "kind_of_number", "name_parity"],
        ["{R} 'even' if {a} is even, else 'odd'.", "{R} the word 'even' or 'odd' for {a}."],
        ["return \"even\" if {a} % 2 == 0 else \"odd\"", "if {a} % 2 == 0:\n    return \"even\"\nreturn \"odd\""],
        |c| Some(Value::str(if modulo(c.int(0)?, 2) == 0 { "even" } else { "odd" })),
        "The remainder by two decides."
    ),
    rule!(
        "clamp",
        2,
        [Int],
        [(-5, 8), (12, 30)],
        ["clamp", "limit", "clip", "keep_within"],
        ["{R} {a} limited to the range from {k} to {m}.", "Clamp {a} between {k} and {m}."],
        ["return max({k}, min({m}, {a}))", "if {a} < {k}:\n    return {k}\nif {a} > {m}:\n    return {m}\nreturn {a}"],
        |c| Some(Int(c.int(0)?.clamp(c.k(0), c.k(1)))),
        "The lower bound is enforced by max, the upper one by min."
    ),
    rule!(
        "grade",
        3,
        [Int],
        [(0, 12), (15, 32)],
        ["grade", "level_name", "rate", "classify"],
        ["{R} 'low' if {a} is below {k}, 'high' if it is above {m}, else 'mid'."],
        ["if {a} < {k}:\n    return \"low\"\nif {a} > {m}:\n    return \"high\"\nreturn \"mid\""],
        |c| {
            let n = c.int(0)?;
            Some(Value::str(if n < c.k(0) {
                "low"
            } else if n > c.k(1) {
                "high"
            } else {
                "mid"
            }))
        },
        "Each return ends the function, so no else is needed."
    ),
    rule!(
        "halve_or_add",
        3,
        [Int],
        [(2, 9)],
        ["halve_or_add", "one_step", "next_number", "branch"],
        ["{R} half of {a} if it is even, else {a} plus {k}.", "Halve {a} if it is even; otherwise add {k}."],
        ["if {a} % 2 == 0:\n    return {a} // 2\nreturn {a} + {k}", "return {a} // 2 if {a} % 2 == 0 else {a} + {k}"],
        |c| {
            let n = c.int(0)?;
            Some(Int(if modulo(n, 2) == 0 { floor_div(n, 2) } else { n + c.k(0) }))
        },
        "The condition picks one of two formulas."
    ),
    rule!(
        "fee",
        3,
        [Nat],
        [(2, 6), (8, 16)],
        ["fee", "price", "cost", "charge"],
        [
            "{R} the cost of {a} items at {k} each, with the items beyond {m} free.",
            "Items cost {k} each, but at most {m} are charged. Return the cost of {a}."
        ],
        ["return min({a}, {m}) * {k}", "if {a} > {m}:\n    return {m} * {k}\nreturn {a} * {k}"],
        |c| Some(Int(c.int(0)?.min(c.k(1)) * c.k(0))),
        "A cap on the count is a minimum."
    ),
    rule!(
        "tiered_price",
        4,
        [Nat],
        [(2, 5), (6, 14)],
        ["tiered_price", "tier_cost", "bulk_price", "two_rates"],
        [
            "Each of the first {m} items costs {k} and every further one costs 1. Return the cost of {a} items.",
            "{R} the price of {a} items when the first {m} cost {k} each and the others 1 each."
        ],
        ["if {a} <= {m}:\n    return {a} * {k}\nreturn {m} * {k} + {a} - {m}"],
        |c| {
            let n = c.int(0)?;
            Some(Int(if n <= c.k(1) { n * c.k(0) } else { c.k(1) * c.k(0) + n - c.k(1) }))
        },
        "The count is split at the limit, and each part has its own price."
    ),
    rule!(
        "is_triangle",
        2,
        [Small, Small, Small],
        [],
        ["is_triangle", "valid_triangle", "can_form_triangle"],
        [
            "{W} {a}, {b} and {c} can be the sides of a triangle.",
            "{W} each of {a}, {b} and {c} is less than the sum of the others."
        ],
        ["return {a} + {b} > {c} and {a} + {c} > {b} and {b} + {c} > {a}"],
        |c| {
            let (x, y, z) = (c.int(0)?, c.int(1)?, c.int(2)?);
            Some(Bool(x + y > z && x + z > y && y + z > x))
        },
        "All three conditions must hold, so they are joined by and."
    ),
    rule!(
        "same_parity",
        2,
        [Int, Int],
        [],
        ["same_parity", "both_even_or_odd", "match_parity"],
        ["{W} {a} and {b} are both even or both odd.", "{W} {a} and {b} have the same parity."],
        ["return {a} % 2 == {b} % 2", "return ({a} + {b}) % 2 == 0"],
        |c| Some(Bool(modulo(c.int(0)?, 2) == modulo(c.int(1)?, 2))),
        "Two remainders can be compared directly."
    ),
    rule!(
        "leap_like",
        4,
        [Big],
        [(3, 5), (6, 12)],
        ["special_number", "is_special", "rule_year", "leap_like"],
        ["{W} {a} is divisible by {k} but not by {m}.", "{W} {k} divides {a} and {m} doesn't."],
        ["return {a} % {k} == 0 and {a} % {m} != 0", "if {a} % {m} == 0:\n    return False\nreturn {a} % {k} == 0"],
        |c| {
            let n = c.int(0)?;
            Some(Bool(n % c.k(0) == 0 && n % c.k(1) != 0))
        },
        "and needs both sides to hold."
    ),
];
