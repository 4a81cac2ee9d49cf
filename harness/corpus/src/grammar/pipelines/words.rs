//! Lists of words: filter, change, and put together.

use super::finish::{Layout, Meaning, upper_first};
use super::parts::{constant, with_k};
use crate::grammar::Concept;
use crate::grammar::args::{Arg, capitalize};
use crate::grammar::dice::Dice;
use crate::grammar::draft::Draft;
use crate::grammar::value::{Call, Value};
use crate::grammar::wording::{fresh, parameter_names};

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("words_filter_reduce", 3, |dice| draft("words_filter_reduce", 3, false, dice)),
    Concept::drawn("words_filter_map_reduce", 4, |dice| draft("words_filter_map_reduce", 4, true, dice)),
];

struct Filter {
    key: &'static str,
    noun: &'static str,
    cond: &'static str,
    range: Option<(i128, i128)>,
    eval: fn(&str, usize) -> bool,
}

struct Change {
    key: &'static str,
    phrase: &'static str,
    expr: &'static str,
    range: Option<(i128, i128)>,
    eval: fn(&str, usize) -> String,
}

struct Reduce {
    key: &'static str,
    noun: &'static str,
    expr: &'static str,
    eval: fn(&[String]) -> Value,
}

const FILTERS: &[Filter] = &[
    Filter {
        key: "longer",
        noun: "words with more than {k} letters",
        cond: "len({x}) > {k}",
        range: Some((2, 5)),
        eval: |w, k| w.len() > k,
    },
    Filter {
        key: "shorter",
        noun: "words with less than {k} letters",
        cond: "len({x}) < {k}",
        range: Some((4, 6)),
        eval: |w, k| w.len() < k,
    },
    Filter {
        key: "exactly",
        noun: "words of {k} letters",
        cond: "len({x}) == {k}",
        range: Some((3, 5)),
        eval: |w, k| w.len() == k,
    },
    Filter {
        key: "even_length",
        noun: "words of even length",
        cond: "len({x}) % 2 == 0",
        range: None,
        eval: |w, _| w.len() % 2 == 0,
    },
    Filter {
        key: "has_e",
        noun: "words that contain an 'e'",
        cond: "\"e\" in {x}",
        range: None,
        eval: |w, _| w.contains('e'),
    },
    Filter {
        key: "no_a",
        noun: "words without an 'a'",
        cond: "\"a\" not in {x}",
        range: None,
        eval: |w, _| !w.contains('a'),
    },
    Filter {
        key: "starts_vowel",
        noun: "words that start with a vowel",
        cond: "{x}[0] in \"aeiou\"",
        range: None,
        eval: |w, _| w.starts_with(['a', 'e', 'i', 'o', 'u']),
    },
    Filter {
        key: "ends_vowel",
        noun: "words that end in a vowel",
        cond: "{x}[-1] in \"aeiou\"",
        range: None,
        eval: |w, _| w.ends_with(['a', 'e', 'i', 'o', 'u']),
    },
];

const CHANGES: &[Change] = &[
    Change { key: "upper", phrase: "in upper case", expr: "{x}.upper()", range: None, eval: |w, _| w.to_uppercase() },
    Change {
        key: "reversed",
        phrase: "each reversed",
        expr: "{x}[::-1]",
        range: None,
        eval: |w, _| w.chars().rev().collect(),
    },
    Change {
        key: "capitalized",
        phrase: "each capitalized",
        expr: "{x}.capitalize()",
        range: None,
        eval: |w, _| capitalize(w),
    },
    Change {
        key: "cut",
        phrase: "each cut to {k} letters",
        expr: "{x}[:{k}]",
        range: Some((1, 3)),
        eval: |w, k| w.chars().take(k).collect(),
    },
    Change { key: "doubled", phrase: "each written twice", expr: "{x} * 2", range: None, eval: |w, _| w.repeat(2) },
    Change {
        key: "marked",
        phrase: "each followed by a dot",
        expr: "{x} + \".\"",
        range: None,
        eval: |w, _| format!("{w}."),
    },
    Change {
        key: "tail",
        phrase: "each without its first letter",
        expr: "{x}[1:]",
        range: None,
        eval: |w, _| w.chars().skip(1).collect(),
    },
    Change {
        key: "sorted",
        phrase: "each with its letters sorted",
        expr: "\"\".join(sorted({x}))",
        range: None,
        eval: |w, _| {
            let mut v: Vec<char> = w.chars().collect();
            v.sort_unstable();
            v.into_iter().collect()
        },
    },
];

