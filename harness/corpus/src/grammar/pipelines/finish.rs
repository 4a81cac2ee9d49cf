//! The last step that all pipelines share: from words, body and meaning to a draft.

use crate::grammar::args::Arg;
use crate::grammar::dice::Dice;
pub use crate::grammar::draft::Meaning;
use crate::grammar::draft::{Draft, Semantics, draw_cases};
use crate::grammar::wording::{function_name, indent, introduce, num_examples};

/// A pipeline as a family lays it out.
pub struct Layout<'a> {
    pub concept: &'static str,
    pub level: u8,
    pub args: &'a [Arg],
    pub params: &'a [&'static str],
    pub names: &'a [&'a str],
    pub description: String,
    pub body: String,
    pub rules: Vec<String>,
    pub idea: &'static str,
    pub eval: Meaning<'a>,
    /// Wrong readings that the tests must tell apart, such as a stage left out or a constant off by one.
    pub wrong: Vec<Meaning<'a>>,
}

impl Layout<'_> {
    /// Draws name, tests and examples.
    pub fn draft(self, dice: &mut Dice) -> Option<Draft> {
        let entry_point = function_name(self.names, dice);
        if self.params.contains(&entry_point.as_str()) {
            return None;
        }
        let mut order: Vec<usize> = (0..self.params.len()).collect();
        if dice.chance(0.4) {
            dice.shuffle(&mut order);
        }
        let semantics = Semantics { args: self.args, order: &order, eval: &self.eval, wrong: &self.wrong };
        let cases = draw_cases(&semantics, dice)?;
        let listed: Vec<&str> = order.iter().map(|i| self.params[*i]).collect();
        let description =
            if dice.chance(0.15) { introduce(&self.description, self.args, self.params) } else { self.description };
        Some(Draft {
            concept: self.concept,
            level: self.level,
            signature: format!("def {entry_point}({}):", listed.join(", ")),
            entry_point,
            description,
            body: indent(&self.body),
            cases,
            num_examples: num_examples(dice),
            rules: self.rules,
            idea: self.idea,
        })
    }
}

/// `a, b and c`, or `a, then b, then c`.
pub fn chain(steps: &[String], dice: &mut Dice) -> String {
    match steps {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first}{}{second}", dice.pick(&[", then ", " and ", ", "])),
        _ if dice.chance(0.5) => steps.join(", then "),
        _ => steps.join(", "),
    }
}

/// The sentence with its first letter in upper case.
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    first + chars.as_str()
}
