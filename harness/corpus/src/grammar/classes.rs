//! Small classes: the tests call methods of a fresh object.

use super::Concept;
use super::dice::Dice;
use super::draft::{Case, Draft};
use super::value::Value::{self, Int};
use super::wording::{indent, num_examples};

pub(super) const CONCEPTS: &[Concept] = &[
    Concept::drawn("counter_class", 3, counter),
    Concept::drawn("account_class", 4, account),
    Concept::drawn("stack_class", 4, stack),
    Concept::drawn("rectangle_class", 3, rectangle),
];

struct Layout {
    concept: &'static str,
    level: u8,
    name: &'static str,
    description: String,
    body: String,
    idea: &'static str,
}

fn finish(layout: Layout, mut cases: Vec<(String, Value)>, dice: &mut Dice) -> Option<Draft> {
    cases.dedup();
    let mut distinct: Vec<&Value> = vec![];
    for (_, expected) in &cases {
        if !distinct.contains(&expected) {
            distinct.push(expected);
        }
    }
    if cases.len() < 5 || distinct.len() < 3 {
        return None;
    }
    Some(Draft {
        concept: layout.concept,
        level: layout.level,
        entry_point: layout.name.to_string(),
        signature: format!("class {}:", layout.name),
        description: layout.description,
        body: indent(&layout.body),
        cases: cases.into_iter().map(|(call, expected)| Case { call, expected }).collect(),
        num_examples: num_examples(dice),
        rules: vec![layout.concept.to_string()],
        idea: layout.idea,
    })
}

fn counter(dice: &mut Dice) -> Option<Draft> {
    let name = *dice.choose(&["Counter", "Ticker", "Tally", "Clicker", "Meter", "Dial"]);
    let method = *dice.choose(&["up", "tick", "click", "advance", "bump", "step", "next"]);
    let start = *dice.choose(&["start", "value", "n", "first", "initial", "base"]);
    let step = dice.range(1, 12);
    let description = match dice.below(3) {
        0 => format!("A counter that begins at {start}; {method} adds {step} and returns the new count."),
        1 => format!("Counts from {start}: each call of {method} adds {step} and returns the count."),
        _ => format!("Holds a count that begins at {start}. The method {method} adds {step} and returns it."),
    };
    let body = format!(
        "def __init__(self, {start}):\n    self.count = {start}\n\ndef {method}(self):\n    self.count += {step}\n    return self.count"
    );
    let cases = (0..6).map(|_| dice.range(-5, 40)).map(|n| (format!("{{f}}({n}).{method}()"), Int(n + step))).collect();
    finish(
        Layout {
            concept: "counter_class",
            level: 3,
            name,
            description,
            body,
            idea: "The object remembers its count between calls.",
        },
        cases,
        dice,
    )
}

fn account(dice: &mut Dice) -> Option<Draft> {
    let name = *dice.choose(&["Account", "Wallet", "Purse", "Tank", "Store", "Budget"]);
    let method = *dice.choose(&["withdraw", "take", "spend", "draw", "use", "remove"]);
    let amount = *dice.choose(&["amount", "n", "value", "much", "x"]);
    let start = *dice.choose(&["balance", "start", "total", "level"]);
    let fee = dice.range(1, 9);
    let description = match dice.below(2) {
        0 => format!(
            "Holds {start}. The method {method} subtracts {amount} and a fee of {fee} if that leaves no less than 0, and returns what is left."
        ),
        _ => format!(
            "Begins with {start}; {method} takes {amount} plus a fee of {fee}, unless that would go below 0, and returns what is left."
        ),
    };
    let body = format!(
        "def __init__(self, {start}):\n    self.{start} = {start}\n\ndef {method}(self, {amount}):\n    if self.{start} >= {amount} + {fee}:\n        self.{start} -= {amount} + {fee}\n    return self.{start}"
    );
    let mut cases = vec![];
    for i in 0..6 {
        let have = dice.range(12, 60);
        let want = if i % 3 == 2 { have - fee + 1 } else { dice.range(1, have - fee - 1).max(0) };
        let left = if have >= want + fee { have - want - fee } else { have };
        cases.push((format!("{{f}}({have}).{method}({want})"), Int(left)));
    }
    finish(
        Layout {
            concept: "account_class",
            level: 4,
            name,
            description,
            body,
            idea: "The check comes before the change.",
        },
        cases,
        dice,
    )
}

