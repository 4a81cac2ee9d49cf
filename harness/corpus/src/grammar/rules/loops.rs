//! Loops that count, build and stop.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Int};

pub(super) const RULES: &[Rule] = &[
    rule!(
        "sum_to_n",
        1,
        [Nat],
        [],
        ["sum_to", "sum_up_to", "triangle", "sum_range"],
        ["{R} the sum of the numbers from 1 to {a}.", "Add all whole numbers up to {a}."],
        [
            "return sum(range({a} + 1))",
            "{t} = 0\nfor {i} in range(1, {a} + 1):\n    {t} += {i}\nreturn {t}",
            "return {a} * ({a} + 1) // 2"
        ],
        |c| {
            let n = c.int(0)?;
            Some(Int(n * (n + 1) / 2))
        },
        "The range must go one further than the last number wanted."
    ),
    rule!(
        "countdown",
        1,
        [Small],
        [],
        ["countdown", "count_down", "down_to_one", "descending"],
        ["{R} the list of numbers from {a} down to 1.", "Count down from {a} to 1 in a list."],
        ["return list(range({a}, 0, -1))", "{t} = []\nwhile {a} > 0:\n    {t}.append({a})\n    {a} -= 1\nreturn {t}"],
        |c| Some(Value::ints((1..=c.int(0)?).rev())),
        "A negative step makes a range go down."
    ),
    rule!(
        "power_loop",
        3,
        [Small],
        [(2, 5)],
        ["power_of", "raise_to", "powers", "exponent"],
        [
            "{R} {k} to the power of {a}, by repeated multiplication.",
            "Multiply {k} by itself so that it is a factor {a} times."
        ],
        ["{t} = 1\nfor {i} in range({a}):\n    {t} *= {k}\nreturn {t}"],
        |c| Some(Int(c.k(0).pow(u32::try_from(c.int(0)?).ok()?))),
        "Every round multiplies once more."
    ),
    rule!(
        "halvings",
        3,
        [Big],
        [(2, 5)],
        ["halvings", "times_divided", "divide_count", "steps_down"],
        [
            "{R} how often {a} can be divided by {k}, rounding down, until it is 0.",
            "Count the floor divisions by {k} that bring {a} to 0."
        ],
        ["{t} = 0\nwhile {a} > 0:\n    {a} //= {k}\n    {t} += 1\nreturn {t}"],
        |c| {
            let (mut n, mut t) = (c.int(0)?, 0);
            while n > 0 {
                n /= c.k(0);
                t += 1;
            }
            Some(Int(t))
        },
        "The loop goes on as long as something is left to divide."
    ),
    rule!(
        "sum_until",
        4,
        [Ints],
        [(8, 20)],
        ["sum_until", "stop_above", "add_while_small", "budget"],
        [
            "Add the numbers in {a} in order and return the first sum above {k}, or the whole sum.",
            "{R} the running sum of {a} as soon as it exceeds {k}, else the total."
        ],
        ["{t} = 0\nfor {x} in {a}:\n    {t} += {x}\n    if {t} > {k}:\n        break\nreturn {t}"],
        |c| {
            let mut t = 0;
            for x in c.ints(0)? {
                t += x;
                if t > c.k(0) {
                    break;
                }
            }
            Some(Int(t))
        },
        "break leaves the loop at once."
    ),
    rule!(
        "take_until",
        3,
        [Ints, Int],
        [],
        ["take_until", "before_first", "up_to_value", "until_seen"],
        ["{R} the elements of {a} before the first {b}.", "Collect the numbers of {a} until {b} comes."],
        ["{t} = []\nfor {x} in {a}:\n    if {x} == {b}:\n        break\n    {t}.append({x})\nreturn {t}"],
        |c| {
            let k = c.int(1)?;
            Some(Value::ints(c.ints(0)?.into_iter().take_while(|x| *x != k)))
        },
        "The test comes before the append, so the element itself is left out."
    ),
    rule!(
        "savings_years",
        4,
        [Small],
        [(20, 90)],
        ["years_to_reach", "doubling_steps", "growth_steps", "times_doubled"],
        [
            "{R} how often {a} must be doubled to reach at least {k}.",
            "Count the doublings that bring {a} to {k} or more."
        ],
        ["{t} = 0\nwhile {a} < {k}:\n    {a} *= 2\n    {t} += 1\nreturn {t}"],
        |c| {
            let (mut n, mut t) = (c.int(0)?, 0);
            while n < c.k(0) {
                n *= 2;
                t += 1;
            }
            Some(Int(t))
        },
        "The loop's condition is the opposite of the goal."
    ),
    rule!(
        "staircase",
        2,
        [Small],
        [],
        ["staircase", "triangle_text", "stars", "growing_rows"],
        [
            "{R} a list of {a} strings of stars with lengths 1, 2, up to {a}.",
            "{B} {a} strings of stars, each one star longer than the last."
        ],
        ["return [\"*\" * {i} for {i} in range(1, {a} + 1)]"],
        |c| Some(Value::strs((1..=c.int(0)?).map(|i| "*".repeat(i as usize)))),
        "A string times a number repeats it."
    ),
    rule!(
        "fizz_list",
        4,
        [Small],
        [(2, 3), (4, 6)],
        ["fizz", "fizz_buzz", "labels", "say_numbers"],
        ["List the numbers 1 to {a} with 'x' for multiples of {k} and 'y' for other multiples of {m}."],
        [
            "{t} = []\nfor {i} in range(1, {a} + 1):\n    if {i} % {k} == 0:\n        {t}.append(\"x\")\n    elif {i} % {m} == 0:\n        {t}.append(\"y\")\n    else:\n        {t}.append({i})\nreturn {t}"
        ],
        |c| Some(Value::List(
            (1..=c.int(0)?)
                .map(|i| if i % c.k(0) == 0 {
                    Value::str("x")
                } else if i % c.k(1) == 0 {
                    Value::str("y")
                } else {
                    Int(i)
                })
                .collect()
        )),
        "The first test that holds decides; the others aren't looked at."
    ),
];
