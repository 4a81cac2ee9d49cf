//! Functions that call themselves.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Int};

pub(super) const RULES: &[Rule] = &[
    rule!(
        "factorial",
        2,
        [Small],
        [],
        ["factorial", "fact", "product_to", "permutations"],
        ["{R} the factorial of {a}, by recursion.", "{R} the product of the numbers from 1 to {a}, recursively."],
        ["if {a} <= 1:\n    return 1\nreturn {a} * {f}({a} - 1)", "return 1 if {a} <= 1 else {a} * {f}({a} - 1)"],
        |c| Some(Int((1..=c.int(0)?).product())),
        "A recursive function needs a case that it answers without calling itself."
    ),
    rule!(
        "fibonacci",
        2,
        [Small],
        [],
        ["fibonacci", "fib", "nth_fibonacci", "rabbits"],
        [
            "{R} Fibonacci number {a}, where numbers 0 and 1 are 0 and 1.",
            "{R} the {a}th Fibonacci number, starting with 0 and 1."
        ],
        [
            "if {a} < 2:\n    return {a}\nreturn {f}({a} - 1) + {f}({a} - 2)",
            "{x}, {y} = 0, 1\nfor {i} in range({a}):\n    {x}, {y} = {y}, {x} + {y}\nreturn {x}"
        ],
        |c| {
            let (mut a, mut b) = (0, 1);
            for _ in 0..c.int(0)? {
                (a, b) = (b, a + b);
            }
            Some(Int(a))
        },
        "Every Fibonacci number is the sum of the two before it."
    ),
    rule!(
        "recurrence",
        4,
        [Small],
        [(2, 3), (4, 9)],
        ["recurrence", "sequence", "nth_term", "grow"],
        [
            "{R} term {a} of the sequence whose term 0 is {m} and where each term is {k} times the last plus 1.",
            "A sequence starts with {m}, and each next term is {k} times the last plus 1. Return term {a}."
        ],
        [
            "if {a} == 0:\n    return {m}\nreturn {k} * {f}({a} - 1) + 1",
            "{t} = {m}\nfor {i} in range({a}):\n    {t} = {k} * {t} + 1\nreturn {t}"
        ],
        |c| {
            let mut t = c.k(1);
            for _ in 0..c.int(0)? {
                t = c.k(0) * t + 1;
            }
            Some(Int(t))
        },
        "The start of the sequence is the base case, its rule the recursive one."
    ),
    rule!(
        "sum_recursive",
        2,
        [Ints],
        [],
        ["sum_recursive", "add_recursively", "rec_sum", "list_total"],
        ["{R} the sum of {a} by recursion.", "Add up {a} recursively."],
        ["if not {a}:\n    return 0\nreturn {a}[0] + {f}({a}[1:])", "return {a}[0] + {f}({a}[1:]) if {a} else 0"],
        |c| Some(Int(c.ints(0)?.iter().sum())),
        "A list is its head and a shorter list, and the empty list sums to zero."
    ),
    rule!(
        "max_recursive",
        3,
        [SomeInts],
        [],
        ["max_recursive", "rec_max", "largest_rec", "find_max"],
        ["{R} the largest number in {a} by recursion.", "Find the maximum of {a} recursively."],
        ["if len({a}) == 1:\n    return {a}[0]\nreturn max({a}[0], {f}({a}[1:]))"],
        |c| c.ints(0)?.into_iter().max().map(Int),
        "The maximum of a list is its head or the maximum of the rest."
    ),
    rule!(
        "reverse_recursive",
        2,
        [Str],
        [],
        ["reverse_recursive", "rec_reverse", "flip_rec", "backwards_rec"],
        ["{R} {a} reversed, by recursion.", "Reverse {a} recursively."],
        [
            "if {a} == \"\":\n    return \"\"\nreturn {f}({a}[1:]) + {a}[0]",
            "if len({a}) < 2:\n    return {a}\nreturn {a}[-1] + {f}({a}[:-1])"
        ],
        |c| Some(Value::Str(c.str(0)?.chars().rev().collect())),
        "The first character goes behind the reversed rest."
    ),
    rule!(
        "power",
        2,
        [Small, Small],
        [],
        ["power", "raise_to", "exponentiate"],
        ["{R} {a} to the power of {b}.", "Raise {a} to the power {b} by repeated multiplication."],
        ["{t} = 1\nfor {i} in range({b}):\n    {t} *= {a}\nreturn {t}"],
        |c| c.int(0)?.checked_pow(u32::try_from(c.int(1)?).ok()?).map(Int),
        "A power is the base times the next lower power."
    ),
    rule!(
        "count_recursive",
        3,
        [Ints],
        [(0, 9)],
        ["count_recursive", "rec_count", "count_over", "tally"],
        [
            "{R} how many numbers in {a} are greater than {k}, by recursion.",
            "Count recursively the elements of {a} above {k}."
        ],
        [
            "if not {a}:\n    return 0\nreturn ({a}[0] > {k}) + {f}({a}[1:])",
            "if not {a}:\n    return 0\nif {a}[0] > {k}:\n    return 1 + {f}({a}[1:])\nreturn {f}({a}[1:])"
        ],
        |c| Some(Int(c.ints(0)?.iter().filter(|x| **x > c.k(0)).count() as i128)),
        "True counts as one and False as nought when they are added."
    ),
    rule!(
        "steps_recursive",
        3,
        [Nat],
        [(2, 6)],
        ["steps", "jumps", "rec_steps", "how_many_steps"],
        ["{R} how often {k} can be subtracted from {a} before it is below {k}, by recursion."],
        ["if {a} < {k}:\n    return 0\nreturn 1 + {f}({a} - {k})"],
        |c| Some(Int(c.int(0)? / c.k(0))),
        "Each call handles one step and leaves the others to the next call."
    ),
];
