//! Divisors, digits, primes.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool, Int};

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn is_prime(n: i128) -> bool {
    n > 1 && (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0)
}

fn digits(n: i128) -> Vec<i128> {
    n.to_string().bytes().filter(u8::is_ascii_digit).map(|b| i128::from(b - b'0')).collect()
}

pub(super) const RULES: &[Rule] = &[
    rule!(
        "digit_sum",
        1,
        [Big],
        [],
        ["digit_sum", "sum_digits", "add_digits", "cross_sum"],
        ["{R} the sum of the digits of {a}.", "Add up the digits of {a}.", "{R} the digit sum of {a}."],
        [
            "return sum(int({x}) for {x} in str({a}))",
            "{t} = 0\nwhile {a} > 0:\n    {t} += {a} % 10\n    {a} //= 10\nreturn {t}"
        ],
        |c| Some(Int(digits(c.int(0)?).iter().sum())),
        "Turning the number into a string gives its digits one by one."
    ),
    rule!(
        "count_digits",
        1,
        [Big],
        [],
        ["count_digits", "num_digits", "digit_count", "length_of_number"],
        ["{R} the number of digits of {a}.", "Count the digits of {a}.", "{R} how many digits {a} has."],
        ["return len(str({a}))", "{t} = 1\nwhile {a} >= 10:\n    {a} //= 10\n    {t} += 1\nreturn {t}"],
        |c| Some(Int(digits(c.int(0)?).len() as i128)),
        "The length of a number's text is the count of its digits."
    ),
    rule!(
        "count_digit",
        2,
        [Big],
        [(1, 9)],
        ["count_digit", "digit_occurrences", "times_digit", "how_many_digits"],
        ["{R} how often the digit {k} occurs in {a}.", "Count the digits of {a} that equal {k}."],
        ["return str({a}).count(\"{k}\")", "return sum(1 for {x} in str({a}) if {x} == \"{k}\")"],
        |c| Some(Int(digits(c.int(0)?).iter().filter(|d| **d == c.k(0)).count() as i128)),
        "Counting a digit is easiest on the number's text."
    ),
    rule!(
        "reverse_digits",
        2,
        [Big],
        [],
        ["reverse_digits", "reverse_number", "backwards", "flip_digits"],
        [
            "{R} {a} with its digits in reverse order.",
            "Reverse the digits of {a}.",
            "{R} {a} written backwards, as a number."
        ],
        [
            "return int(str({a})[::-1])",
            "{t} = 0\nwhile {a} > 0:\n    {t} = {t} * 10 + {a} % 10\n    {a} //= 10\nreturn {t}"
        ],
        |c| Some(Int(digits(c.int(0)?).iter().rev().fold(0, |n, d| n * 10 + d))),
        "Multiplying by ten makes room for the next digit."
    ),
    rule!(
        "largest_digit",
        1,
        [Big],
        [],
        ["largest_digit", "max_digit", "biggest_digit", "top_digit"],
        ["{R} the largest digit of {a}.", "{R} the biggest digit in {a}."],
        ["return max(int({x}) for {x} in str({a}))", "return int(max(str({a})))"],
        |c| digits(c.int(0)?).into_iter().max().map(Int),
        "The digits are compared one by one, and the largest is kept."
    ),
    rule!(
        "gcd",
        3,
        [Nat, Nat],
        [],
        ["gcd", "greatest_common_divisor", "common_divisor", "largest_divisor"],
        ["{R} the greatest common divisor of {a} and {b}.", "{R} the largest number that divides both {a} and {b}."],
        ["while {b}:\n    {a}, {b} = {b}, {a} % {b}\nreturn {a}"],
        |c| Some(Int(gcd(c.int(0)?, c.int(1)?))),
        "Euclid's algorithm replaces the larger number by the remainder until nothing remains."
    ),
    rule!(
        "lcm",
        3,
        [Small, Small],
        [],
        ["lcm", "least_common_multiple", "common_multiple", "smallest_multiple"],
        ["{R} the least common multiple of {a} and {b}.", "{R} the smallest number that both {a} and {b} divide."],
        ["{t} = {a}\nwhile {t} % {b} != 0:\n    {t} += {a}\nreturn {t}"],
        |c| {
            let (a, b) = (c.int(0)?, c.int(1)?);
            Some(Int(a * b / gcd(a, b)))
        },
        "Stepping through the multiples of one number finds the first that the other divides."
    ),
    rule!(
        "is_prime",
        3,
        [Nat],
        [],
        ["is_prime", "prime", "has_no_divisors", "check_prime"],
        ["{W} {a} is a prime number.", "{W} {a} is prime."],
        [
            "if {a} < 2:\n    return False\nfor {i} in range(2, {a}):\n    if {a} % {i} == 0:\n        return False\nreturn True",
            "return {a} > 1 and all({a} % {i} for {i} in range(2, {a}))"
        ],
        |c| Some(Bool(is_prime(c.int(0)?))),
        "A prime has no divisor between one and itself, so a single divisor is enough to say no."
    ),
    rule!(
        "count_primes",
        4,
        [Nat],
        [],
        ["count_primes", "primes_below", "num_primes", "prime_count"],
        ["{R} how many primes are less than {a}.", "Count the prime numbers below {a}."],
        [
            "{t} = 0\nfor {x} in range(2, {a}):\n    if all({x} % {i} for {i} in range(2, {x})):\n        {t} += 1\nreturn {t}"
        ],
        |c| Some(Int((0..c.int(0)?).filter(|n| is_prime(*n)).count() as i128)),
        "An inner loop tests each candidate, an outer one counts those that pass."
    ),
    rule!(
        "divisors",
        2,
        [Nat],
        [],
        ["divisors", "factors", "all_divisors", "list_factors"],
        [
            "{R} the list of all divisors of {a} in ascending order.",
            "List the positive divisors of {a}.",
            "{R} every number from 1 to {a} that divides {a}."
        ],
        [
            "return [{i} for {i} in range(1, {a} + 1) if {a} % {i} == 0]",
            "{t} = []\nfor {i} in range(1, {a} + 1):\n    if {a} % {i} == 0:\n        {t}.append({i})\nreturn {t}"
        ],
        |c| {
            let n = c.int(0)?;
            Some(Value::ints((1..=n).filter(|d| n % d == 0)))
        },
        "Every divisor lies between one and the number itself."
    ),
    rule!(
        "count_divisors",
        3,
        [Nat],
        [],
        ["count_divisors", "num_factors", "divisor_count", "how_many_divisors"],
        ["{R} the number of divisors of {a}.", "Count the positive divisors of {a}."],
        [
            "return sum(1 for {i} in range(1, {a} + 1) if {a} % {i} == 0)",
            "{t} = 0\nfor {i} in range(1, {a} + 1):\n    if {a} % {i} == 0:\n        {t} += 1\nreturn {t}"
        ],
        |c| {
            let n = c.int(0)?;
            Some(Int((1..=n).filter(|d| n % d == 0).count() as i128))
        },
        "Adding one for every divisor counts them."
    ),
    rule!(
        "smallest_factor",
        3,
        [Nat],
        [],
        ["smallest_factor", "least_divisor", "first_factor", "min_factor"],
        ["{R} the smallest divisor of {a} that is greater than 1.", "{R} the least factor of {a} above 1."],
        ["{i} = 2\nwhile {a} % {i} != 0:\n    {i} += 1\nreturn {i}"],
        |c| {
            let n = c.int(0)?;
            (n > 1).then(|| (2..=n).find(|d| n % d == 0).map(Int))?
        },
        "The first divisor found when counting upwards is the smallest."
    ),
    rule!(
        "sum_multiples_below",
        3,
        [Nat],
        [(2, 6)],
        ["sum_multiples", "add_multiples", "multiples_total"],
        ["{R} the sum of the multiples of {k} below {a}.", "Add all numbers less than {a} that are divisible by {k}."],
        ["return sum({x} for {x} in range({a}) if {x} % {k} == 0)", "return sum(range(0, {a}, {k}))"],
        |c| Some(Int((0..c.int(0)?).filter(|n| n % c.k(0) == 0).sum())),
        "A range with a step visits exactly the multiples."
    ),
    rule!(
        "to_binary",
        2,
        [Nat],
        [],
        ["to_binary", "binary", "bits", "base_two"],
        ["{R} {a} in binary, as a string.", "Write {a} in base 2 as a string of 0s and 1s."],
        [
            "return bin({a})[2:]",
            "if {a} == 0:\n    return \"0\"\n{t} = \"\"\nwhile {a} > 0:\n    {t} = str({a} % 2) + {t}\n    {a} //= 2\nreturn {t}"
        ],
        |c| Some(Value::Str(format!("{:b}", c.int(0)?))),
        "The remainder by two is the last bit; halving removes it."
    ),
    rule!(
        "collatz_steps",
        4,
        [Small],
        [],
        ["collatz", "collatz_steps", "hailstone", "steps_to_one"],
        ["{R} how many steps {a} takes to reach 1 when even numbers are halved and odd ones become 3 times plus 1."],
        [
            "{t} = 0\nwhile {a} != 1:\n    if {a} % 2 == 0:\n        {a} //= 2\n    else:\n        {a} = 3 * {a} + 1\n    {t} += 1\nreturn {t}"
        ],
        |c| {
            let (mut n, mut t) = (c.int(0)?, 0);
            while n > 1 {
                n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
                t += 1;
            }
            Some(Int(t))
        },
        "A while loop suits a process whose length isn't known beforehand."
    ),
];