const REDUCES: &[Reduce] = &[
    Reduce { key: "list", noun: "the list", expr: "{l}", eval: |v| Value::strs(v.to_vec()) },
    Reduce {
        key: "spaced",
        noun: "the space-joined string",
        expr: "\" \".join({l})",
        eval: |v| Value::Str(v.join(" ")),
    },
    Reduce {
        key: "dashed",
        noun: "the dash-joined string",
        expr: "\"-\".join({l})",
        eval: |v| Value::Str(v.join("-")),
    },
    Reduce { key: "count", noun: "the number", expr: "len({l})", eval: |v| Value::Int(v.len() as i128) },
    Reduce {
        key: "sorted",
        noun: "the sorted list",
        expr: "sorted({l})",
        eval: |v| {
            let mut v = v.to_vec();
            v.sort();
            Value::strs(v)
        },
    },
    Reduce {
        key: "letters",
        noun: "the total length",
        expr: "sum(len({x}) for {x} in {l})",
        eval: |v| Value::Int(v.iter().map(|w| w.len() as i128).sum()),
    },
    Reduce {
        key: "reversed",
        noun: "the reversed list",
        expr: "{l}[::-1]",
        eval: |v| Value::strs(v.iter().rev().cloned()),
    },
];

fn run(
    filter: Option<(&Filter, i128)>,
    change: Option<(&Change, i128)>,
    reduce: &Reduce,
    args: &[Value],
) -> Option<Value> {
    let words = Call { args, consts: &[] }.strs(0)?;
    let kept = words.into_iter().filter(|w| filter.is_none_or(|(filter, k)| (filter.eval)(w, k as usize)));
    let changed: Vec<String> =
        kept.map(|w| change.map_or(w.clone(), |(change, k)| (change.eval)(&w, k as usize))).collect();
    Some((reduce.eval)(&changed))
}

fn draft(concept: &'static str, level: u8, with_change: bool, dice: &mut Dice) -> Option<Draft> {
    let filter = dice.choose(FILTERS);
    let f = constant(filter.range, dice);
    let reduce = dice.choose(REDUCES);
    let change = with_change.then(|| {
        let change = dice.choose(CHANGES);
        (change, constant(change.range, dice))
    });
    if with_change && matches!(reduce.key, "count" | "letters") {
        return None;
    }
    let args = [Arg::Words];
    let params = parameter_names(&args, dice);
    let list = params[0];
    let x = fresh(Arg::Words.loop_names(), &params, dice);

    let noun = with_k(filter.noun, f);
    let changed = change.map_or(String::new(), |(change, k)| format!(", {}", with_k(change.phrase, k)));
    let description = match dice.below(3) {
        0 => format!("Keep the {noun} in {list}{changed}, and return {}.", reduce.noun),
        1 => format!("From {list} take the {noun}{changed}. Return {}.", reduce.noun),
        _ => {
            let give = dice.pick(&["return", "give", "compute", "find"]);
            upper_first(&format!("{give} {} of the {noun} in {list}{changed}.", reduce.noun))
        }
    };
    let element = change.map_or("{x}".to_string(), |(change, k)| with_k(change.expr, k));
    let made = format!("[{element} for {{x}} in {{a}} if {}]", with_k(filter.cond, f));
    let body = if dice.chance(0.5) {
        format!("{{a}} = {made}\nreturn {}", reduce.expr.replace("{l}", "{a}"))
    } else {
        format!("return {}", reduce.expr.replace("{l}", &made))
    };
    let body = body.replace("{a}", list).replace("{x}", x);
    let mut wrong: Vec<Meaning<'_>> = vec![Box::new(|args| run(None, change, reduce, args))];
    if change.is_some() {
        wrong.push(Box::new(|args| run(Some((filter, f)), None, reduce, args)));
    }
    if filter.range.is_some() {
        wrong.push(Box::new(|args| run(Some((filter, f + 1)), change, reduce, args)));
    }
    let mut rules = vec![format!("words.filter.{}", filter.key), format!("words.reduce.{}", reduce.key)];
    rules.extend(change.map(|(change, _)| format!("words.map.{}", change.key)));
    Layout {
        concept,
        level,
        args: &args,
        params: &params,
        names: &["select_words", "pick_words", "word_list", "join_selected", "choose_words", "words_where", "gather"],
        description,
        body,
        rules,
        idea: "The comprehension first asks whether a word stays, then says what becomes of it.",
        eval: Box::new(|args| run(Some((filter, f)), change, reduce, args)),
        wrong,
    }
    .draft(dice)
}
