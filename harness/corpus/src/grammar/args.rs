//! Kinds of arguments: what they are called, how prose speaks of them, and examples of them.

use super::dice::Dice;
use super::value::Value;

/// What a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg {
    /// A list of small integers, sometimes negative, sometimes with repeats, rarely empty.
    Ints,
    /// Like [`Arg::Ints`], never empty.
    SomeInts,
    /// A sorted list of distinct integers.
    Sorted,
    /// A non-negative integer of one or two digits.
    Nat,
    /// A positive integer below fifteen.
    Small,
    /// An integer that may be negative.
    Int,
    /// A non-negative integer of up to four digits.
    Big,
    /// A word, or two, in mixed case.
    Str,
    /// A lower-case word.
    Word,
    /// A sentence of lower-case words.
    Sentence,
    /// A list of lower-case words.
    Words,
    /// One lower-case letter.
    Char,
    /// A dictionary from short names to integers.
    Dict,
    /// A matrix with equally long rows.
    Matrix,
    /// A square matrix.
    Square,
    /// A tuple of integers.
    Tuple,
    /// A list of pairs of integers.
    Pairs,
    /// A set of integers.
    Set,
}

pub(super) const WORDS: &[&str] = &[
    "apple", "river", "stone", "cat", "moon", "tree", "light", "bird", "sun", "green", "level", "noon", "data", "code",
    "python", "list", "loop", "key", "wind", "fire", "salt", "bread", "ant", "echo", "ice", "oak", "ice", "kayak",
    "banana", "letter", "book", "deep", "sea", "map", "otter", "radar", "eye", "zebra", "quiz", "hello", "world", "up",
];

