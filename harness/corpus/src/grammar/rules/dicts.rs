//! Dictionaries.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Dict, Int};

fn count<T: PartialEq + Clone>(items: impl IntoIterator<Item = T>, value: impl Fn(T) -> Value) -> Value {
    let mut counts: Vec<(T, i128)> = vec![];
    for item in items {
        match counts.iter_mut().find(|(seen, _)| *seen == item) {
            Some((_, n)) => *n += 1,
            None => counts.push((item, 1)),
        }
    }
    Dict(counts.into_iter().map(|(item, n)| (value(item), Int(n))).collect())
}

fn dict(entries: impl IntoIterator<Item = (String, i128)>) -> Value {
    Dict(entries.into_iter().map(|(k, v)| (Value::Str(k), Int(v))).collect())
}

pub(super) const RULES: &[Rule] = &[
    rule!(
        "letter_counts",
        2,
        [Word],
        [],
        ["letter_counts", "char_counts", "histogram", "frequencies"],
        ["{R} a dictionary of how often each letter occurs in {a}.", "Count each letter of {a} in a dictionary."],
        ["{t} = {}\nfor {x} in {a}:\n    {t}[{x}] = {t}.get({x}, 0) + 1\nreturn {t}"],
        |c| Some(count(c.chars(0)?, |x| Value::Str(x.to_string()))),
        "get with a default spares the question whether a key is there."
    ),
    rule!(
        "number_counts",
        2,
        [Ints],
        [],
        ["number_counts", "tally", "count_each", "occurrences"],
        ["{R} a dictionary of how often each number occurs in {a}.", "Count each number of {a} in a dictionary."],
        [
            "{t} = {}\nfor {x} in {a}:\n    {t}[{x}] = {t}.get({x}, 0) + 1\nreturn {t}",
            "return {{x}: {a}.count({x}) for {x} in {a}}"
        ],
        |c| Some(count(c.ints(0)?, Int)),
        "Each element adds one to its own entry."
    ),
    rule!(
        "sum_values",
        1,
        [Dict],
        [],
        ["sum_values", "total_of_values", "add_values", "dict_total"],
        ["{R} the sum of the values of {a}.", "Add up all values in the dictionary {a}."],
        ["return sum({a}.values())", "{t} = 0\nfor {x} in {a}:\n    {t} += {a}[{x}]\nreturn {t}"],
        |c| Some(Int(c.dict(0)?.iter().map(|(_, v)| v).sum())),
        "values gives the values without their keys."
    ),
    rule!(
        "keys_above",
        2,
        [Dict],
        [(0, 12)],
        ["keys_above", "keys_over", "names_above", "who_exceeds"],
        [
            "{R} the sorted keys of {a} whose value is greater than {k}.",
            "{B} a sorted list of the keys in {a} with a value above {k}."
        ],
        [
            "return sorted({x} for {x} in {a} if {a}[{x}] > {k})",
            "return sorted({x} for {x}, {y} in {a}.items() if {y} > {k})"
        ],
        |c| {
            let mut v: Vec<String> = c.dict(0)?.into_iter().filter(|(_, v)| *v > c.k(0)).map(|(k, _)| k).collect();
            v.sort();
            Some(Value::strs(v))
        },
        "items gives each key together with its value."
    ),
    rule!(
        "key_of_max",
        2,
        [Dict],
        [],
        ["key_of_max", "best_key", "top_key", "winner"],
        [
            "{R} the key of {a} with the largest value, the first of them on a tie.",
            "{R} the first key whose value is the maximum of {a}."
        ],
        ["return max({a}, key={a}.get)", "return max({a}, key=lambda {x}: {a}[{x}])"],
        |c| c.dict(0)?.into_iter().rev().max_by_key(|(_, v)| *v).map(|(k, _)| Value::Str(k)),
        "The dictionary's own get serves as the key function."
    ),
    rule!(
        "invert_dict",
        2,
        [Dict],
        [],
        ["invert", "swap_keys_values", "reverse_dict", "flip_dict"],
        [
            "{R} a dictionary with keys and values of {a} swapped; later entries win.",
            "Invert the dictionary {a}, later entries winning."
        ],
        [
            "return {{y}: {x} for {x}, {y} in {a}.items()}",
            "{t} = {}\nfor {x} in {a}:\n    {t}[{a}[{x}]] = {x}\nreturn {t}"
        ],
        |c| {
            let mut out: Vec<(Value, Value)> = vec![];
            for (k, v) in c.dict(0)? {
                match out.iter_mut().find(|(seen, _)| *seen == Int(v)) {
                    Some(entry) => entry.1 = Value::Str(k),
                    None => out.push((Int(v), Value::Str(k))),
                }
            }
            Some(Dict(out))
        },
        "A comprehension over items builds the new dictionary."
    ),
    rule!(
        "scale_values",
        2,
        [Dict],
        [(2, 9)],
        ["scale_values", "multiply_values", "times_each", "raise_prices"],
        ["{R} {a} with every value multiplied by {k}.", "{B} a dictionary like {a} with values {k} times as large."],
        ["return {{x}: {y} * {k} for {x}, {y} in {a}.items()}", "return {{x}: {a}[{x}] * {k} for {x} in {a}}"],
        |c| Some(dict(c.dict(0)?.into_iter().map(|(k, v)| (k, v * c.k(0))))),
        "The keys stay, and each value is changed."
    ),
    rule!(
        "drop_small_values",
        2,
        [Dict],
        [(1, 12)],
        ["drop_small", "keep_large", "filter_values", "at_least"],
        ["{R} the entries of {a} whose value is at least {k}.", "Remove the entries of {a} with a value below {k}."],
        ["return {{x}: {y} for {x}, {y} in {a}.items() if {y} >= {k}}"],
        |c| Some(dict(c.dict(0)?.into_iter().filter(|(_, v)| *v >= c.k(0)))),
        "A condition at the end of a comprehension filters entries."
    ),
    rule!(
        "lookup_default",
        2,
        [Dict, Char],
        [(-1, 9)],
        ["lookup", "get_or", "value_of", "find_value"],
        ["{R} the value of {b} in {a}, or {k} if it is missing.", "Look up {b} in {a}, with {k} for a missing key."],
        ["return {a}.get({b}, {k})", "if {b} in {a}:\n    return {a}[{b}]\nreturn {k}"],
        |c| {
            let k = c.str(1)?.to_string();
            Some(Int(c.dict(0)?.into_iter().find(|(n, _)| *n == k).map_or(c.k(0), |(_, v)| v)))
        },
        "get never raises a KeyError."
    ),
    rule!(
        "merge_adding",
        4,
        [Dict, Dict],
        [],
        ["merge_adding", "add_dicts", "combine_counts", "sum_dicts"],
        [
            "Merge {a} and {b} into a new dictionary, adding the values of common keys.",
            "{R} a dictionary with the keys of {a} and {b} and the sums of their values."
        ],
        ["{t} = dict({a})\nfor {x} in {b}:\n    {t}[{x}] = {t}.get({x}, 0) + {b}[{x}]\nreturn {t}"],
        |c| {
            let mut t = c.dict(0)?;
            for (k, v) in c.dict(1)? {
                match t.iter_mut().find(|(n, _)| *n == k) {
                    Some(e) => e.1 += v,
                    None => t.push((k, v)),
                }
            }
            Some(dict(t))
        },
        "The copy keeps the caller's dictionary as it was."
    ),
    rule!(
        "group_by_length",
        3,
        [Words],
        [],
        ["group_by_length", "words_by_length", "bucket", "by_size"],
        [
            "{R} a dictionary from lengths to the lists of the words in {a} of that length.",
            "Group the words in {a} by length in a dictionary."
        ],
        ["{t} = {}\nfor {x} in {a}:\n    {t}.setdefault(len({x}), []).append({x})\nreturn {t}"],
        |c| {
            let mut groups: Vec<(i128, Vec<String>)> = vec![];
            for w in c.strs(0)? {
                let n = w.len() as i128;
                match groups.iter_mut().find(|(k, _)| *k == n) {
                    Some((_, v)) => v.push(w),
                    None => groups.push((n, vec![w])),
                }
            }
            Some(Dict(groups.into_iter().map(|(k, v)| (Int(k), Value::strs(v))).collect()))
        },
        "setdefault makes the list when the key is new."
    ),
    rule!(
        "zip_to_dict",
        2,
        [Words, Ints],
        [],
        ["zip_to_dict", "make_dict", "pair_up", "table_from"],
        [
            "{B} a dictionary from the words in {a} to the numbers in {b} at the same places.",
            "{R} a dictionary with keys {a} and values {b}."
        ],
        ["return dict(zip({a}, {b}))", "return {{x}: {y} for {x}, {y} in zip({a}, {b})}"],
        |c| {
            let mut t: Vec<(String, i128)> = vec![];
            for (k, v) in c.strs(0)?.into_iter().zip(c.ints(1)?) {
                match t.iter_mut().find(|(n, _)| *n == k) {
                    Some(e) => e.1 = v,
                    None => t.push((k, v)),
                }
            }
            Some(dict(t))
        },
        "dict accepts pairs, and zip makes them."
    ),
];
