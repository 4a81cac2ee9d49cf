//! Words, sentences and lists of words.

use crate::grammar::args::capitalize;
use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Int};

fn split(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

pub(super) const RULES: &[Rule] = &[
    rule!(
        "count_words",
        1,
        [Sentence],
        [],
        ["count_words", "num_words", "word_count", "how_many_words"],
        ["{R} the number of words in {a}.", "Count the words in {a}."],
        ["return len({a}.split())", "return sum(1 for {x} in {a}.split())"],
        |c| Some(Int(split(c.str(0)?).len() as i128)),
        "split cuts a string at its blanks."
    ),
    rule!(
        "longest_word",
        2,
        [Sentence],
        [],
        ["longest_word", "longest", "max_word", "biggest_word"],
        [
            "{R} the longest word in {a}, the first of them on a tie.",
            "{R} the first word of {a} that no other exceeds in length."
        ],
        [
            "return max({a}.split(), key=len)",
            "{t} = \"\"\nfor {x} in {a}.split():\n    if len({x}) > len({t}):\n        {t} = {x}\nreturn {t}"
        ],
        |c| split(c.str(0)?).into_iter().rev().max_by_key(|w| w.len()).map(Value::str),
        "max with key=len compares lengths instead of the alphabet."
    ),
    rule!(
        "word_lengths",
        1,
        [Words],
        [],
        ["word_lengths", "lengths", "sizes", "letters_per_word"],
        ["{R} the lengths of the words in {a}.", "{B} a list with the length of each word in {a}."],
        ["return [len({x}) for {x} in {a}]", "{t} = []\nfor {x} in {a}:\n    {t}.append(len({x}))\nreturn {t}"],
        |c| Some(Value::ints(c.strs(0)?.iter().map(|w| w.len() as i128))),
        "Each word is replaced by its length."
    ),
    rule!(
        "join_with",
        2,
        [Words],
        [],
        ["join_words", "join_with_dash", "dashed", "glue"],
        ["{R} the words in {a} joined by dashes.", "Join the words of {a} with \"-\" between them."],
        ["return \"-\".join({a})"],
        |c| Some(Value::Str(c.strs(0)?.join("-"))),
        "The separator's own method join puts it between the parts."
    ),
    rule!(
        "acronym",
        2,
        [Sentence],
        [],
        ["acronym", "initials", "first_letters", "abbreviate"],
        [
            "{R} the first letters of the words in {a} in upper case.",
            "{R} the acronym of {a}: its words' initials as capitals."
        ],
        ["return \"\".join({x}[0].upper() for {x} in {a}.split())"],
        |c| Some(Value::Str(split(c.str(0)?).iter().map(|w| w[..1].to_uppercase()).collect())),
        "Index 0 takes the initial of each word."
    ),
    rule!(
        "reverse_words",
        2,
        [Sentence],
        [],
        ["reverse_words", "words_backwards", "flip_words", "last_word_first"],
        [
            "{R} the words of {a} in reverse order.",
            "Reverse the order of the words in {a}, keeping each word as it is."
        ],
        ["return \" \".join({a}.split()[::-1])"],
        |c| {
            let mut v = split(c.str(0)?);
            v.reverse();
            Some(Value::Str(v.join(" ")))
        },
        "The list of words is reversed, then joined by blanks."
    ),
    rule!(
        "capitalize_words",
        2,
        [Sentence],
        [],
        ["capitalize_words", "title_case", "headline", "upper_initials"],
        ["{R} {a} with every word capitalized.", "Capitalize each word of {a}."],
        ["return \" \".join({x}.capitalize() for {x} in {a}.split())"],
        |c| Some(Value::Str(split(c.str(0)?).into_iter().map(capitalize).collect::<Vec<_>>().join(" "))),
        "Splitting, changing and joining is a common pattern."
    ),
    rule!(
        "words_longer",
        2,
        [Words],
        [(2, 5)],
        ["words_longer", "long_words", "longer_than", "filter_long"],
        ["{R} the words in {a} with more than {k} letters.", "Keep the words of {a} that are longer than {k}."],
        [
            "return [{x} for {x} in {a} if len({x}) > {k}]",
            "{t} = []\nfor {x} in {a}:\n    if len({x}) > {k}:\n        {t}.append({x})\nreturn {t}"
        ],
        |c| Some(Value::strs(c.strs(0)?.into_iter().filter(|w| w.len() as i128 > c.k(0)))),
        "The length of each word decides whether it stays."
    ),
    rule!(
        "words_starting",
        2,
        [Words, Char],
        [],
        ["words_starting", "starting_with", "by_initial", "with_prefix"],
        ["{R} the words in {a} that start with {b}.", "Keep the words of {a} whose first letter is {b}."],
        ["return [{x} for {x} in {a} if {x}.startswith({b})]", "return [{x} for {x} in {a} if {x}[0] == {b}]"],
        |c| {
            let k = c.str(1)?.to_string();
            Some(Value::strs(c.strs(0)?.into_iter().filter(|w| w.starts_with(&k))))
        },
        "startswith tells whether a string begins with another."
    ),
    rule!(
        "total_letters",
        2,
        [Words],
        [],
        ["total_letters", "count_letters", "letters_in_all", "sum_lengths"],
        ["{R} the total number of letters in the words of {a}.", "Add up the lengths of the words in {a}."],
        ["return sum(len({x}) for {x} in {a})", "{t} = 0\nfor {x} in {a}:\n    {t} += len({x})\nreturn {t}"],
        |c| Some(Int(c.strs(0)?.iter().map(|w| w.len() as i128).sum())),
        "The lengths are added as the loop meets the words."
    ),
];