impl Arg {
    /// Names that a parameter of this kind may bear.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Ints | Self::SomeInts | Self::Sorted => &[
                "xs", "nums", "numbers", "values", "items", "data", "lst", "arr", "seq", "elements", "scores", "ns",
                "vals", "integers", "entries", "row",
            ],
            Self::Nat | Self::Small | Self::Big => {
                &["n", "num", "number", "k", "limit", "value", "m", "x", "count", "size", "top", "val", "a", "bound"]
            }
            Self::Int => &["n", "x", "num", "number", "value", "a", "b", "y", "val", "m", "t", "z", "p", "amount"],
            Self::Str | Self::Word => &[
                "s", "text", "word", "string", "name", "txt", "phrase", "line", "st", "title", "label", "msg", "source",
            ],
            Self::Sentence => &["text", "sentence", "s", "line", "phrase", "message", "title", "txt", "doc", "quote"],
            Self::Words => {
                &["words", "names", "strings", "tokens", "strs", "items", "labels", "texts", "terms", "fruits", "keys"]
            }
            Self::Char => &["c", "ch", "letter", "char", "target", "symbol", "mark"],
            Self::Dict => {
                &["d", "counts", "scores", "table", "prices", "ages", "stock", "mapping", "grades", "totals", "dct"]
            }
            Self::Matrix | Self::Square => {
                &["matrix", "grid", "m", "rows", "table", "board", "mat", "cells", "lists", "g"]
            }
            Self::Tuple => &["t", "tup", "point", "values", "pair", "coords", "record", "parts"],
            Self::Pairs => &["pairs", "points", "items", "edges", "tuples", "records", "ranges", "data"],
            Self::Set => &["s", "group", "seen", "members", "a", "b", "left", "right", "first", "second"],
        }
    }

    /// How a docstring introduces it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Ints | Self::SomeInts => "a list of integers",
            Self::Sorted => "a sorted list of integers",
            Self::Nat | Self::Big => "a non-negative integer",
            Self::Small => "a positive integer",
            Self::Int => "an integer",
            Self::Str | Self::Sentence => "a string",
            Self::Word => "a word",
            Self::Words => "a list of words",
            Self::Char => "a letter",
            Self::Dict => "a dictionary",
            Self::Matrix => "a matrix",
            Self::Square => "a square matrix",
            Self::Tuple => "a tuple of integers",
            Self::Pairs => "a list of pairs",
            Self::Set => "a set of integers",
        }
    }

    /// What a loop variable over it may be called.
    pub fn loop_names(self) -> &'static [&'static str] {
        match self {
            Self::Str | Self::Word | Self::Char => &["c", "ch", "char", "letter"],
            Self::Words | Self::Sentence => &["w", "word", "item", "part", "name"],
            Self::Matrix | Self::Square => &["row", "r", "line"],
            _ => &["x", "n", "v", "num", "e", "item", "value"],
        }
    }

    /// An example of it.
    pub fn sample(self, dice: &mut Dice) -> Value {
        match self {
            Self::Ints if dice.chance(0.08) => Value::List(vec![]),
            Self::Ints | Self::SomeInts => Value::ints(ints(dice, 2, 6)),
            Self::Sorted => {
                let mut items = ints(dice, 3, 7);
                items.sort_unstable();
                items.dedup();
                Value::ints(items)
            }
            Self::Nat => Value::Int(dice.range(0, 25)),
            Self::Small => Value::Int(dice.range(1, 12)),
            Self::Int => Value::Int(dice.range(-20, 40)),
            Self::Big => Value::Int(if dice.chance(0.3) { dice.range(0, 60) } else { dice.range(60, 9999) }),
            Self::Str => {
                let mut text = dice.pick(WORDS).to_string();
                match dice.below(5) {
                    0 => text = text.to_uppercase(),
                    1 | 2 => text = capitalize(&text),
                    _ => {}
                }
                if dice.chance(0.4) {
                    text = format!("{text} {}", dice.pick(WORDS));
                }
                if dice.chance(0.25) {
                    text = format!("{text}{}", dice.range(1, 99));
                }
                Value::Str(text)
            }
            Self::Word => Value::str(dice.pick(WORDS)),
            Self::Sentence => {
                let count = dice.range(2, 5);
                Value::Str((0..count).map(|_| dice.pick(WORDS)).collect::<Vec<_>>().join(" "))
            }
            Self::Words => {
                let count = dice.range(2, 5);
                Value::strs((0..count).map(|_| dice.pick(WORDS)))
            }
            Self::Char => Value::str(*dice.choose(&["a", "e", "o", "t", "n", "r", "l", "i"])),
            Self::Dict if dice.chance(0.06) => Value::Dict(vec![]),
            Self::Dict => {
                let count = dice.range(2, 4);
                let mut entries: Vec<(Value, Value)> = vec![];
                for _ in 0..count {
                    let key = Value::str(if dice.chance(0.6) {
                        dice.pick(&["a", "b", "c", "d", "x", "y"])
                    } else {
                        dice.pick(WORDS)
                    });
                    if entries.iter().all(|(k, _)| *k != key) {
                        entries.push((key, Value::Int(dice.range(-4, 20))));
                    }
                }
                Value::Dict(entries)
            }
            Self::Matrix | Self::Square => {
                let height = dice.range(2, 3);
                let width = if self == Self::Square { height } else { dice.range(2, 3) };
                Value::List((0..height).map(|_| Value::ints((0..width).map(|_| dice.range(-5, 12)))).collect())
            }
            Self::Tuple => Value::Tuple(ints(dice, 2, 4).into_iter().map(Value::Int).collect()),
            Self::Pairs => {
                let count = dice.range(2, 4);
                Value::List(
                    (0..count)
                        .map(|_| Value::Tuple(vec![Value::Int(dice.range(-5, 15)), Value::Int(dice.range(-5, 15))]))
                        .collect(),
                )
            }
            Self::Set => {
                let mut items = ints(dice, 2, 5);
                items.sort_unstable();
                items.dedup();
                Value::Set(items.into_iter().map(Value::Int).collect())
            }
        }
    }
}

/// The first character in upper case.
pub(super) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
}

fn ints(dice: &mut Dice, low: i128, high: i128) -> Vec<i128> {
    let count = dice.range(low, high);
    let mut items: Vec<i128> = (0..count).map(|_| dice.range(-6, 15)).collect();
    if dice.chance(0.3) {
        let repeated = items[dice.below(items.len())];
        items.push(repeated);
    }
    if dice.chance(0.2) {
        items.push(dice.range(16, 50));
    }
    items
}
