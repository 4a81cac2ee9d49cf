//! Strings changed in one to three steps.

use super::finish::{Layout, Meaning, chain, upper_first};
use super::parts::{constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::{fresh, parameter_names};

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("string_step", 2, |dice| draft("string_step", 2, 1, dice)),
    Concept::drawn("string_two_steps", 3, |dice| draft("string_two_steps", 3, 2, dice)),
    Concept::drawn("string_three_steps", 4, |dice| draft("string_three_steps", 4, 3, dice)),
];

/// One step: `{}` in the phrase is the string, `{a}` and `{x}` in the code the parameter and a loop variable.
struct Step {
    key: &'static str,
    phrase: &'static str,
    expr: &'static str,
    range: Option<(i128, i128)>,
    eval: fn(&str, usize) -> String,
}

fn chars(text: &str, pick: impl FnMut(&char) -> bool) -> String {
    text.chars().filter(pick).collect()
}

const STEPS: &[Step] = &[
    Step {
        key: "reverse",
        phrase: "reverse {}",
        expr: "{a}[::-1]",
        range: None,
        eval: |s, _| s.chars().rev().collect(),
    },
    Step {
        key: "upper",
        phrase: "put {} in upper case",
        expr: "{a}.upper()",
        range: None,
        eval: |s, _| s.to_uppercase(),
    },
    Step {
        key: "lower",
        phrase: "put {} in lower case",
        expr: "{a}.lower()",
        range: None,
        eval: |s, _| s.to_lowercase(),
    },
    Step {
        key: "swap",
        phrase: "swap the case of {}",
        expr: "{a}.swapcase()",
        range: None,
        eval: |s, _| {
            s.chars()
                .map(|c| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() })
                .collect()
        },
    },
    Step {
        key: "drop_vowels",
        phrase: "remove the vowels from {}",
        expr: "\"\".join({x} for {x} in {a} if {x} not in \"aeiouAEIOU\")",
        range: None,
        eval: |s, _| chars(s, |c| !"aeiouAEIOU".contains(*c)),
    },
    Step {
        key: "keep_letters",
        phrase: "keep only the letters of {}",
        expr: "\"\".join({x} for {x} in {a} if {x}.isalpha())",
        range: None,
        eval: |s, _| chars(s, char::is_ascii_alphabetic),
    },
    Step {
        key: "drop_spaces",
        phrase: "remove the spaces from {}",
        expr: "{a}.replace(\" \", \"\")",
        range: None,
        eval: |s, _| s.replace(' ', ""),
    },
    Step {
        key: "drop_first",
        phrase: "drop the first {k} characters of {}",
        expr: "{a}[{k}:]",
        range: Some((1, 4)),
        eval: |s, k| s.chars().skip(k).collect(),
    },
    Step {
        key: "keep_first",
        phrase: "keep the first {k} characters of {}",
        expr: "{a}[:{k}]",
        range: Some((2, 6)),
        eval: |s, k| s.chars().take(k).collect(),
    },
    Step {
        key: "drop_last",
        phrase: "drop the last {k} characters of {}",
        expr: "{a}[:-{k}]",
        range: Some((1, 4)),
        eval: |s, k| s.chars().take(s.chars().count().saturating_sub(k)).collect(),
    },
    Step {
        key: "every_other",
        phrase: "keep every second character of {}",
        expr: "{a}[::2]",
        range: None,
        eval: |s, _| s.chars().step_by(2).collect(),
    },
    Step {
        key: "double_chars",
        phrase: "double every character of {}",
        expr: "\"\".join({x} * 2 for {x} in {a})",
        range: None,
        eval: |s, _| s.chars().flat_map(|c| [c, c]).collect(),
    },
    Step {
        key: "sort",
        phrase: "sort the characters of {}",
        expr: "\"\".join(sorted({a}))",
        range: None,
        eval: |s, _| {
            let mut v: Vec<char> = s.chars().collect();
            v.sort_unstable();
            v.into_iter().collect()
        },
    },
    Step {
        key: "exclaim",
        phrase: "add {k} exclamation marks to {}",
        expr: "{a} + \"!\" * {k}",
        range: Some((1, 4)),
        eval: |s, k| format!("{s}{}", "!".repeat(k)),
    },
    Step { key: "repeat", phrase: "repeat {} {k} times", expr: "{a} * {k}", range: Some((2, 3)), eval: str::repeat },
    Step {
        key: "star",
        phrase: "put a star in front of {}",
        expr: "\"*\" + {a}",
        range: None,
        eval: |s, _| format!("*{s}"),
    },
    Step {
        key: "a_to_o",
        phrase: "replace each 'a' by 'o' in {}",
        expr: "{a}.replace(\"a\", \"o\")",
        range: None,
        eval: |s, _| s.replace('a', "o"),
    },
    Step {
        key: "mirror",
        phrase: "append the reverse of {} to it",
        expr: "{a} + {a}[::-1]",
        range: None,
        eval: |s, _| s.chars().chain(s.chars().rev()).collect(),
    },
];

fn run(steps: &[(&Step, i128)], args: &[Value]) -> Option<Value> {
    let text = Call { args, consts: &[] }.str(0)?.to_string();
    Some(Value::Str(steps.iter().fold(text, |text, (step, k)| (step.eval)(&text, *k as usize))))
}

fn draft(concept: &'static str, level: u8, count: usize, dice: &mut Dice) -> Option<Draft> {
    let mut steps: Vec<(&'static Step, i128)> = vec![];
    for _ in 0..count {
        let step = dice.choose(STEPS);
        if steps.iter().any(|(seen, _)| seen.key == step.key) {
            return None;
        }
        steps.push((step, constant(step.range, dice)));
    }
    let args = [Arg::Str];
    let params = parameter_names(&args, dice);
    let text = params[0];
    let x = fresh(Arg::Str.loop_names(), &params, dice);

    let phrases: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(i, (step, k))| with_k(step.phrase, *k).replace("{}", if i == 0 { text } else { "it" }))
        .collect();
    let finish =
        dice.pick(&[", and return it.", ". Return the result.", ", then return it.", ", and return the result."]);
    let description = format!("{}{finish}", upper_first(&chain(&phrases, dice)));

    let one_by_one = count > 1 || dice.chance(0.3);
    let mut body = String::new();
    for (i, (step, k)) in steps.iter().enumerate() {
        let code = with_k(step.expr, *k);
        if i + 1 == steps.len() && (!one_by_one || dice.chance(0.5)) {
            body.push_str(&format!("return {code}"));
        } else {
            body.push_str(&format!("{{a}} = {code}\n"));
            if i + 1 == steps.len() {
                body.push_str("return {a}");
            }
        }
    }
    let body = body.replace("{a}", text).replace("{x}", x);

    let mut wrong: Vec<Meaning<'_>> = vec![];
    for i in 0..steps.len() {
        let mut without = steps.clone();
        without.remove(i);
        wrong.push(Box::new(move |args| run(&without, args)));
        if steps[i].0.range.is_some() {
            let mut shifted = steps.clone();
            shifted[i].1 += 1;
            wrong.push(Box::new(move |args| run(&shifted, args)));
        }
    }
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &["change_text", "rewrite", "transform_text", "edit", "convert", "text_steps", "modify", "restyle"],
        description,
        body,
        rules: steps.iter().map(|(step, _)| format!("string.{}", step.key)).collect(),
        idea: "A string never changes; each step makes a new one and gives it the old name.",
        eval: Box::new(|args| run(&steps, args)),
        wrong,
    }
    .draft(dice)
}
