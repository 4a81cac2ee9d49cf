//! Lists out of lists.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool, Int};
use crate::grammar::value::modulo;

pub(super) const RULES: &[Rule] = &[
    rule!(
        "reverse_list",
        1,
        [Ints],
        [],
        ["reverse_list", "backwards", "flip", "reversed_copy"],
        ["{R} {a} in reverse order.", "{R} a copy of {a} with the elements backwards.", "Reverse the list {a}."],
        [
            "return {a}[::-1]",
            "return list(reversed({a}))",
            "{t} = []\nfor {x} in {a}:\n    {t} = [{x}] + {t}\nreturn {t}"
        ],
        |c| Some(Value::ints(c.ints(0)?.into_iter().rev())),
        "A slice with step minus one walks the list from its end."
    ),
    rule!(
        "take_first",
        2,
        [Ints],
        [(1, 4)],
        ["take_first", "head", "prefix", "first_elements"],
        ["{R} the first {k} elements of {a}.", "{B} a list of the first {k} elements of {a}."],
        ["return {a}[:{k}]", "return [{a}[{i}] for {i} in range(min({k}, len({a})))]"],
        |c| Some(Value::ints(c.ints(0)?.into_iter().take(c.k(0) as usize))),
        "A slice that is too long simply stops at the end."
    ),
    rule!(
        "drop_first",
        2,
        [Ints],
        [(1, 4)],
        ["drop_first", "skip", "without_first", "tail"],
        ["{R} {a} without its first {k} elements.", "Drop the first {k} elements of {a}."],
        ["return {a}[{k}:]"],
        |c| Some(Value::ints(c.ints(0)?.into_iter().skip(c.k(0) as usize))),
        "A slice without an end goes on to the end of the list."
    ),
    rule!(
        "last_elements",
        2,
        [SomeInts],
        [(1, 3)],
        ["last_elements", "suffix", "take_last", "end_of"],
        ["{R} the last {k} elements of {a}.", "{B} a list of the last {k} elements of {a}."],
        ["return {a}[-{k}:]"],
        |c| {
            let v = c.ints(0)?;
            let n = v.len().saturating_sub(c.k(0) as usize);
            Some(Value::ints(v.into_iter().skip(n)))
        },
        "Negative indices count from the end."
    ),
    rule!(
        "every_nth",
        2,
        [Ints],
        [(2, 4)],
        ["every_nth", "skip_through", "step_through", "sample"],
        [
            "{R} every {k}th element of {a}, starting with the first.",
            "Take the elements of {a} at indices divisible by {k}."
        ],
        ["return {a}[::{k}]", "return [{x} for {i}, {x} in enumerate({a}) if {i} % {k} == 0]"],
        |c| Some(Value::ints(c.ints(0)?.into_iter().step_by(c.k(0) as usize))),
        "The step of a slice says how far to jump."
    ),
    rule!(
        "append_element",
        2,
        [Ints, Int],
        [],
        ["append_to", "with_element", "add_at_end", "extend_by"],
        ["{R} {a} with {b} added at the end.", "{R} a new list: {a} followed by {b}."],
        ["return {a} + [{b}]", "{t} = list({a})\n{t}.append({b})\nreturn {t}"],
        |c| {
            let mut v = c.ints(0)?;
            v.push(c.int(1)?);
            Some(Value::ints(v))
        },
        "Adding two lists makes a new one and leaves the old ones as they are."
    ),
    rule!(
        "remove_element",
        2,
        [Ints, Int],
        [],
        ["remove_all", "without", "drop_value", "exclude"],
        ["{R} {a} without the elements equal to {b}.", "Remove every {b} from {a}."],
        [
            "return [{x} for {x} in {a} if {x} != {b}]",
            "{t} = []\nfor {x} in {a}:\n    if {x} != {b}:\n        {t}.append({x})\nreturn {t}"
        ],
        |c| {
            let k = c.int(1)?;
            Some(Value::ints(c.ints(0)?.into_iter().filter(|x| *x != k)))
        },
        "Keeping what differs is the same as removing what is equal."
    ),
    rule!(
        "unique_in_order",
        3,
        [Ints],
        [],
        ["unique", "remove_duplicates", "dedupe", "distinct"],
        [
            "{R} the distinct numbers of {a} in order of first appearance.",
            "Remove repeated numbers from {a}, keeping the first of each."
        ],
        ["{t} = []\nfor {x} in {a}:\n    if {x} not in {t}:\n        {t}.append({x})\nreturn {t}"],
        |c| {
            let mut t = vec![];
            for x in c.ints(0)? {
                if !t.contains(&x) {
                    t.push(x);
                }
            }
            Some(Value::ints(t))
        },
        "An element is kept only when the result doesn't hold it yet."
    ),
    rule!(
        "rotate_left",
        3,
        [SomeInts],
        [(1, 3)],
        ["rotate", "rotate_left", "shift_left", "cycle"],
        ["{R} {a} rotated to the left by {k}.", "Move the first {k} elements of {a} to its end."],
        ["return {a}[{k}:] + {a}[:{k}]"],
        |c| {
            let v = c.ints(0)?;
            let k = (c.k(0) as usize).min(v.len());
            Some(Value::ints([&v[k..], &v[..k]].concat()))
        },
        "Two slices that meet at the same place hold the whole list."
    ),
    rule!(
        "zip_sum",
        2,
        [Ints, Ints],
        [],
        ["add_lists", "pairwise_sum", "zip_sum", "elementwise_sum"],
        ["{R} the sums of the elements of {a} and {b} at equal places.", "Add {a} and {b} element by element."],
        ["return [{x} + {y} for {x}, {y} in zip({a}, {b})]"],
        |c| Some(Value::ints(c.ints(0)?.iter().zip(c.ints(1)?).map(|(x, y)| x + y))),
        "zip walks two lists side by side and stops with the shorter one."
    ),
    rule!(
        "interleave",
        3,
        [Ints, Ints],
        [],
        ["interleave", "weave", "alternate", "merge_turns"],
        [
            "{R} the elements of {a} and {b} in turn, as far as both go.",
            "{B} a list that alternates between {a} and {b}, up to the shorter one."
        ],
        ["{t} = []\nfor {x}, {y} in zip({a}, {b}):\n    {t} += [{x}, {y}]\nreturn {t}"],
        |c| Some(Value::ints(c.ints(0)?.into_iter().zip(c.ints(1)?).flat_map(|(x, y)| [x, y]))),
        "Every round of the loop adds one element of each list."
    ),
    rule!(
        "running_sum",
        2,
        [Ints],
        [],
        ["running_sum", "prefix_sums", "cumulative", "partial_sums"],
        ["{R} the list of running sums of {a}.", "{B} the list whose elements are the sums of {a} up to each place."],
        ["{t} = []\ns = 0\nfor {x} in {a}:\n    s += {x}\n    {t}.append(s)\nreturn {t}"],
        |c| Some(Value::ints(c.ints(0)?.into_iter().scan(0, |s, x| {
            *s += x;
            Some(*s)
        }))),
        "The sum so far is remembered from one element to the next."
    ),
    rule!(
        "differences",
        2,
        [Ints],
        [],
        ["differences", "deltas", "steps", "gaps"],
        [
            "{R} the differences between neighbours in {a}, each minus the one before.",
            "{B} the list of how much {a} changes at each step."
        ],
        [
            "return [{a}[{i} + 1] - {a}[{i}] for {i} in range(len({a}) - 1)]",
            "return [{y} - {x} for {x}, {y} in zip({a}, {a}[1:])]"
        ],
        |c| Some(Value::ints(c.ints(0)?.windows(2).map(|w| w[1] - w[0]))),
        "A list of n numbers has n - 1 gaps."
    ),
    rule!(
        "flatten",
        2,
        [Matrix],
        [],
        ["flatten", "concat_rows", "join_rows", "one_list"],
        ["{R} all elements of {a} in one flat list.", "Join the rows of {a} into one list."],
        ["return [{y} for {x} in {a} for {y} in {x}]", "{t} = []\nfor {x} in {a}:\n    {t}.extend({x})\nreturn {t}"],
        |c| Some(Value::ints(c.rows(0)?.concat())),
        "The outer loop visits the rows, the inner one their elements."
    ),
    rule!(
        "chunks",
        3,
        [SomeInts],
        [(2, 3)],
        ["chunks", "split_every", "groups_of", "batches"],
        ["Split {a} into lists of {k} elements; the last may be shorter.", "{R} {a} cut into chunks of length {k}."],
        ["return [{a}[{i}:{i} + {k}] for {i} in range(0, len({a}), {k})]"],
        |c| Some(Value::List(c.ints(0)?.chunks(c.k(0) as usize).map(|v| Value::ints(v.to_vec())).collect())),
        "A range with a step yields the places where the chunks begin."
    ),
    rule!(
        "ends_match",
        2,
        [Ints],
        [],
        ["is_mirror", "same_backwards", "is_symmetric", "reads_same"],
        ["{W} the first and the last number of {a} are equal, with an empty list giving True."],
        ["if not {a}:\n    return True\nreturn {a}[0] == {a}[-1]"],
        |c| {
            let v = c.ints(0)?;
            Some(Bool(v.first() == v.last()))
        },
        "Index -1 is the last element."
    ),
    rule!(
        "replace_negatives",
        2,
        [Ints],
        [(0, 9)],
        ["replace_negatives", "fix_negatives", "patch", "substitute"],
        ["{R} {a} with every negative number replaced by {k}.", "Replace the numbers below 0 in {a} by {k}."],
        ["return [{k} if {x} < 0 else {x} for {x} in {a}]"],
        |c| Some(Value::ints(c.ints(0)?.into_iter().map(|x| if x < 0 { c.k(0) } else { x }))),
        "A conditional expression chooses between two values for each element."
    ),
    rule!(
        "multiples_list",
        2,
        [Small],
        [(2, 12)],
        ["multiples", "times_table", "first_multiples", "table_of"],
        [
            "{R} the first {a} multiples of {k}, starting with {k}.",
            "{B} the list of {k} times 1, 2, and so on up to {a}."
        ],
        ["return [{k} * {i} for {i} in range(1, {a} + 1)]", "return list(range({k}, {k} * {a} + 1, {k}))"],
        |c| Some(Value::ints((1..=c.int(0)?).map(|i| i * c.k(0)))),
        "range stops before its end, hence the plus one."
    ),
    rule!(
        "count_parity_difference",
        3,
        [Ints],
        [],
        ["parity_difference", "even_minus_odd", "balance"],
        [
            "{R} how many more even than odd numbers {a} holds.",
            "{R} the count of even numbers in {a} minus the count of odd ones."
        ],
        ["{t} = 0\nfor {x} in {a}:\n    if {x} % 2 == 0:\n        {t} += 1\n    else:\n        {t} -= 1\nreturn {t}"],
        |c| Some(Int(c.ints(0)?.iter().map(|x| if modulo(*x, 2) == 0 { 1 } else { -1 }).sum())),
        "One counter that goes up and down is enough."
    ),
];
