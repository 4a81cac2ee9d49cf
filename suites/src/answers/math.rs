//! Whether two mathematical answers mean the same.

use super::expression::{has_words, value};
use super::math_normal_form;

/// Answers longer than this are compared as texts only.
const MAX_CHARS: usize = 400;

/// Two values are equal within this share of the larger one.
const TOLERANCE: f64 = 1e-9;

/// Whether two answers mean the same: see the module's rules.
#[must_use]
pub fn math_equivalent(a: &str, b: &str) -> bool {
    equivalent(&math_normal_form(a), &math_normal_form(b), 0)
}

/// The same of normal forms.
fn equivalent(a: &str, b: &str, depth: usize) -> bool {
    if a == b {
        return !a.is_empty();
    }
    if a.is_empty() || b.is_empty() || depth > 6 || a.chars().count().max(b.chars().count()) > MAX_CHARS {
        return false;
    }
    if has_words(a) || has_words(b) {
        return matrices(a, b, depth) || a.eq_ignore_ascii_case(b);
    }
    same_value(a, b) || plus_minus(a, b, depth) || parts(a, b, depth) || relations(a, b, depth)
}

/// Both are expressions, and have the same value whatever their letters are.
fn same_value(a: &str, b: &str) -> bool {
    let mut compared = 0;
    for point in 0..6 {
        // The letters' values differ from each other and from point to point; what they are doesn't matter.
        let letter = |name: &str| {
            let seed = name.bytes().fold(17u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
            1.1 + (seed % 97) as f64 / 41.0 + f64::from(point) * 0.37
        };
        let (Some(a), Some(b)) = (value(a, &letter), value(b, &letter)) else { return false };
        if !a.is_finite() || !b.is_finite() {
            continue;
        }
        if (a - b).abs() > TOLERANCE * a.abs().max(b.abs()) {
            return false;
        }
        compared += 1;
    }
    compared >= 2
}

/// Tuples, intervals, sets, lists and unions.
fn parts(a: &str, b: &str, depth: usize) -> bool {
    let all = |a: &[&str], b: &[&str]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equivalent(a, b, depth + 1));
    let (unions_a, unions_b): (Vec<&str>, Vec<&str>) = (a.split("\\cup").collect(), b.split("\\cup").collect());
    if unions_a.len() > 1 || unions_b.len() > 1 {
        return all(&unions_a, &unions_b);
    }
    match (bracketed(a), bracketed(b)) {
        (Some((open_a, inner_a, close_a)), Some((open_b, inner_b, close_b))) => {
            let (items_a, items_b) = (split(inner_a), split(inner_b));
            let same_brackets = (open_a, close_a) == (open_b, close_b);
            same_brackets
                && if open_a == "\\{" { in_some_order(&items_a, &items_b, depth) } else { all(&items_a, &items_b) }
        }
        (None, None) => {
            let (items_a, items_b) = (split(a), split(b));
            items_a.len() > 1 && in_some_order(&items_a, &items_b, depth)
        }
        // A set in braces and the bare list of its members.
        (Some(("\\{", inner, _)), None) => in_some_order(&split(inner), &split(b), depth),
        (None, Some(("\\{", inner, _))) => in_some_order(&split(a), &split(inner), depth),
        _ => false,
    }
}

/// Whether each member of one list has a partner of its own in the other.
fn in_some_order(a: &[&str], b: &[&str], depth: usize) -> bool {
    let mut left: Vec<&&str> = b.iter().collect();
    a.len() == b.len()
        && a.iter().all(|item| match left.iter().position(|other| equivalent(item, other, depth + 1)) {
            Some(at) => {
                left.remove(at);
                true
            }
            None => false,
        })
}

/// `a \pm b` is the list of both.
fn plus_minus(a: &str, b: &str, depth: usize) -> bool {
    let spelt = |text: &str| {
        text.contains("\\pm").then(|| format!("{},{}", text.replace("\\pm", "+"), text.replace("\\pm", "-")))
    };
    let tidy = |text: String| text.trim_start_matches('+').replace(",+", ",");
    match (spelt(a), spelt(b)) {
        (None, None) => false,
        (left, right) => {
            let left = left.map_or_else(|| a.to_owned(), tidy);
            let right = right.map_or_else(|| b.to_owned(), tidy);
            equivalent(&left, &right, depth + 1)
        }
    }
}

/// Equations and inequalities with equivalent sides.
fn relations(a: &str, b: &str, depth: usize) -> bool {
    ["\\le", "\\ge", "<", ">", "="].iter().any(|relation| {
        let (a, b): (Vec<&str>, Vec<&str>) = (a.split(relation).collect(), b.split(relation).collect());
        a.len() > 1 && a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| equivalent(a, b, depth + 1))
    })
}

/// Matrices with equivalent entries.
fn matrices(a: &str, b: &str, depth: usize) -> bool {
    let rows = |text: &str| -> Option<Vec<Vec<String>>> {
        let inner = text.strip_prefix("\\begin{pmatrix}")?.strip_suffix("\\end{pmatrix}")?;
        let cells = |row: &str| row.split('&').map(str::to_owned).collect();
        Some(inner.trim_end_matches("\\\\").split("\\\\").map(cells).collect())
    };
    let (Some(a), Some(b)) = (rows(a), rows(b)) else { return false };
    let same_row = |a: &Vec<String>, b: &Vec<String>| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equivalent(a, b, depth + 1))
    };
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same_row(a, b))
}

/// Opening bracket, what is between, closing bracket, where one pair holds everything and there is a comma in it.
fn bracketed(text: &str) -> Option<(&'static str, &str, &'static str)> {
    let open = ["(", "[", "\\{"].into_iter().find(|open| text.starts_with(open))?;
    let close = [")", "]", "\\}"].into_iter().find(|close| text.ends_with(close))?;
    let inner = text.get(open.len()..text.len().checked_sub(close.len())?)?;
    let mut depth = 0i32;
    for c in inner.chars() {
        depth += i32::from(matches!(c, '(' | '[' | '{')) - i32::from(matches!(c, ')' | ']' | '}'));
        if depth < 0 {
            return None;
        }
    }
    (depth == 0 && (open == "\\{" || split(inner).len() > 1)).then_some((open, inner, close))
}

/// The pieces between commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut pieces) = (0i32, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                pieces.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}