fn stack(dice: &mut Dice) -> Option<Draft> {
    let name = *dice.choose(&["Stack", "Pile", "Tower", "Heap", "Box"]);
    let add = *dice.choose(&["push", "put", "add", "place", "lay"]);
    let item = *dice.choose(&["item", "x", "value", "thing", "element"]);
    let limit = dice.range(2, 5);
    let description = match dice.below(2) {
        0 => format!(
            "Holds at most {limit} items. The method {add} adds {item} if there is room and returns the list of items."
        ),
        _ => format!(
            "A stack for up to {limit} items; {add} puts {item} on top unless it is full, and returns all items."
        ),
    };
    let body = format!(
        "def __init__(self, items):\n    self.items = list(items)\n\ndef {add}(self, {item}):\n    if len(self.items) < {limit}:\n        self.items.append({item})\n    return self.items"
    );
    let mut cases = vec![];
    for i in 0..6 {
        let count = if i < 2 {
            limit - 1
        } else if i < 4 {
            limit
        } else {
            dice.range(0, limit + 1)
        };
        let items: Vec<i128> = (0..count).map(|_| dice.range(0, 9)).collect();
        let new = dice.range(10, 20);
        let mut after = items.clone();
        if count < limit {
            after.push(new);
        }
        cases.push((format!("{{f}}({}).{add}({new})", Value::ints(items).literal()), Value::ints(after)));
    }
    finish(
        Layout {
            concept: "stack_class",
            level: 4,
            name,
            description,
            body,
            idea: "A list inside the object holds the items.",
        },
        cases,
        dice,
    )
}

fn rectangle(dice: &mut Dice) -> Option<Draft> {
    let name = *dice.choose(&["Rectangle", "Field", "Room", "Garden", "Table", "Screen"]);
    let [a, b] = *dice.choose(&[["width", "height"], ["length", "width"], ["w", "h"], ["a", "b"], ["x", "y"]]);
    type Size = fn(i128, i128) -> i128;
    let (method, says, code, eval): (&str, &str, String, Size) = match dice.below(4) {
        0 => ("area", "its area", format!("self.{a} * self.{b}"), |a, b| a * b),
        1 => ("perimeter", "the length of its border", format!("2 * (self.{a} + self.{b})"), |a, b| 2 * (a + b)),
        2 => ("diagonal", "the square of its diagonal", format!("self.{a} ** 2 + self.{b} ** 2"), |a, b| a * a + b * b),
        _ => ("shorter", "its shorter side", format!("min(self.{a}, self.{b})"), i128::min),
    };
    let grow = dice.range(1, 9);
    let description = match dice.below(2) {
        0 => format!("Has {a} and {b}, each made {grow} larger at the start. The method {method} returns {says}."),
        _ => format!("A shape with {a} and {b}, to both of which {grow} is added; {method} returns {says}."),
    };
    let body = format!(
        "def __init__(self, {a}, {b}):\n    self.{a} = {a} + {grow}\n    self.{b} = {b} + {grow}\n\ndef {method}(self):\n    return {code}"
    );
    let cases = (0..6)
        .map(|_| (dice.range(1, 15), dice.range(1, 15)))
        .map(|(x, y)| (format!("{{f}}({x}, {y}).{method}()"), Int(eval(x + grow, y + grow))))
        .collect();
    finish(
        Layout {
            concept: "rectangle_class",
            level: 3,
            name,
            description,
            body,
            idea: "Methods read what the constructor stored.",
        },
        cases,
        dice,
    )
}
