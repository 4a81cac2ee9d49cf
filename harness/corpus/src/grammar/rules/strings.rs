//! Characters and strings.

use crate::grammar::args::capitalize;
use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Bool, Int};

fn is_vowel(c: char) -> bool {
    "aeiou".contains(c.to_ascii_lowercase())
}

pub(super) const RULES: &[Rule] = &[
    rule!(
        "reverse_string",
        1,
        [Str],
        [],
        ["reverse_string", "reverse_text", "backwards", "mirror"],
        ["{R} {a} reversed.", "{R} the characters of {a} in reverse order.", "Reverse the string {a}."],
        [
            "return {a}[::-1]",
            "return \"\".join(reversed({a}))",
            "{t} = \"\"\nfor {x} in {a}:\n    {t} = {x} + {t}\nreturn {t}"
        ],
        |c| Some(Value::Str(c.str(0)?.chars().rev().collect())),
        "Putting each character in front of the others reverses the string."
    ),
    rule!(
        "count_vowels",
        1,
        [Str],
        [],
        ["count_vowels", "num_vowels", "vowel_count", "how_many_vowels"],
        ["{R} the number of vowels in {a}.", "Count the vowels in {a}, upper and lower case."],
        [
            "return sum(1 for {x} in {a} if {x} in \"aeiouAEIOU\")",
            "{t} = 0\nfor {x} in {a}.lower():\n    if {x} in \"aeiou\":\n        {t} += 1\nreturn {t}"
        ],
        |c| Some(Int(c.chars(0)?.into_iter().filter(|x| is_vowel(*x)).count() as i128)),
        "Membership in a string of vowels is the test."
    ),
    rule!(
        "remove_vowels",
        1,
        [Str],
        [],
        ["remove_vowels", "drop_vowels", "without_vowels", "strip_vowels"],
        ["{R} {a} without its vowels.", "Remove all vowels from {a}."],
        [
            "return \"\".join({x} for {x} in {a} if {x} not in \"aeiouAEIOU\")",
            "{t} = \"\"\nfor {x} in {a}:\n    if {x} not in \"aeiouAEIOU\":\n        {t} += {x}\nreturn {t}"
        ],
        |c| Some(Value::Str(c.chars(0)?.into_iter().filter(|x| !is_vowel(*x)).collect())),
        "The characters that pass the test are joined again."
    ),
    rule!(
        "is_palindrome",
        2,
        [Word],
        [],
        ["is_palindrome", "palindrome", "reads_same", "is_mirror_word"],
        ["{W} {a} reads the same backwards.", "{W} {a} is a palindrome."],
        ["return {a} == {a}[::-1]"],
        |c| {
            let v = c.chars(0)?;
            Some(Bool(v.iter().eq(v.iter().rev())))
        },
        "A palindrome equals its own reverse."
    ),
    rule!(
        "count_char",
        2,
        [Str, Char],
        [],
        ["count_char", "letter_count", "count_letter", "times_in"],
        ["{R} how often {b} occurs in {a}.", "Count the characters of {a} that equal {b}."],
        ["return {a}.count({b})", "return sum(1 for {x} in {a} if {x} == {b})"],
        |c| {
            let k = c.str(1)?;
            Some(Int(c.str(0)?.matches(k).count() as i128))
        },
        "Strings can count their own characters."
    ),
    rule!(
        "repeat_string",
        2,
        [Word],
        [(2, 5)],
        ["repeat", "repeat_text", "copies", "say_again"],
        ["{R} {a} repeated {k} times.", "Repeat {a} {k} times in one string."],
        ["return {a} * {k}", "return \"\".join({a} for {i} in range({k}))"],
        |c| Some(Value::Str(c.str(0)?.repeat(c.k(0) as usize))),
        "Multiplying a string repeats it."
    ),
    rule!(
        "first_chars",
        2,
        [Word],
        [(1, 3)],
        ["first_chars", "prefix", "beginning", "start_of"],
        ["{R} the first {k} characters of {a}.", "{R} the prefix of {a} of length {k}."],
        ["return {a}[:{k}]"],
        |c| Some(Value::Str(c.str(0)?.chars().take(c.k(0) as usize).collect())),
        "A slice from the beginning needs only its end."
    ),
    rule!(
        "drop_last_chars",
        2,
        [Word],
        [(1, 3)],
        ["drop_last", "cut_end", "without_ending", "shorten"],
        ["{R} {a} without its last {k} characters.", "Cut the last {k} characters off {a}."],
        ["return {a}[:-{k}]"],
        |c| {
            let v = c.chars(0)?;
            Some(Value::Str(v[..v.len().saturating_sub(c.k(0) as usize)].iter().collect()))
        },
        "A negative end counts from the back."
    ),
    rule!(
        "swap_case",
        1,
        [Str],
        [],
        ["swap_case", "flip_case", "toggle_case", "invert_case"],
        ["{R} {a} with upper and lower case swapped.", "Swap the case of every letter in {a}."],
        ["return {a}.swapcase()", "return \"\".join({x}.lower() if {x}.isupper() else {x}.upper() for {x} in {a})"],
        |c| Some(Value::Str(
            c.str(0)?
                .chars()
                .map(|x| if x.is_ascii_uppercase() { x.to_ascii_lowercase() } else { x.to_ascii_uppercase() })
                .collect()
        )),
        "Each letter is turned into the other case."
    ),
    rule!(
        "count_upper",
        1,
        [Str],
        [],
        ["count_upper", "num_capitals", "capitals", "uppercase_count"],
        ["{R} the number of upper-case letters in {a}.", "Count the capital letters in {a}."],
        [
            "return sum(1 for {x} in {a} if {x}.isupper())",
            "{t} = 0\nfor {x} in {a}:\n    if {x}.isupper():\n        {t} += 1\nreturn {t}"
        ],
        |c| Some(Int(c.chars(0)?.into_iter().filter(char::is_ascii_uppercase).count() as i128)),
        "isupper tells a capital letter."
    ),
    rule!(
        "keep_digits",
        2,
        [Str],
        [],
        ["keep_digits", "only_digits", "extract_digits", "digits_of"],
        ["{R} only the digits of {a}, as a string.", "Remove everything but digits from {a}."],
        ["return \"\".join({x} for {x} in {a} if {x}.isdigit())"],
        |c| Some(Value::Str(c.str(0)?.chars().filter(char::is_ascii_digit).collect())),
        "isdigit lets the digits through."
    ),
    rule!(
        "replace_char",
        2,
        [Str, Char, Char],
        [],
        ["replace_char", "swap_letter", "substitute", "exchange"],
        ["{R} {a} with every {b} replaced by {c}.", "Replace {b} by {c} everywhere in {a}."],
        ["return {a}.replace({b}, {c})", "return \"\".join({c} if {x} == {b} else {x} for {x} in {a})"],
        |c| Some(Value::Str(c.str(0)?.replace(c.str(1)?, c.str(2)?))),
        "A string can't be changed, so a new one is made."
    ),
    rule!(
        "caesar",
        4,
        [Word],
        [(1, 9)],
        ["caesar", "shift_letters", "encode", "rotate_letters"],
        [
            "Shift every letter of the lower-case word {a} forward by {k}, wrapping after z.",
            "{R} {a} with each lower-case letter moved {k} places on in the alphabet."
        ],
        ["{t} = \"\"\nfor {x} in {a}:\n    {t} += chr((ord({x}) - 97 + {k}) % 26 + 97)\nreturn {t}"],
        |c| Some(Value::Str(
            c.str(0)?.bytes().map(|b| ((i128::from(b) - 97 + c.k(0)) % 26 + 97) as u8 as char).collect()
        )),
        "The remainder by 26 brings the alphabet back to its beginning."
    ),
    rule!(
        "same_letters",
        3,
        [Word, Word],
        [],
        ["common_letters", "shared_letters", "letters_in_both", "overlap"],
        [
            "{R} the sorted letters that occur in both {a} and {b}, as a string.",
            "{R} the letters shared by {a} and {b} in alphabetical order."
        ],
        ["return \"\".join(sorted(set({a}) & set({b})))"],
        |c| {
            let b = c.str(1)?;
            let mut v: Vec<char> = c.str(0)?.chars().filter(|x| b.contains(*x)).collect();
            v.sort_unstable();
            v.dedup();
            Some(Value::Str(v.into_iter().collect()))
        },
        "The operator & keeps what two sets share."
    ),
    rule!(
        "ends_equal",
        2,
        [Word],
        [],
        ["ends_equal", "same_ends", "first_is_last", "closed_word"],
        ["{W} {a} begins and ends with the same letter.", "{W} the first and last letter of {a} are equal."],
        ["return {a}[0] == {a}[-1]"],
        |c| {
            let v = c.chars(0)?;
            Some(Bool(v.first() == v.last()))
        },
        "Index -1 is the last character."
    ),
    rule!(
        "run_length",
        4,
        [Word],
        [],
        ["run_length", "compress", "squeeze", "collapse"],
        ["{R} {a} with repeated neighbouring letters collapsed into one.", "Collapse runs of the same letter in {a}."],
        ["{t} = \"\"\nfor {x} in {a}:\n    if not {t} or {t}[-1] != {x}:\n        {t} += {x}\nreturn {t}"],
        |c| {
            let mut v = c.chars(0)?;
            v.dedup();
            Some(Value::Str(v.into_iter().collect()))
        },
        "A letter is kept only when it differs from the last one kept."
    ),
    rule!(
        "title_word",
        1,
        [Word],
        [],
        ["title", "capitalize_word", "first_upper", "proper"],
        ["{R} {a} with its first letter in upper case.", "Capitalize the word {a}."],
        ["return {a}.capitalize()", "return {a}[0].upper() + {a}[1:]"],
        |c| Some(Value::Str(capitalize(c.str(0)?))),
        "The first letter is changed, and the rest is added behind it."
    ),
];
